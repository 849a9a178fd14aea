"""Where variables may lie, as problems and callers declare it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from grader.checking.sampling import Interval, Point, VariableDomain, sample, simple_points
from grader.errors import InvalidRequest
from grader.reading.names import Vocabulary, canonical

REAL = VariableDomain()

# Ends such as 2*pi are kept as rationals, moved inwards by far less than any sample point needs.
CONSTANTS: Mapping[str, Fraction] = {
    "pi": Fraction("3.141592653589793238462643383279"),
    "π": Fraction("3.141592653589793238462643383279"),
    "tau": Fraction("6.283185307179586476925286766558"),
    "e": Fraction("2.718281828459045235360287471352"),
}
# Domains by the text of their declarations: callers repeat the same ones line after line.
MOST_MET = 512
_MET: dict[str, Domain] = {}
INWARDS = Fraction(1, 10**24)
INFINITIES = frozenset({"oo", "inf", "infinity", "∞"})
LONGEST_END = 60

_FACTOR = re.compile(r"\s*(\d+(?:\.\d*)?(?:e-?\d{1,2})?|\.\d+|pi|π|tau|e)\s*")
_PIECE = re.compile(r"\s*([(\[\]])\s*([^,;()\[\]]+)[,;]([^,;()\[\]]+)([)\[\]])\s*")
_DECLARATION = re.compile(
    r"\s*([^\W\d][\w{}]*)\s*(?:(?:in(?![a-z])|∈)\s*(.+?)|(integer|positive|nonnegative|nonzero))?\s*$"
)
_NAME = re.compile(r"[^\W\d][\w{}]*$")

ASSUMPTIONS: Mapping[str, tuple[Interval, ...]] = {
    "positive": (Interval(Fraction(0), None),),
    "nonnegative": (Interval(Fraction(0), None, lower_closed=True),),
    "nonzero": (Interval(None, Fraction(0)), Interval(Fraction(0), None)),
}
MATRIX_ASSUMPTIONS = ("symmetric", "invertible", "positive_definite", "orthogonal", "diagonal")
KEYS = frozenset({"in", "integer", "shape", "function", *ASSUMPTIONS, *MATRIX_ASSUMPTIONS})


@dataclass(frozen=True)
class Domain:
    """The variables of a problem; where none were declared, any name may occur and is real."""

    variables: Mapping[str, VariableDomain] = field(default_factory=dict)
    declared: bool = False
    functions: frozenset[str] = frozenset()

    def __hash__(self) -> int:
        """Agrees with equality; kept, because domains are looked up again and again."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((frozenset(self.variables.items()), self.declared, self.functions))

    @staticmethod
    def of(declarations: Mapping[str, Any] | None) -> Domain:
        """The domain from its JSON or YAML form; None allows any real variable.

        >>> Domain.of({"x": {}, "p": {"in": ["0", "1"]}}).variables["p"].intervals[0].upper
        Fraction(1, 1)
        """
        if declarations is None:
            return ANYTHING
        if not isinstance(declarations, Mapping):
            raise InvalidRequest("Variables are given as a mapping from names to their domains.", "variables")
        text = repr(declarations)
        found = _MET.get(text)
        if found is None:
            if len(_MET) >= MOST_MET:
                _MET.clear()
            found = _MET[text] = Domain._of(declarations)
        return found

    @staticmethod
    def _of(declarations: Mapping[str, Any]) -> Domain:
        """The domain from declarations that were not met before."""
        variables: dict[str, VariableDomain] = {}
        functions: set[str] = set()
        for name, declaration in declarations.items():
            place = f"variables.{name}"
            if not _NAME.match(str(name)):
                raise InvalidRequest(f"{name!r} cannot be the name of a variable.", place)
            if isinstance(declaration, Mapping) and declaration.get("function") is True:
                functions.add(name)
            else:
                variables[canonical(name)] = _variable(declaration, place)
        return Domain(variables, declared=True, functions=frozenset(functions))

    def variable(self, name: str) -> VariableDomain:
        """Where the variable lies; an undeclared one is any real number."""
        return self.variables.get(name, REAL)

    @cached_property
    def shapes(self) -> Mapping[str, tuple[int | str, ...]]:
        """Rows and columns of the names that are vectors or matrices."""
        return {name: variable.shape for name, variable in self.variables.items() if variable.shape is not None}

    @cached_property
    def plain_vocabulary(self) -> Vocabulary:
        """What a reader may accept without further options."""
        return self.vocabulary()

    def vocabulary(self, **options: Any) -> Vocabulary:
        """What a reader may accept; `options` are further fields of the vocabulary."""
        names = frozenset(self.variables) if self.declared else None
        return Vocabulary(names=names, functions=self.functions, shapes=self.shapes, **options)

    def simple_points(self, names: tuple[str, ...]) -> tuple[Point, ...]:
        """The first of the sample points for these sorted names, made without the others."""
        return _simple_points(self, names)

    def points(self, names: Iterable[str]) -> tuple[Point, ...]:
        """The sample points for these names: always the same, simple ones first."""
        ordered = tuple(sorted(names))
        return sample(ordered, tuple([self.variable(name) for name in ordered]))


