"""Rigorous values of trees: ball arithmetic at exact points.

A `Program` computes with the numbered nodes of `identical`; an `Evaluation` is one point at one precision
and computes every node at most once, and only those that are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add as plus
from operator import mul as times
from threading import Lock

from flint import arb, ctx

from grader.checking import balls
from grader.checking.balls import NoValue, Unclear, ball
from grader.checking.exact import exact_node, exact_value
from grader.checking.generic import generic_function
from grader.checking.identical import Node, Numbering
from grader.errors import CallerError
from grader.reading.tree import Tree, substitute

__all__ = [
    "Certified",
    "Evaluation",
    "MissingName",
    "NoValue",
    "NotScalar",
    "Program",
    "Unclear",
    "certified",
    "enclose",
    "exact_value",
    "value_at",
]

PRECISIONS = (64, 128, 256, 512, 1024)
MOST_TERMS = 2000
# Balls with a larger binary exponent are not written out as fractions.
LARGEST_SCALE = 100_000

# python-flint keeps one precision for the whole process.
_PRECISION_LOCK = Lock()

Registers = list[arb | None]
Step = Callable[["Evaluation"], arb]


class MissingName(CallerError):
    """A name in the tree has no value at the point; `field` is the name."""


class NotScalar(CallerError):
    """The tree holds something that is not a number, such as a vector; `field` is its kind."""


class Program:
    """How to compute the nodes of a numbering; steps are made when they are first needed."""

    def __init__(self, numbering: Numbering) -> None:
        self.nodes = numbering.nodes
        self._numbering = numbering
        self._steps: dict[int, Step] = {}
        self._schedules: dict[int, tuple[tuple[int, Step], ...]] = {}
        self._constants: dict[int, dict[int, arb]] = {}

    def at(self, point: Mapping[str, Fraction], precision: int = PRECISIONS[0]) -> Evaluation:
        """The values at a point."""
        return Evaluation(self, point, precision)

    def schedule(self, root: int) -> tuple[tuple[int, Step], ...]:
        """The steps that compute a node, arguments first."""
        found = self._schedules.get(root)
        if found is None:
            needed = sorted(reachable(self.nodes, root))
            found = self._schedules[root] = tuple([(number, self._step(number)) for number in needed])
        return found

    def _step(self, number: int) -> Step:
        found = self._steps.get(number)
        if found is None:
            node = self.nodes[number]
            found = self._steps[number] = STEPS.get(node.kind, _function)(self, number, node)
        return found

    def constant(self, value: Fraction | int | str) -> Step:
        """The step that gives an exact number, once for each precision."""
        made: dict[int, arb] = {}

        def step(evaluation: Evaluation) -> arb:
            found = made.get(evaluation.precision)
            if found is None:
                found = made[evaluation.precision] = ball(value)  # type: ignore[arg-type]
            return found

        return step


class Evaluation:
    """The values of nodes at one point and precision."""

    __slots__ = ("point", "precision", "program", "registers")

    def __init__(self, program: Program, point: Mapping[str, Fraction], precision: int) -> None:
        self.program = program
        self.point = point
        self.precision = precision
        self.registers: Registers = [None] * len(program.nodes)

    def value(self, root: int) -> arb:
        """The finite ball of a node; raises NoValue or Unclear."""
        with _PRECISION_LOCK:
            ctx.prec = self.precision
            found = self.compute(root)
        if not found.is_finite():
            raise Unclear
        return found

    def compute(self, root: int) -> arb:
        """The ball of a node; the precision must be set already."""
        registers = self.registers
        for number, step in self.program.schedule(root):
            if registers[number] is None:
                try:
                    registers[number] = step(self)
                except Unclear:
                    registers[number] = self._from_exact_arguments(number, step)
        return registers[root]

    def _from_exact_arguments(self, number: int, step: Step) -> arb:
        """The step once more with arguments that turn out to be exact rationals; 1/(x/3 - 1) at 3."""
        nodes = self.program.nodes
        known: dict[int, Fraction | None] = {}
        values = {arg: exact_node(nodes, arg, self.point, known) for arg in nodes[number].args}
        exact = {arg: value for arg, value in values.items() if value is not None}
        if not exact or nodes[number].kind in LAZY:
            raise Unclear
        for arg, value in exact.items():
            self.registers[arg] = ball(value)
        return step(self)


def reachable(nodes: list[Node], *roots: int) -> set[int]:
    """The numbers of all nodes that must be computed before these; branches are computed on demand."""
    seen: set[int] = set()
    stack = list(roots)
    while stack:
        number = stack.pop()
        if number not in seen:
            seen.add(number)
            node = nodes[number]
            if node.kind == "sigma":
                stack.extend(node.args[1:])
            elif node.kind not in LAZY:
                stack.extend(node.args)
    return seen


LAZY = frozenset({"piecewise", "sigma"})


def _sum(program: Program, _number: int, node: Node) -> Step:
    args = node.args
    constant = program.constant(node.value) if node.value else None
    if len(args) == 2 and constant is None:
        first, second = args
        return lambda e: e.registers[first] + e.registers[second]
    if constant is None:
        return lambda e: reduce(plus, [e.registers[arg] for arg in args])
    if len(args) == 1:
        (first,) = args
        return lambda e: e.registers[first] + constant(e)
    return lambda e: reduce(plus, [e.registers[arg] for arg in args], constant(e))


def _product(program: Program, _number: int, node: Node) -> Step:
    args = node.args
    if node.value == -1 and len(args) == 1:
        (first,) = args
        return lambda e: -e.registers[first]
    constant = program.constant(node.value) if node.value != 1 else None
    if len(args) == 2 and constant is None:
        first, second = args
        return lambda e: e.registers[first] * e.registers[second]
    if constant is None:
        return lambda e: reduce(times, [e.registers[arg] for arg in args])
    if len(args) == 1:
        (first,) = args
        return lambda e: e.registers[first] * constant(e)
    return lambda e: reduce(times, [e.registers[arg] for arg in args], constant(e))


def _power(program: Program, _number: int, node: Node) -> Step:
    base, exponent = node.args
    by = program.nodes[exponent]
    if by.kind != "number" or isinstance(by.value, str):
        return lambda e: balls.general_power(e.registers[base], e.registers[exponent])
    if by.value == -1:
        return lambda e: balls.inverse(e.registers[base])
    if by.value == 2:
        return lambda e: e.registers[base] * e.registers[base]
    if isinstance(by.value, int):
        whole = by.value
        return lambda e: balls.whole_power(e.registers[base], whole)
    if by.value == Fraction(1, 2):
        return lambda e: balls.square_root(e.registers[base])
    numerator, denominator = by.value.numerator, by.value.denominator
    return lambda e: balls.fraction_power(e.registers[base], numerator, denominator)


def _number(program: Program, _number: int, node: Node) -> Step:
    return program.constant(node.value)


def _name(_program: Program, _number: int, node: Node) -> Step:
    name = str(node.value)

    def step(e: Evaluation) -> arb:
        value = e.point.get(name)
        if value is None:
            raise MissingName(f"{name} has no value.", name)
        return ball(value)

    return step


def _constant(_program: Program, _number: int, node: Node) -> Step:
    if node.value == "pi":
        return lambda _: arb.pi()
    if node.value == "e":
        return lambda _: arb.const_e()
    reason = "infinity is not a real number" if node.value == "oo" else "i is not a real number"
    return _raising(NoValue(reason))


def _huge(_program: Program, _number: int, _node: Node) -> Step:
    return _raising(Unclear("a number with too many digits"))


def _raising(error: NoValue | Unclear | NotScalar) -> Step:
    def step(_: Evaluation) -> arb:
        raise type(error)(*error.args)

    return step


def _function(_program: Program, _number: int, node: Node) -> Step:
    function = balls.FUNCTIONS.get(node.kind)
    args = node.args
    if function is None:
        kind = node.kind
        return _raising(NotScalar(f"A {kind} is not a number.", kind))
    if len(args) == 1:
        (only,) = args
        return lambda e: function(e.registers[only])
    return lambda e: function(*[e.registers[arg] for arg in args])


def _apply(_program: Program, _number: int, node: Node) -> Step:
    name = str(node.value)
    function = generic_function(name, len(node.args))
    if function is None:
        return _raising(NotScalar(f"{name} with {len(node.args)} arguments has no derivative of its own.", "apply"))
    return lambda e: sum(
        (
            term.factor
            * reduce(plus, [e.registers[arg] * rate for arg, rate in zip(node.args, term.rates, strict=True)]).exp()
            for term in function
        ),
        balls.ZERO,
    )


def _piecewise(program: Program, _number: int, node: Node) -> Step:
    cases = [program.nodes[arg] for arg in node.args]

    def step(e: Evaluation) -> arb:
        found: arb | None = None
        for case in cases:
            holds = True if case.kind == "otherwise" else truth(e, case.args[1])
            if holds is False:
                continue
            try:
                value = e.compute(case.args[0])
            except NoValue:
                if holds and found is None:
                    raise
                raise Unclear from None
            found = value if found is None else balls.hull(found, value)
            if holds:
                return found
        if found is None:
            raise NoValue("no case applies")
        raise Unclear

    return step


def truth(e: Evaluation, number: int) -> bool | None:
    """Whether a condition holds; None where the balls do not tell."""
    node = e.program.nodes[number]
    if node.kind in {"and", "or"}:
        parts = [truth(e, arg) for arg in node.args]
        decisive = node.kind == "or"
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if node.kind == "relation":
        operators = str(node.value).split()
        pairs = zip(operators, node.args[:-1], node.args[1:], strict=True)
        parts = [_relation(e, operator, first, second) for operator, first, second in pairs]
        return False if False in parts else None if None in parts else True
    raise NotScalar(f"A {node.kind} is not a condition.", node.kind)


def _relation(e: Evaluation, operator: str, first: int, second: int) -> bool | None:
    if operator == "in":
        return _membership(e, first, second)
    left, right = e.compute(first), e.compute(second)
    if left.overlaps(right) and not (left.is_exact() and right.is_exact()):
        known: dict[int, Fraction | None] = {}
        exact = [exact_node(e.program.nodes, side, e.point, known) for side in (first, second)]
        if exact[0] is None or exact[1] is None:
            return None
        return COMPARISONS[operator](exact[0], exact[1])
    return COMPARISONS[operator](left, right)


def _membership(e: Evaluation, member: int, number: int) -> bool | None:
    """Whether a number lies in an interval, a set or a union."""
    node = e.program.nodes[number]
    if node.kind == "empty":
        return False
    if node.kind in {"union", "set"}:
        parts = [
            _membership(e, member, arg) if node.kind == "union" else _relation(e, "=", member, arg) for arg in node.args
        ]
        return True if True in parts else None if None in parts else False
    if node.kind == "interval":
        brackets = str(node.value)
        ends = (
            ("<=" if brackets[0] == "[" else "<", node.args[0], member),
            ("<=" if brackets[1] == "]" else "<", member, node.args[1]),
        )
        finite = [
            end for end in ends if not is_infinite(e.program.nodes, end[1]) and not is_infinite(e.program.nodes, end[2])
        ]
        parts = [_relation(e, *end) for end in finite]
        return False if False in parts else None if None in parts else True
    raise NotScalar(f"A {node.kind} is not a set of numbers.", node.kind)


def is_infinite(nodes: list[Node], number: int) -> bool:
    """Whether the node is plus or minus infinity, as written."""
    node = nodes[number]
    if node.kind == "product" and len(node.args) == 1 and node.value != 0:
        node = nodes[node.args[0]]
    return node.kind == "constant" and node.value == "oo"


COMPARISONS: Mapping[str, Callable[..., bool]] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
    "=": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
}


def _sigma(program: Program, _number: int, node: Node) -> Step:
    index = str(node.value)
    if len(node.args) != 3:
        return _raising(NotScalar("A sum without ends has no value of its own.", "sigma"))
    body, lower, upper = node.args

    def step(e: Evaluation) -> arb:
        first, last = [e.registers[end] for end in (lower, upper)]
        if not (first.is_integer() and last.is_integer()) or abs(first) > 10**9 or last - first > MOST_TERMS:
            raise Unclear
        total = balls.ZERO
        for value in range(int(first.unique_fmpz()), int(last.unique_fmpz()) + 1):
            inner = Evaluation(program, {**e.point, index: Fraction(value)}, e.precision)
            total = total + inner.compute(body)
        return total

    return step


STEPS: Mapping[str, Callable[[Program, int, Node], Step]] = {
    "sum": _sum,
    "product": _product,
    "power": _power,
    "number": _number,
    "name": _name,
    "constant": _constant,
    "huge": _huge,
    "apply": _apply,
    "piecewise": _piecewise,
    "sigma": _sigma,
}


@dataclass(frozen=True, slots=True)
class Certified:
    """A real number between two exact ends; both are the number itself where it is rational and known."""

    lower: Fraction
    upper: Fraction

    @property
    def exact(self) -> Fraction | None:
        """The number, if it is known exactly."""
        return self.lower if self.lower == self.upper else None

    @property
    def middle(self) -> Fraction:
        """The middle of the two ends."""
        return (self.lower + self.upper) / 2

    def overlaps(self, other: Certified) -> bool:
        """Whether both may be the same number."""
        return self.lower <= other.upper and other.lower <= self.upper

    def __float__(self) -> float:
        """The nearest float; infinite beyond the range of floats."""
        try:
            return float(self.middle)
        except OverflowError:
            return float("inf") if self.middle > 0 else float("-inf")


def enclose(tree: Tree, point: Mapping[str, Fraction | Tree], precision: int = 128) -> Certified:
    """Certified ends for the value of a tree at a point, computed with `precision` bits.

    Raises NoValue where there is provably no real value, Unclear where the precision does not tell,
    MissingName for a name without a value, NotScalar for a vector and its like.
    """
    program, root, exact_point = _prepared(tree, point)
    return certified(program.at(exact_point, precision).value(root))


def value_at(tree: Tree, point: Mapping[str, Fraction | Tree], digits: int = 15) -> Certified:
    """Certified ends that agree to `digits` significant digits; raises as `enclose` does.

    >>> from grader.reading.tree import call, number
    >>> float(value_at(call("sqrt", number(2)), {}))
    1.4142135623730951
    """
    program, root, exact_point = _prepared(tree, point)
    exact = exact_node(program.nodes, root, exact_point, {})
    if exact is not None:
        return Certified(exact, exact)
    wanted = int(digits * BITS_PER_DIGIT) + 4
    for precision in (wanted + 32, *[more for more in PRECISIONS if more > wanted + 32], wanted + 4096):
        try:
            found = program.at(exact_point, precision).value(root)
        except Unclear:
            continue
        if found.rel_accuracy_bits() >= wanted or (found.contains(balls.ZERO) and precision > wanted + 2048):
            return certified(found)
    raise Unclear("the value could not be computed to this many digits")


BITS_PER_DIGIT = 3.3219281


def _prepared(tree: Tree, point: Mapping[str, Fraction | Tree]) -> tuple[Program, int, dict[str, Fraction]]:
    """The program of the tree with the trees of the point put in for their names."""
    trees = {name: value for name, value in point.items() if isinstance(value, Tree)}
    exact = {name: Fraction(value) for name, value in point.items() if not isinstance(value, Tree)}
    numbering = Numbering()
    root = numbering.of(substitute(tree, trees) if trees else tree)
    return Program(numbering), root, exact


def certified(found: arb) -> Certified:
    """The exact ends of a ball; Unclear where they are too long to write out."""
    (middle, scale), (radius, radius_scale) = found.mid().man_exp(), found.rad().man_exp()
    if abs(int(scale)) > LARGEST_SCALE or (radius and abs(int(radius_scale)) > LARGEST_SCALE):
        raise Unclear("the value is too large or too small to write out")
    centre, around = _scaled(int(middle), int(scale)), _scaled(int(radius), int(radius_scale))
    return Certified(centre - around, centre + around)


def _scaled(mantissa: int, scale: int) -> Fraction:
    return Fraction(mantissa << scale) if scale >= 0 else Fraction(mantissa, 1 << -scale)
