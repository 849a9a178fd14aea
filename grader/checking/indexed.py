"""Whether two indexed expressions are equal for all values of their indices, at sizes of every kind."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import product

from grader.checking.balls import NoValue, Unclear
from grader.checking.bounding import Certified, value_at
from grader.checking.contracting import same_form
from grader.checking.domain import Domain
from grader.checking.instances import Instance, Key, TooMuchWork, Value, Work, as_tree
from grader.checking.printed import short
from grader.checking.ranges import KRONECKER, Misfit, Ranges, bounded
from grader.checking.verdict import (
    Agreement,
    Counterexample,
    Outcome,
    OutOfBudget,
    Proof,
    TypeMismatch,
    Undefined,
    Verdict,
)
from grader.errors import AnswerError
from grader.reading.tree import Tree, constant, literal_value, names_in, substitute, walk

DRAWS = 8
LEAST_DRAWS = 3
DIGITS = 30
SMALLEST = 2
MOST_INDICES = 6
MOST_VALUES = 4  # of one index in one draw
MOST_PLACES = 300  # index values looked at in one draw, beyond one for each pattern
MOST_SHOWN = 8
SHOWN_DIGITS = (6, 12, 24, 48)
SHORT_BITS = 24
NODE_COST = 12  # of ball arithmetic, in visits
POLYNOMIAL = frozenset({"number", "constant", "name", "entry", "neg", "sum", "product", "sigma"})
TOTAL = frozenset({KRONECKER, "exp", "sin", "cos", "tanh", "atan", "sigmoid", "abs", "relu", "softplus"})
TOO_LONG = "the sums are too long"
PROVED = Verdict(Outcome.EQUAL, Proof("the same sum of products of entries"))


@dataclass(frozen=True, slots=True)
class Place:
    """One draw with one value for each index."""

    instance: Instance
    indices: Mapping[str, int]


def decide_indexed(response: Tree, key: Tree, ranges: Ranges, domain: Domain) -> Verdict:
    """Equal where every entry is; a draw of sizes and entries at which one differs disproves it.

    A key that does not keep to the declared sizes is compared with all sizes equal.
    """
    try:
        bounded(key, ranges)
    except Misfit as error:
        if (set(ranges.letters) - set(ranges.indices)) & (names_in(response) | names_in(key)):
            reason = f"the answer does not fit the sizes that were declared. {error}"
            return Verdict(Outcome.UNDECIDED, OutOfBudget(reason.rstrip(".")))
        ranges = replace(ranges, is_square=True)
    try:
        mine, theirs = bounded(response, ranges), bounded(key, ranges)
        is_same = same_form(mine, theirs, ranges, domain)
        if is_same and _is_total(mine):
            return PROVED
        verdict = disproof(mine, theirs, ranges, domain)
    except Misfit as error:
        return Verdict(Outcome.DIFFERENT, TypeMismatch(error.expected, error.found))
    # Of one form, and defined wherever the key is: `ln x_i - ln x_i` is of the form 0.
    return PROVED if is_same and verdict.outcome is Outcome.EQUAL else verdict


def is_exchanged(response: Tree, key: Tree, ranges: Ranges, domain: Domain, pair: tuple[str, str]) -> bool:
    """Whether the response is provably the key with two of its indices exchanged."""
    first, second = pair
    names = {first: Tree("name", (), second), second: Tree("name", (), first)}
    indices = {**ranges.indices, first: ranges.indices[second], second: ranges.indices[first]}
    turned = replace(ranges, indices=indices)
    try:
        return same_form(bounded(response, turned), bounded(substitute(key, names), turned), turned, domain)
    except (Misfit, AnswerError):
        return False


def _is_total(tree: Tree) -> bool:
    """Whether the tree is made of operations that have a value whatever the entries are."""
    for node in walk(tree):
        if node.kind == "power":
            if node.args[0] == constant("e"):
                continue
            exponent = literal_value(node.args[1])
            if exponent is None or exponent.denominator != 1 or exponent < 1:
                return False
        elif node.kind not in POLYNOMIAL and not (node.kind == "call" and node.value in TOTAL):
            return False
    return True


def disproof(response: Tree, key: Tree, ranges: Ranges, domain: Domain) -> Verdict:
    """The verdict from exact values at several draws; every pattern of equal indices is looked at in each."""
    work = Work()
    points = draws = 0
    undefined: Verdict | None = None
    has_value = False
    reason = "the values could not be computed"
    for instance in _instances(response, key, ranges, domain, work):
        compared = 0
        try:
            for place, is_needed in _places(instance, (response, key)):
                if not is_needed and work.visits > work.most // 2:
                    break
                verdict = _at(place, response, key)
                if isinstance(verdict, Verdict) and isinstance(verdict.evidence, Undefined):
                    undefined = undefined or verdict
                elif isinstance(verdict, Verdict):
                    return undefined or verdict
                else:
                    has_value = has_value or verdict
                    compared += int(verdict)
                if undefined and has_value:
                    return undefined
        except TooMuchWork:
            reason = TOO_LONG
            break
        except Unclear as error:
            reason = str(error) or reason
            continue
        points += compared
        draws += compared > 0
    if undefined is not None and isinstance(undefined.evidence, Undefined):
        return Verdict(Outcome.INVALID, Undefined(reason=undefined.evidence.reason))
    if draws >= LEAST_DRAWS:
        return Verdict(Outcome.EQUAL, Agreement(points, DIGITS))
    return Verdict(Outcome.UNDECIDED, OutOfBudget(reason))


def _instances(response: Tree, key: Tree, ranges: Ranges, domain: Domain, work: Work) -> Iterator[Instance]:
    """Draws in which different letters have different sizes, each letter of several sizes."""
    nodes = [node for tree in (response, key) for node in walk(tree) if node.kind in {"entry", "name"}]
    used = {size for node in nodes for size in (node.value, *ranges.shapes.get(node.value, ()))}
    used |= {ranges.indices.get(arg.value) or "" for node in nodes for arg in (node, *node.args)}
    letters = [letter for letter in ranges.letters if letter in used]
    fixed = [int(arg.value) for node in nodes for arg in node.args if arg.kind == "number"]
    least = max([SMALLEST, *fixed])
    pool = range(least, least + max(3, len(letters)))
    for draw in range(DRAWS):
        places = [0 if ranges.is_square else place for place in range(len(letters))]
        sizes = {letter: pool[(place + draw) % len(pool)] for place, letter in zip(places, letters, strict=True)}
        yield Instance(draw, sizes, ranges, domain, work)


def _places(instance: Instance, trees: Sequence[Tree]) -> Iterator[tuple[Place, bool]]:
    """Values for all free indices that occur; first one for every pattern of equal and ordered indices."""
    used = {arg.value for tree in trees for node in walk(tree) for arg in (node, *node.args) if arg.kind == "name"}
    names = sorted(name for name in instance.ranges.indices if name in used)
    values = [_values(instance.size(instance.ranges.indices[name])) for name in names]
    tuples = list(product(*values))
    random.Random(instance.number).shuffle(tuples)
    fixed = {
        int(arg.value)
        for tree in trees
        for node in walk(tree)
        if node.kind == "entry"
        for arg in node.args
        if arg.kind == "number"
    }
    seen: dict[tuple[object, ...], tuple[int, ...]] = {}
    for each in tuples:
        order = sorted(set(each))
        seen.setdefault(tuple((order.index(one), one if one in fixed else 0) for one in each), each)
    needed = set(seen.values())
    for each in [*_needed_first(tuples, needed)][: len(needed) + MOST_PLACES]:
        yield Place(instance, dict(zip(names, each, strict=True))), each in needed


def _needed_first(tuples: Sequence[tuple[int, ...]], needed: set[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    """The same tuples, the needed ones before the others."""
    yield from (each for each in tuples if each in needed)
    yield from (each for each in tuples if each not in needed)


def _values(size: int | None) -> list[int]:
    """Some values of an index: the first ones and the last."""
    size = size or MOST_VALUES
    return list(range(1, size + 1)) if size <= MOST_VALUES else [*range(1, MOST_VALUES), size]


def _at(place: Place, response: Tree, key: Tree) -> Verdict | bool:
    """A verdict of different, or whether the two were found equal here; False where the key has no value."""
    instance = place.instance
    instance.asked.clear()
    try:
        theirs = instance.value(key, place.indices)
        right = theirs if isinstance(theirs, Fraction) else _certified(theirs, instance)
    except NoValue:
        return False
    asked = set(instance.asked)
    try:
        mine = instance.value(response, place.indices)
        if mine == theirs:
            return True
        given = mine if isinstance(mine, Fraction) else _certified(mine, instance)
    except NoValue as error:
        return Verdict(Outcome.DIFFERENT, Undefined(_point(place, asked | instance.asked), str(error)))
    if _overlap(given, right):
        return True
    point = _point(place, asked | instance.asked)
    return Verdict(Outcome.DIFFERENT, Counterexample(point, *_texts(given, right)))


def _certified(tree: Value, instance: Instance) -> Certified:
    tree = as_tree(tree)
    instance.work.spend(NODE_COST * sum(1 for _ in walk(tree)))
    return value_at(tree, {}, DIGITS)


def _overlap(given: Fraction | Certified, right: Fraction | Certified) -> bool:
    first, second = (Certified(each, each) if isinstance(each, Fraction) else each for each in (given, right))
    return first.overlaps(second)


def _texts(given: Fraction | Certified, right: Fraction | Certified) -> tuple[str, str]:
    """Both values in words that differ."""
    first, second = (each if isinstance(each, Fraction) else each.middle for each in (given, right))
    if _is_short(first) and _is_short(second):
        return str(first), str(second)
    for digits in SHOWN_DIGITS:
        texts = (_text(first, digits), _text(second, digits))
        if texts[0] != texts[1]:
            return texts
    text = _text(second, SHOWN_DIGITS[0])
    return f"{text} {'-' if first < second else '+'} {_text(abs(first - second), SHOWN_DIGITS[0])}", text


def _is_short(value: Fraction) -> bool:
    return value.numerator.bit_length() + value.denominator.bit_length() <= SHORT_BITS


def _text(value: Fraction, digits: int) -> str:
    """The value as a decimal of this many digits."""
    with localcontext(prec=digits):
        return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():g}"


def _point(place: Place, asked: set[Key]) -> tuple[tuple[str, str], ...]:
    """The indices, the sizes of the letters, and the entries where they are few."""
    indices = [(name, str(value)) for name, value in place.indices.items()]
    sizes = [(letter, str(size)) for letter, size in place.instance.sizes.items()]
    entries = [
        (f"{name}_{','.join(map(str, where))}" if where else name, short(place.instance.entries[name, where]))
        for name, where in sorted(asked)
    ]
    return (*indices, *sizes, *(entries if len(entries) <= MOST_SHOWN else ()))
