"""Formulas of an author with one slip in them: a term lost, a half forgotten, a step more or less."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from grader.mistakes.recipes import Recipe, Step
from grader.mistakes.results import mean_of
from grader.reading.tree import ZERO, Tree, add, literal_value, multiply, names_in, number, power, substitute

MOST_TERMS = 8
SQUARE = 2
TWOS = frozenset({2, 4, 8})
"""A two, or several that were multiplied."""


def slips(recipe: Recipe, step: Step) -> Iterator[tuple[str, Tree]]:
    """The formula of a step with one slip."""
    tree = step.formula
    if tree is None:
        return
    yield from _without_halves(recipe, tree)
    yield from _without_mean(recipe, tree)
    if names_in(recipe.key):
        yield from _without_a_term(tree)


def slips_throughout(recipe: Recipe) -> Iterator[tuple[str, Mapping[str, Step]]]:
    """Formulas of several steps at once with one slip that is made in all of them."""
    powers = {step.name: _powers_of_steps(recipe, step.formula) for step in recipe.steps if step.formula is not None}
    if any(powers.values()):
        # Where the number of steps has a name, other exponents are those of squares.
        named = {each: [node for node in nodes if names_in(node.args[1])] for each, nodes in powers.items()}
        powers = named if any(named.values()) else powers
        for mistake, more in (("step-too-many", 1), ("step-too-few", -1)):
            yield mistake, _changed(recipe, partial(_with_exponents, powers=powers, more=more))
    without = _changed(recipe, lambda step: _without_factors(step.formula or ZERO))
    for changed in (without, *({each: step} for each, step in without.items() if len(without) > 1)):
        if changed:
            yield "exponent-factor-missing", changed


def _changed(recipe: Recipe, change: Callable[[Step], Tree]) -> Mapping[str, Step]:
    """The steps whose formula becomes another one."""
    found = {step.name: Step(step.name, change(step)) for step in recipe.steps if step.formula is not None}
    return {name: step for name, step in found.items() if step != recipe.step(name)}


def _without_factors(tree: Tree) -> Tree:
    """The formula without the factors that come from exponents: each two, and a number before its own power."""
    args = tuple(map(_without_factors, tree.args))
    if tree.kind != "product":
        return tree._replace(args=args) if args else tree
    kept = [factor for factor in args if not _is_from_exponent(factor, args)]
    # A number alone is the exponent of nothing.
    return multiply(*kept) if any(map(names_in, kept)) else tree._replace(args=args)


def _is_from_exponent(factor: Tree, factors: Sequence[Tree]) -> bool:
    value = literal_value(factor)
    if value is None or value < SQUARE:
        return False
    if value in TWOS:
        return True
    lowered = {literal_value(each.args[1]) for each in factors if each.kind == "power"}
    return value - 1 in lowered


def _without_halves(recipe: Recipe, tree: Tree) -> Iterator[tuple[str, Tree]]:
    """A Taylor polynomial or a prediction of second order without the factors one half."""
    of_second_order = frozenset(step.name for step in recipe.steps if is_second_order(recipe, step))
    if not names_in(tree) & of_second_order:
        return
    changed = _doubled_halves(tree, of_second_order)
    if changed != tree:
        yield "taylor-factorial-missing", changed


def is_second_order(recipe: Recipe, step: Step) -> bool:
    """Whether a step is a second derivative, or an entry or value of one."""
    if step.kind == "hessian" or (step.kind == "derivative" and _whole(step, "order") == 2):
        return True
    if step.kind not in {"entry", "value"}:
        return False
    behind = (recipe.step(name) for name in step.uses)
    return any(each is not None and is_second_order(recipe, each) for each in behind)


def _whole(step: Step, field: str) -> int | None:
    value = step.fields.get(field)
    found = literal_value(value) if isinstance(value, Tree) else value
    return None if found is None else int(found)


def _doubled_halves(tree: Tree, names: frozenset[str]) -> Tree:
    """Quotients by two that hold one of the names, without the division."""
    if tree.kind == "quotient" and literal_value(tree.args[1]) == 2 and names_in(tree.args[0]) & names:
        return tree.args[0]
    if tree.kind in {"sum", "product", "neg", "quotient", "vector", "list", "row", "matrix"}:
        return tree._replace(args=tuple(_doubled_halves(arg, names) for arg in tree.args))
    return tree


def _without_mean(recipe: Recipe, tree: Tree) -> Iterator[tuple[str, Tree]]:
    mean = mean_of(_with_sums(recipe, tree.args[0] if tree.kind == "neg" else tree))
    if mean is None or mean[0] is None:
        return
    count, terms, divisor = mean[0], mean[1], mean[2]
    # Of two numbers the half has many reasons.
    is_telling = terms > 2 or (terms == 2 and names_in(recipe.put_in(tree)))
    if count in {terms, 2 * terms} and is_telling:
        yield "mean-factor-lost", multiply(divisor, tree)
    # The two of a square may have gone into the divisor.
    if (count in {terms, 2 * terms} and is_telling) or (terms > SQUARE and 2 * count == terms):
        yield "mean-factor-lost", multiply(number(terms), tree)


def _with_sums(recipe: Recipe, tree: Tree) -> Tree:
    """The formula with the sums written out that it only names."""
    steps = {each: recipe.step(each) for each in names_in(tree)}
    formulas = {each: step.formula for each, step in steps.items() if step is not None and step.formula is not None}
    return substitute(tree, {each: formula for each, formula in formulas.items() if formula.kind == "sum"})


def _powers_of_steps(recipe: Recipe, tree: Tree | None) -> list[Tree]:
    """The powers in the closed form of a descent: of what depends on the rate, or of a number to an open one."""
    return [] if tree is None else [n for n in _nodes(tree) if n.kind == "power" and _is_factor_of_steps(recipe, n)]


def _is_factor_of_steps(recipe: Recipe, node: Tree) -> bool:
    base, exponent = node.args
    if exponent.kind == "name" and exponent.value not in recipe.right and not _has_derivatives(recipe):
        return bool(names_in(base)) and not names_in(recipe.put_in(base))
    if any(recipe.depends(name, recipe.rates) for name in names_in(exponent)):
        return False
    is_rate_alone = base.kind == "name" and base.value in recipe.rates
    return not is_rate_alone and any(recipe.depends(name, recipe.rates) for name in names_in(base))


def _has_derivatives(recipe: Recipe) -> bool:
    return any(step.fields.get("by") for step in recipe.steps)


def _with_exponents(step: Step, powers: Mapping[str, list[Tree]], more: int) -> Tree:
    return ZERO if step.formula is None else _with_exponent(step.formula, powers[step.name], more)


def _with_exponent(tree: Tree, powers: list[Tree], more: int) -> Tree:
    if tree in powers:
        return power(tree.args[0], add(tree.args[1], number(more)))
    return tree._replace(args=tuple(_with_exponent(arg, powers, more) for arg in tree.args)) if tree.args else tree


def _nodes(tree: Tree) -> Iterator[Tree]:
    yield tree
    for arg in tree.args:
        yield from _nodes(arg)


def _without_a_term(tree: Tree) -> Iterator[tuple[str, Tree]]:
    if tree.kind == "sum" and len(tree.args) <= MOST_TERMS:
        for place in range(len(tree.args)):
            yield "term-missing", add(*(each for at, each in enumerate(tree.args) if at != place))
