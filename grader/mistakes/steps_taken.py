"""Descents that an author wrote step by step: uphill, without the rate, with an old gradient, one step more or less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.mistakes.recipes import ANSWER, Recipe
from grader.reading.tree import ONE, Tree, add, multiply, names_in, neg, number

Values = Mapping[str, Tree]


@dataclass(frozen=True, slots=True)
class Move:
    """A step of a descent: the name of the new point, and of the old one."""

    name: str
    point: str


def changed_descents(recipe: Recipe) -> Iterator[tuple[str, Values]]:
    """Changed values of quantities with which the answer is worked out again."""
    rates = [name for name in recipe.rates if name in recipe.right]
    behind = recipe.origins.get(ANSWER, frozenset())
    rates = [name for name in sorted(recipe.rates) if name in behind or name in recipe.right]
    if rates:
        yield "ascent", {name: neg(_value(recipe, name)) for name in rates}
        yield "rate-forgotten", dict.fromkeys(rates, ONE)
    for name in sorted(recipe.momenta & recipe.right.keys()):
        yield "momentum-sign", {name: neg(recipe.right[name])}
    moves = tuple(_moves(recipe))
    if moves:
        yield from _of_moves(recipe, moves)


def reaches_a_point(recipe: Recipe) -> bool:
    """Whether the answer is where a step of a descent ends."""
    return any(move.name in recipe.entries for move in _moves(recipe))


def _value(recipe: Recipe, name: str) -> Tree:
    return recipe.right.get(name, Tree("name", (), name))


def _moves(recipe: Recipe) -> Iterator[Move]:
    """The steps of the form point plus something that depends on the rate or is made of derivatives."""
    known: set[str] = set()
    for step in recipe.steps:
        tree = step.formula
        if tree is None or tree.kind != "sum":
            continue
        points = [term.value for term in tree.args if term.kind == "name"]
        points = [name for name in points if name in known or not _drives(recipe, name)]
        others = [term for term in tree.args if not (term.kind == "name" and term.value in points)]
        if len(points) == 1 and others and all(_is_driven(recipe, term) for term in others):
            known.add(step.name)
            yield Move(step.name, points[0])


def _drives(recipe: Recipe, name: str) -> bool:
    """Whether a quantity depends on the rate or comes from a derivative."""
    if recipe.depends(name, recipe.rates):
        return True
    behind = {name, *recipe.origins.get(name, frozenset())}
    return any(step.kind in {"derivative", "gradient"} for step in recipe.steps if step.name in behind)


def _is_driven(recipe: Recipe, term: Tree) -> bool:
    return any(_drives(recipe, name) for name in names_in(term))


def _of_moves(recipe: Recipe, moves: tuple[Move, ...]) -> Iterator[tuple[str, Values]]:
    points = {move.point for move in moves}
    last = [move for move in moves if move.name not in points]
    if not any(recipe.depends(move.name, recipe.rates) for move in moves):
        turned = (add(multiply(number(2), _value(recipe, move.point)), neg(recipe.right[move.name])) for move in last)
        yield "ascent", dict(zip((move.name for move in last), turned, strict=True))
    if _is_velocity(recipe, last):
        yield "gradient-not-updated", {move.name: _value(recipe, move.point) for move in last}
        return
    onwards = recipe.reworked({move.point: recipe.right[move.name] for move in last})
    yield "step-too-many", {move.name: onwards[move.name] for move in last}
    if all(move.point in {each.name for each in moves} for move in last):
        yield "step-too-few", {move.name: _value(recipe, move.point) for move in last}
    yield from _with_old_gradient(recipe, moves)
    if len(last) > 1:
        yield from _one_after_the_other(recipe, last)


def _is_velocity(recipe: Recipe, last: list[Move]) -> bool:
    """Whether the answer is itself a move that begins at the points reached."""
    names = frozenset(move.name for move in last)
    return any(
        step.name not in names and step.uses & recipe.rates and recipe.depends(step.name, names)
        for step in recipe.steps
    )


def _with_old_gradient(recipe: Recipe, moves: tuple[Move, ...]) -> Iterator[tuple[str, Values]]:
    """Later steps with what was worked out at the first point."""
    by_name = {move.name: move for move in moves}
    later = [move for move in moves if move.point in by_name]
    if not later:
        return
    starts = {}
    for move in later:
        first = by_name[move.point]
        while first.point in by_name:
            first = by_name[first.point]
        starts[move.point] = _value(recipe, first.point)
    stale = recipe.reworked(starts)
    between = {
        step.name
        for step in recipe.steps
        if step.name not in by_name
        and recipe.depends(step.name, frozenset(starts))
        and step.name != ANSWER
        and any(recipe.depends(move.name, frozenset({step.name})) for move in later)
    }
    changed: dict[str, Tree] = {name: stale[name] for name in between}
    for move in later:
        before = changed.get(move.point, recipe.right[move.point])
        changed[move.name] = add(before, stale[move.name], neg(starts[move.point]))
    yield "gradient-not-updated", changed


def _one_after_the_other(recipe: Recipe, last: list[Move]) -> Iterator[tuple[str, Values]]:
    changed: dict[str, Tree] = {}
    for move in last:
        moved = {each.point: changed[each.name] for each in last if each.name in changed}
        changed[move.name] = recipe.reworked(moved)[move.name] if moved else recipe.right[move.name]
    yield "sequential-update", changed
