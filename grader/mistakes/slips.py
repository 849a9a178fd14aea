"""Formulas of an author with one slip in them: a term lost, a half forgotten, a step more or less."""

from __future__ import annotations

from collections.abc import Iterator

from grader.mistakes.recipes import Recipe, Step
from grader.mistakes.results import mean_of
from grader.reading.tree import Tree, add, literal_value, multiply, names_in, number, power

MOST_TERMS = 8


def slips(recipe: Recipe, step: Step) -> Iterator[tuple[str, Tree]]:
    """The formula of a step with one slip."""
    tree = step.formula
    if tree is None:
        return
    yield from _without_halves(recipe, tree)
    yield from _without_mean(recipe, tree)
    yield from _other_counts(recipe, tree)
    if names_in(recipe.key):
        yield from _without_a_term(tree)


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
    mean = mean_of(tree)
    if mean is None or mean[0] is None:
        return
    count, terms, divisor = mean
    # Of two numbers the half has many reasons.
    is_telling = terms > 2 or (terms == 2 and names_in(recipe.put_in(tree)))
    if count in {terms, 2 * terms} and is_telling:
        yield "mean-factor-lost", multiply(divisor, tree)
        yield "mean-factor-lost", multiply(number(terms), tree)


def _other_counts(recipe: Recipe, tree: Tree) -> Iterator[tuple[str, Tree]]:
    """The closed form of a descent with one step more or less: another exponent of what depends on the rate."""
    powers = [node for node in _nodes(tree) if node.kind == "power" and _is_factor_of_steps(recipe, node)]
    if powers:
        yield "step-too-many", _with_exponents(tree, powers, 1)
        yield "step-too-few", _with_exponents(tree, powers, -1)


def _is_factor_of_steps(recipe: Recipe, node: Tree) -> bool:
    base, exponent = node.args
    if any(recipe.depends(name, recipe.rates) for name in names_in(exponent)):
        return False
    is_rate_alone = base.kind == "name" and base.value in recipe.rates
    return not is_rate_alone and any(recipe.depends(name, recipe.rates) for name in names_in(base))


def _with_exponents(tree: Tree, powers: list[Tree], more: int) -> Tree:
    if tree in powers:
        return power(tree.args[0], add(tree.args[1], number(more)))
    return tree._replace(args=tuple(_with_exponents(arg, powers, more) for arg in tree.args)) if tree.args else tree


def _nodes(tree: Tree) -> Iterator[Tree]:
    yield tree
    for arg in tree.args:
        yield from _nodes(arg)


def _without_a_term(tree: Tree) -> Iterator[tuple[str, Tree]]:
    if tree.kind == "sum" and len(tree.args) <= MOST_TERMS:
        for place in range(len(tree.args)):
            yield "term-missing", add(*(each for at, each in enumerate(tree.args) if at != place))
