"""A quick proof: two quotients of polynomials, in which every function of something is one more variable.

What it cannot see, such as sin^2 + cos^2 = 1 or sqrt(x)^2 = x, is left to `normal`. Most right answers
differ from the key only in how they are multiplied out, and for those this is several times faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

from flint import fmpq, fmpq_mpoly

from grader.checking.identical import Node
from grader.checking.nodes import literal_exponent
from grader.checking.polynomials import MOST_PRODUCTS, MOST_TERMS, context_of

MOST_VARIABLES = 24
MOST_NODES = 150
LARGEST_POWER = 60
LONGEST_NUMBER = 400

Quotient = tuple[fmpq_mpoly, fmpq_mpoly]
Key = tuple[object, ...]
Powers = list[tuple[Key, int]]


class _NoQuotient(Exception):
    """A part that is no quotient of polynomials, or one that would be too large."""


def is_same_quotient(nodes: Sequence[Node], first: int, second: int) -> bool:
    """Whether two nodes are equal wherever both have values, as far as multiplying out can tell."""
    inner, variables = _parts(nodes, first, second)
    if not 0 < len(variables) <= MOST_VARIABLES or len(inner) > MOST_NODES:
        return False
    try:
        forms = _forms(nodes, inner, variables)
        top, bottom = forms[first]
        other_top, other_bottom = forms[second]
        if bottom == other_bottom:
            return bool(top == other_top)
        return bool(_times(top, other_bottom) == _times(other_top, bottom))
    except _NoQuotient:
        return False


def _parts(nodes: Sequence[Node], first: int, second: int) -> tuple[list[int], dict[Key, int]]:
    """The nodes to multiply out, arguments first, and the variables with their places."""
    seen: set[int] = {first, second}
    stack = [first, second]
    variables: dict[Key, int] = {}
    while stack:
        number = stack.pop()
        kind, args, _ = nodes[number]
        if kind == "power":
            args = args[:1] if isinstance(literal_exponent(nodes, nodes[number]), int) else ()
        if kind in _INNER and args:
            for arg in args:
                if arg not in seen:
                    seen.add(arg)
                    stack.append(arg)
        elif kind == "exp":
            for key, _ in _exponentials(nodes, args[0]):
                variables.setdefault(key, len(variables))
        elif kind != "number":
            variables.setdefault(_key(nodes, number), len(variables))
    return sorted(seen), variables


def _key(nodes: Sequence[Node], number: int) -> Key:
    """The variable that stands for a node."""
    node = nodes[number]
    return _OF_E if node[0] == "constant" and node[2] == "e" else (number,)


def _exponentials(nodes: Sequence[Node], exponent: int) -> Powers:
    """The variables, with their powers, whose product is the exponential of a node."""
    node = nodes[exponent]
    kind, args, value = node
    found: Powers = []
    if kind == "sum":
        for arg in args:
            found += _exponentials_of_term(nodes, arg)
        if value:
            found.append(_exponential((), value))
        return found
    return _exponentials_of_term(nodes, exponent)


def _exponentials_of_term(nodes: Sequence[Node], number: int) -> Powers:
    kind, args, value = nodes[number]
    if kind == "product":
        return [_exponential(args, value)]
    return [_exponential((), value) if kind == "number" else _exponential((number,), 1)]


def _exponential(args: tuple[int, ...], value: object) -> tuple[Key, int]:
    """The variable exp(product of args over a whole number), and its power."""
    if isinstance(value, str):
        return ("exp", args, value), 1
    return ("exp", args, value.denominator), value.numerator  # type: ignore[attr-defined] # a number is exact here


def _forms(nodes: Sequence[Node], inner: list[int], variables: dict[Key, int]) -> dict[int, Quotient]:
    """Every node as a numerator over a denominator that is not the zero polynomial."""
    context, generators = context_of(len(variables))
    one = context.constant(1)
    forms: dict[int, Quotient] = {}
    for number in inner:
        kind, args, value = nodes[number]
        if kind == "number":
            forms[number] = (context.constant(_exact(value)), one)
        elif kind == "sum":
            forms[number] = _sum(forms, args, context.constant(_exact(value)) if value else None)
        elif kind == "product":
            top, bottom = forms[args[0]]
            for arg in args[1:]:
                above, below = forms[arg]
                top = _times(top, above)
                bottom = bottom if below is one else below if bottom is one else _times(bottom, below)
            forms[number] = (top if value == 1 else top * _exact(value), bottom)
        elif kind == "power" and isinstance(by := literal_exponent(nodes, nodes[number]), int):
            forms[number] = _power(forms[args[0]], by)
        elif kind == "exp":
            forms[number] = _product_of_powers(
                [(generators[variables[key]], times) for key, times in _exponentials(nodes, args[0])], one
            )
        else:
            forms[number] = (generators[variables[_key(nodes, number)]], one)
    return forms


def _sum(forms: dict[int, Quotient], args: tuple[int, ...], constant: fmpq_mpoly | None) -> Quotient:
    top, bottom = forms[args[0]]
    for arg in args[1:]:
        above, below = forms[arg]
        if below is bottom or below == bottom:
            top = top + above
        else:
            top, bottom = _times(top, below) + _times(above, bottom), _times(bottom, below)
    return (top, bottom) if constant is None else (top + constant * bottom, bottom)


def _product_of_powers(powers: list[tuple[fmpq_mpoly, int]], one: fmpq_mpoly) -> Quotient:
    top = bottom = one
    for variable, times in powers:
        if abs(times) > LARGEST_POWER:
            raise _NoQuotient
        if times < 0:
            bottom = bottom * variable**-times
        else:
            top = top * variable**times
    return top, bottom


def _power(form: Quotient, by: int) -> Quotient:
    """A whole power; there is none of zero to a negative one."""
    top, bottom = form
    if abs(by) > LARGEST_POWER:
        raise _NoQuotient
    if by < 0:
        if top.is_zero():
            raise _NoQuotient
        top, bottom, by = bottom, top, -by
    if by == 1:
        return top, bottom
    for part in (top, bottom):
        terms = len(part)
        if terms > 1 and comb(by + terms - 1, terms - 1) > MOST_TERMS:
            raise _NoQuotient
    return top**by, bottom if bottom.is_one() else bottom**by


def _times(first: fmpq_mpoly, second: fmpq_mpoly) -> fmpq_mpoly:
    """The product, if it is not too large."""
    if len(first) * len(second) > MOST_PRODUCTS:
        raise _NoQuotient
    return first * second


def _exact(value: object) -> fmpq:
    """The exact number that a node carries."""
    if isinstance(value, int):
        if value.bit_length() > LONGEST_NUMBER:
            raise _NoQuotient
        return fmpq(value)
    numerator, denominator = value.numerator, value.denominator  # type: ignore[attr-defined] # a number is exact here
    if numerator.bit_length() + denominator.bit_length() > LONGEST_NUMBER:
        raise _NoQuotient
    return fmpq(numerator, denominator)


_INNER = frozenset({"sum", "product", "power"})
_OF_E: Key = ("exp", (), 1)
