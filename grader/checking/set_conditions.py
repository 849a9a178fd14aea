"""Intervals, sets, unions and inequalities as conditions on one unknown, all written the same way.

A condition is a tree of `and`, `or` and relations with one operator; `and` of nothing is true, `or` of nothing false.
"""

from __future__ import annotations

from collections.abc import Iterable

from grader.checking.monotone import without_increasing
from grader.errors import GraderError
from grader.reading.tree import Tree, name, names_in, neg, substitute

TRUE, FALSE = Tree("and"), Tree("or")
SETS = frozenset({"interval", "set", "union", "empty"})
NOT_NUMBERS = SETS | {"and", "or", "vector", "matrix", "row", "list", "relation"}
OPPOSITE = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
REALS = Tree("name", (), "R")
REAL_LINE = Tree("interval", (neg(Tree("constant", (), "oo")), Tree("constant", (), "oo")), "()")


class NoSet(GraderError):
    """The tree describes no set of numbers; `tree` is the part that does not."""

    def __init__(self, tree: Tree) -> None:
        super().__init__(f"a {tree.kind} is no set of numbers")
        self.tree = tree


def unknown_of(key: Tree, declared: Iterable[str] = ()) -> str | None:
    """The name whose values the key describes; None where the key has no such name.

    >>> from grader.reading.text import read
    >>> unknown_of(read("0 < eta < 2/L").tree), unknown_of(read("c^2 >= 36").tree)
    ('eta', 'c')
    """
    bare, others = _candidates(key)
    if bare:
        return bare[0]
    if len(others) > 1:
        listed = [each for each in declared if each in others]
        return (listed or others)[0]
    return others[0] if others else None


def _candidates(tree: Tree) -> tuple[list[str], list[str]]:
    """Names that stand alone as an operand of a relation, and all others in relations, as they come."""
    if tree.kind in {"and", "or", "union", "list"}:
        found = [_candidates(each) for each in tree.args]
        bare = [each for pair in found for each in pair[0]]
        return list(dict.fromkeys(bare)), list(dict.fromkeys(each for pair in found for each in pair[1]))
    if tree.kind != "relation":
        return [], []
    operands = tree.args[:1] if tree.value == "in" else tree.args
    operands = tuple(each for each in operands if each.kind not in SETS)
    bare = [each.value for each in operands if each.kind == "name"]
    middle = [each.value for each in operands[1:-1] if each.kind == "name"]
    alone = [one for one in bare if not any(one in names_in(each) for each in operands if each.kind != "name")]
    others = [one for each in operands for one in sorted(names_in(each))]
    return list(dict.fromkeys(middle or alone)), list(dict.fromkeys(others))


def condition_of(tree: Tree, unknown: str) -> Tree:
    """The condition that the unknown lies in what the tree describes; raises NoSet."""
    if tree.kind == "relation":
        return _chain(tree)
    if tree.kind in {"and", "or"}:
        return Tree(tree.kind, tuple(condition_of(each, unknown) for each in tree.args))
    if tree.kind == "union":
        return Tree("or", tuple(condition_of(each, unknown) for each in tree.args))
    return member(tree, name(unknown))


def member(tree: Tree, operand: Tree) -> Tree:
    """The condition that the operand lies in the set."""
    if any(each.kind in NOT_NUMBERS for each in tree.args) and tree.kind in {"interval", "set"}:
        raise NoSet(tree)
    if tree.kind == "interval" and len(tree.args) == 2:
        low, high = tree.args
        first = pair(low, "<=" if tree.value[0] == "[" else "<", operand)
        return Tree("and", (first, pair(operand, "<=" if tree.value[1] == "]" else "<", high)))
    if tree.kind == "set":
        return Tree("or", tuple(pair(operand, "=", each) for each in tree.args))
    if tree.kind in {"union", "or", "and"}:
        return Tree("and" if tree.kind == "and" else "or", tuple(member(each, operand) for each in tree.args))
    if tree.kind == "empty":
        return FALSE
    if tree == REALS:
        return Tree("relation", (operand, operand), "=")
    raise NoSet(tree)


def pair(left: Tree, operator: str, right: Tree) -> Tree:
    """One comparison; with infinity it is decided at once."""
    for first, second, way in ((left, right, operator), (right, left, OPPOSITE[operator])):
        sign = infinite_sign(second)
        if sign:
            if infinite_sign(first):
                raise NoSet(second)
            holds = way == "!=" or way[0] == ("<" if sign > 0 else ">")
            # What is compared must still have a value: x = x says just that.
            return Tree("relation", (first, first), "=") if holds else FALSE
    return Tree("relation", (left, right), operator)


def infinite_sign(tree: Tree) -> int:
    """1 or -1 for infinity as written, 0 for everything else."""
    if tree.kind == "neg":
        return -infinite_sign(tree.args[0])
    return int(tree.kind == "constant" and tree.value == "oo")


def _chain(tree: Tree) -> Tree:
    """The comparisons of a chain such as `0 < x <= 1`, all of them."""
    operators = tree.value.split()
    found = []
    for left, operator, right in zip(tree.args[:-1], operators, tree.args[1:], strict=True):
        if operator == "in":
            found.append(member(right, left))
            continue
        for side in (left, right):
            if side.kind in NOT_NUMBERS:
                raise NoSet(side)
        compared = pair(left, operator, right)
        found.append(without_increasing(compared) if compared.kind == "relation" else compared)
    return found[0] if len(found) == 1 else Tree("and", tuple(found))


def relations(condition: Tree) -> Iterable[Tree]:
    """The single comparisons of a condition."""
    if condition.kind == "relation":
        yield condition
    else:
        for each in condition.args:
            yield from relations(each)


def at(condition: Tree, values: dict[str, Tree]) -> Tree:
    """The condition with values put in for names."""
    return substitute(condition, values) if values else condition
