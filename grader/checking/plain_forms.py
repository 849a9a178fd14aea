"""Forms that are seen from single nodes: decimals, names, derivatives, figures, the order of a key."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from grader.checking.writing import factors_of, fractions_in, inner, is_decimal, shown, terms_of, whole_exponent
from grader.reading.tree import Tree, constant, literal_value, names_in, walk

_DERIVATIVES = frozenset({"derivative", "partial", "differential"})


def exact(tree: Tree) -> str:
    """Which decimal is in it; empty where there is none."""
    found = next((node for node in walk(tree) if is_decimal(node)), None)
    return f"{shown(found)} is a decimal" if found is not None else ""


def no_derivative(tree: Tree) -> str:
    """Which derivative is left in it; empty where there is none."""
    for node in walk(tree):
        if node.kind in _DERIVATIVES or (node.kind == "apply" and "'" in node.value):
            return f"{shown(node)} is still to be worked out"
    return ""


def free_of(tree: Tree, key: Tree, name: str) -> str:
    """Where the name is left in it; empty where it is gone.

    Where the right answer itself holds the name, as the `2x + h` of a difference quotient does, the name
    must only not stand below a fraction line; where it stands there too, as in `-1/(x(x + h))`, it must
    not be a factor there.
    """
    if name not in names_in(tree):
        return ""
    if name not in names_in(key):
        return f"{name} still occurs in it"
    for stands_below in (_stands_below, _is_factor_below):
        if stands_below(key, name) is None:
            below = stands_below(tree, name)
            return f"{name} still stands below the fraction line in {shown(below)}" if below is not None else ""
    return ""


def _stands_below(tree: Tree, name: str) -> Tree | None:
    """The first fraction with the name below."""
    return next((each for each in fractions_in(tree) if name in names_in(each.args[1])), None)


def _is_factor_below(tree: Tree, name: str) -> Tree | None:
    """The first fraction in which the name, or a power of it, is multiplied with what stands below."""
    for fraction in fractions_in(tree):
        factors = (inner(each.args[0] if each.kind == "power" else each) for each in factors_of(fraction).below)
        if any(each.kind == "name" and each.value == name for each in factors):
            return fraction
    return None


def significant_figures(tree: Tree, figures: int) -> str:
    """Why this is no decimal with so many significant figures; empty where it is.

    Zeros at the end of a whole number may count or not: 1200 has two, three or four.
    """
    literal = _literal(inner(tree))
    if literal is None:
        return f"{shown(tree)} is not one decimal number"
    mantissa = literal.lower().partition("e")[0]
    digits = mantissa.replace(".", "").lstrip("0")
    if not digits:
        return ""
    least = len(digits) if "." in mantissa else max(1, len(digits.rstrip("0")))
    if least <= figures <= len(digits):
        return ""
    return f"{shown(tree)} has {least if figures < least else len(digits)} of them"


def _literal(tree: Tree) -> str | None:
    """The digits of a number, also before a percent sign or a power of ten."""
    if tree.kind == "number":
        return tree.value
    if tree.kind == "percent":
        return _literal(tree.args[0])
    if tree.kind == "product" and len(tree.args) == 2:
        first, second = tree.args
        is_power_of_ten = second == Tree("number", (), "10") or (
            second.kind == "power" and second.args[0] == Tree("number", (), "10") and whole_exponent(second) is not None
        )
        return _literal(first) if is_power_of_ten and first.kind == "number" else None
    return None


def same_up_to_order(tree: Tree, key: Tree) -> str:
    """Whether the tree is written as the key is, but for the order of terms and factors; empty where it is."""
    if ordered(tree) == ordered(key):
        return ""
    return f"{shown(tree)} is written in another way"


def ordered(tree: Tree) -> Tree:
    """The tree with terms and factors in one order, and brackets and signs that change nothing left out."""
    if tree.kind == "sum":
        return Tree("sum", tuple(sorted(map(ordered, terms_of(tree)), key=_rank)))
    if tree.kind in {"product", "neg", "quotient"}:
        return _ordered_product(tree)
    if tree.kind == "number":
        return Tree("number", (), str(Fraction(tree.value)))
    if tree.kind == "call" and tree.value == "exp":
        return Tree("power", (constant("e"), ordered(tree.args[0])))
    return Tree(tree.kind, tuple(map(ordered, tree.args)), tree.value)


def _ordered_product(tree: Tree) -> Tree:
    negative, above, below = False, list[Tree](), list[Tree]()
    for factor, is_above in _factors(tree, is_above=True):
        if factor.kind == "neg":
            negative = not negative
        elif is_above:
            above.append(ordered(factor))
        else:
            below.append(ordered(factor))
    if below:
        above = [each for each in above if literal_value(each) != 1]
    if not below and len(above) == 1:
        body = above[0]
    else:
        rows = (Tree("row", tuple(sorted(part, key=_rank))) for part in (above, below))
        body = Tree("product", tuple(rows))
    return Tree("neg", (body,)) if negative else body


def _factors(tree: Tree, *, is_above: bool) -> Iterator[tuple[Tree, bool]]:
    """The factors of a product or fraction as written, each with where it stands; a sign comes by itself."""
    if tree.kind == "neg":
        yield Tree("neg"), is_above
        yield from _factors(tree.args[0], is_above=is_above)
    elif tree.kind == "product":
        for arg in tree.args:
            yield from _factors(arg, is_above=is_above)
    elif tree.kind == "quotient":
        yield from _factors(tree.args[0], is_above=is_above)
        yield from _factors(tree.args[1], is_above=not is_above)
    else:
        yield tree, is_above


def _rank(tree: Tree) -> str:
    return f"{tree.kind} {tree.value} {' '.join(map(_rank, tree.args))};"