ANYTHING = Domain()


@lru_cache(maxsize=1024)
def _simple_points(domain: Domain, names: tuple[str, ...]) -> tuple[Point, ...]:
    """The simple points, kept by domains, which know their own hash."""
    return simple_points(names, tuple([domain.variable(name) for name in names]))


def parse_declaration(text: str) -> tuple[str, dict[str, Any]]:
    """A name and its declaration from text such as `x`, `x in (0, oo)` or `n integer`.

    >>> parse_declaration("x in (0, oo)")
    ('x', {'in': '(0, oo)'})
    """
    match = _DECLARATION.match(text)
    if match is None:
        raise InvalidRequest(f"{text!r} does not declare a variable. Write x, x in (0, oo) or n integer.", "var")
    name, region, assumption = match.groups()
    declaration: dict[str, Any] = {}
    if region is not None:
        declaration["in"] = region
    if assumption is not None:
        declaration[assumption] = True
    _variable(declaration, "var")
    return name, declaration


def _variable(declaration: object, place: str) -> VariableDomain:
    """The domain of one variable from its JSON form."""
    if declaration is None:
        return REAL
    if not isinstance(declaration, Mapping):
        raise InvalidRequest("A domain is a mapping such as {in: (0, oo)} or {integer: true}.", place)
    unknown = [str(key) for key in declaration if key not in KEYS]
    if unknown:
        raise InvalidRequest(f"{unknown[0]!r} says nothing about a variable. Known: {', '.join(sorted(KEYS))}.", place)
    intervals = _region(declaration["in"], f"{place}.in") if "in" in declaration else (Interval(None, None),)
    for assumption, region in ASSUMPTIONS.items():
        if _is_true(declaration, assumption, place):
            intervals = _common(intervals, region)
    if not intervals:
        raise InvalidRequest("No number is in this domain.", place)
    shape = _shape(declaration["shape"], f"{place}.shape") if "shape" in declaration else None
    integer = _is_true(declaration, "integer", place)
    if integer and not any(_holds_integer(interval) for interval in intervals):
        raise InvalidRequest("No whole number is in this domain.", place)
    known = _matrix_assumptions(declaration, shape, place)
    if not declaration or (intervals == REAL.intervals and not integer and shape is None):
        return REAL
    return VariableDomain(intervals, integer, shape, known)


def _matrix_assumptions(
    declaration: Mapping[str, Any], shape: tuple[int | str, ...] | None, place: str
) -> frozenset[str]:
    """What is known of a square matrix beside its shape."""
    found = frozenset(name for name in MATRIX_ASSUMPTIONS if _is_true(declaration, name, place))
    if found and (shape is None or len(shape) != 2 or shape[0] != shape[1]):
        raise InvalidRequest(f"{min(found)} needs a square shape such as [n, n].", place)
    return found


def _is_true(declaration: Mapping[str, Any], key: str, place: str) -> bool:
    """Whether a yes-no key is set; anything but true or false is refused."""
    value = declaration.get(key, False)
    if not isinstance(value, bool):
        raise InvalidRequest(f"{key} is true or false, not {value!r}.", f"{place}.{key}")
    return value


def _region(region: object, place: str) -> tuple[Interval, ...]:
    """Intervals from interval notation or from a list of two ends."""
    if isinstance(region, str):
        pieces = re.split(r"\s*(?:∪|\bU\b|\bor\b|\bu\b)\s*", region)
        return tuple([_interval(piece, place) for piece in pieces])
    if isinstance(region, list | tuple) and len(region) == 2:
        lower, upper = _end(str(region[0]), place, +1), _end(str(region[1]), place, -1)
        return (_checked(Interval(lower, upper, lower is not None, upper is not None), place),)
    raise InvalidRequest("Write an interval such as (0, oo), a union of them with U, or a list of two ends.", place)


def _interval(piece: str, place: str) -> Interval:
    """One interval in brackets; `]0, 1[` is open."""
    match = _PIECE.fullmatch(piece)
    if match is None:
        raise InvalidRequest(f"{piece.strip()!r} is not an interval. Write it as (0, 1], [0, 1] or (0, oo).", place)
    left, lower, upper, right = match.groups()
    interval = Interval(_end(lower, place, +1), _end(upper, place, -1), left == "[", right == "]")
    return _checked(interval, place)


def _checked(interval: Interval, place: str) -> Interval:
    """The interval, if there is a number in it."""
    lower, upper = interval.lower, interval.upper
    closed = interval.lower_closed and interval.upper_closed
    if lower is not None and upper is not None and (lower > upper or (lower == upper and not closed)):
        raise InvalidRequest("The lower end must be below the upper end.", place)
    return interval


def _end(text: str, place: str, inwards: int) -> Fraction | None:
    """The value of an end such as `-1/2`, `2*pi` or `oo`; None for an infinite one."""
    stripped = text.strip()
    sign = -1 if stripped.startswith(("-", "−")) else 1
    body = stripped.lstrip("+-−").strip()
    if body in INFINITIES:
        if sign == inwards:
            raise InvalidRequest(f"{stripped} is at the wrong end of the interval.", place)
        return None
    value, is_exact = _product(body, place)
    return sign * value if is_exact else sign * value + inwards * INWARDS


def _product(body: str, place: str) -> tuple[Fraction, bool]:
    """The value of numbers and constants joined by `*` and `/`, and whether it is exact."""
    value, is_exact, position, divides = Fraction(1), True, 0, False
    while len(body) <= LONGEST_END:
        match = _FACTOR.match(body, position)
        if match is None:
            break
        factor = CONSTANTS.get(match[1]) or Fraction(match[1])
        is_exact = is_exact and match[1] not in CONSTANTS
        if divides and factor == 0:
            break
        value = value / factor if divides else value * factor
        position = match.end()
        if position == len(body):
            return value, is_exact
        if body[position] not in "*/":
            break
        divides = body[position] == "/"
        position += 1
    raise InvalidRequest(f"{body!r} is not a number. Ends are numbers such as 0, -1/2, 0.5, 2*pi or oo.", place)


def _shape(shape: object, place: str) -> tuple[int | str, ...]:
    """One or two sizes, each a positive whole number or a letter."""
    if isinstance(shape, list | tuple) and 1 <= len(shape) <= 4:
        sizes = tuple(shape)
        if all(
            (isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= 100)
            or (isinstance(size, str) and _NAME.match(size))
            for size in sizes
        ):
            return sizes
    raise InvalidRequest("A shape is a list of sizes such as [2, 3] or [m, n].", place)


def _common(first: tuple[Interval, ...], second: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """The intervals in which both unions overlap."""
    met = [one.meet(other) for one in first for other in second]
    return tuple([interval for interval in met if interval is not None])


def _holds_integer(interval: Interval) -> bool:
    """Whether a whole number lies in the interval."""
    return any(True for _ in interval.integers(1))
