"""Whether the labels of `bench/pairs` are right, by an evaluation of its own with mpmath.

    python bench/labels.py [TOPIC…]

Both sides of every pair are evaluated at many random points of the domain, to 100 digits and, where
those see no difference, to 1000; nothing of the judge takes part. A line with `python` also has its
reading checked: the response must have the value of that Python expression. Exit 1 on any contradiction.
"""

from __future__ import annotations

import argparse
import re
import sys
import zlib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

from mpmath import mp, mpf

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.casual import casual, latex
from bench.labelled import Line, lines, reading_of
from bench.values import NoValue, TooLarge, Value, entries, holds, value
from grader.errors import AnswerError
from grader.reading.tree import Tree, names_in, walk

DIGITS, MANY_DIGITS = 100, 1000
WANTED, TRIALS = 48, 400
INFINITY = Tree("constant", (), "oo")
SCALARS = frozenset({"expression", "number"})
ENDS = {"oo": None, "inf": None, "infinity": None, "∞": None}


_MAKE_VECTORS = frozenset({"softmax", "diag", "transpose", "kron"})


class NotChecked(Exception):
    """This evaluation has no opinion on pairs of this kind."""


def contradiction(line: Line) -> str:
    """What the evaluation says against the label; empty where it agrees."""
    mp.dps = DIGITS
    said = line.expected
    found = outcome(line)
    if said == "different" and found == "equal":
        mp.dps = MANY_DIGITS
        found = outcome(line)
    if found != said:
        return f"labelled {said}, evaluated {found}"
    return _reading_fault(line)


def outcome(line: Line) -> str:
    """The outcome by evaluation: equal, different, invalid or ambiguous."""
    answer, _ = reading_of(line, line.answer, line.answer_notation)
    if any(node == INFINITY for node in walk(answer)):
        raise NotChecked("the answer is infinite")
    try:
        response, others = reading_of(line, line.response, line.notation)
    except AnswerError:
        return "invalid"
    if _is_other_kind(line, response):
        return "invalid"
    found = compared(line, response, answer)
    if found != "equal" and any(compared(line, other, answer) == "equal" for other in others):
        return "ambiguous"
    return found


def _is_other_kind(line: Line, response: Tree) -> bool:
    """Whether the response is a kind of thing that cannot be the answer."""
    composite = {"vector", "matrix", "set", "list", "interval", "relation", "and", "or", "union", "empty"}
    kind = response.kind
    if kind == "vector" and len(response.args) == 1:
        return False  # brackets group what cannot be a vector
    if line.type in SCALARS:
        return kind in composite - {"interval"}
    if line.type in {"vector", "matrix"}:
        return kind in {"set", "relation", "and", "or", "interval", "union", "empty"} or (
            kind not in composite
            and not any(node.kind in composite or node.value in _MAKE_VECTORS for node in walk(response))
        )
    return False


def compared(line: Line, response: Tree, answer: Tree) -> str:
    """The outcome of the comparison at random points."""
    if line.type in {"interval", "inequality"}:
        return _as_regions(line, response, answer)
    if line.type == "equation":
        return _as_equations(line, response, answer)
    random = Random(zlib.crc32(line.id.encode()))
    names = sorted(
        names_in(response) | names_in(answer) | {name for name in line.variables or {} if name in names_in(answer)}
    )
    seen, defined, has_value = 0, 0, False
    for trial in range(TRIALS):
        point = draw(line.variables or {}, names, random)
        if trial < len(line.at):  # inside of a region that random points hardly meet
            point |= {name: value_of_python(text, {}) for name, text in line.at[trial].items()}
        right = _entries(answer, point)
        left = _entries(response, point)
        has_value = has_value or left is not None or _has_value(response, point, random)
        if right is None:
            continue
        seen += 1
        if left is None or not same(line, left, right):
            if has_value:
                return "different"
            continue
        defined += 1
        if defined >= WANTED or (not names and defined):
            return "different" if defined < seen else "equal"
    if seen < 3:
        raise NotChecked("the answer has too few values")
    if not has_value:
        return "invalid"
    return "different" if defined < seen else "equal"


def _as_regions(line: Line, response: Tree, answer: Tree) -> str:
    """Whether the two hold the same numbers: near all ends and at random, whatever the other letters are."""
    variable, *others = list(line.variables or {})
    random = Random(zlib.crc32(line.id.encode()))
    for _ in range(12):
        point = draw(line.variables or {}, others, random)
        ends = [_entries(node, point) for tree in (response, answer) for node in walk(tree) if _is_end(node, point)]
        known = [end[0] for end in ends if end and not isinstance(end[0], mp.matrix)]
        near = [sign * (end + step) for end in known for step in (0, mpf("1e-6"), mpf("-1e-6")) for sign in (1, -1)]
        for number in [*near, *(_exact(_inside(None, None, random)) for _ in range(12))]:
            at = {**point, variable: number}
            if holds(response, at, number) != holds(answer, at, number):
                return "different"
    return "equal"


def _is_end(tree: Tree, point: Mapping[str, Value]) -> bool:
    """Whether the tree is a number at this point."""
    return tree.kind in {"number", "neg", "quotient", "product", "power"} and names_in(tree) <= point.keys()


def _as_equations(line: Line, response: Tree, answer: Tree) -> str:
    """Whether the difference of sides is the same up to a constant factor; of a bare side, that side is y."""
    random = Random(zlib.crc32(line.id.encode()))
    names, factors = sorted(line.variables or {}), []
    if response.kind not in {"relation", "sum", "product", "name", "neg"} or response.value not in {"", "="}:
        return "invalid"
    for _ in range(12):
        point = draw(line.variables or {}, names, random)
        right = value(answer.args[0], point) - value(answer.args[1], point)
        sides = response.args if response.kind == "relation" else (answer.args[0], response)
        left = [value(side, point) if _entries(side, point) else None for side in sides]
        if None in left:
            return "different"
        factors.append((left[0] - left[1]) / right)
    return "equal" if all(_near(factor, factors[0]) for factor in factors) and factors[0] else "different"


def _has_value(tree: Tree, point: Mapping[str, Value], random: Random) -> bool:
    """Whether the response has a value at a point of the whole line, in the domain or not."""
    anywhere = draw({name: {} for name in point}, list(point), random)
    return not any(isinstance(each, mp.matrix) for each in point.values()) and _entries(tree, anywhere) is not None


def _entries(tree: Tree, point: Mapping[str, Value]) -> list[Value] | None:
    try:
        if any(isinstance(each, mp.matrix) for each in point.values()):
            found = value(tree, point)
            shape = (found.rows, found.cols) if isinstance(found, mp.matrix) else (1, 1)
            return [*map(mpf, shape), *(found if isinstance(found, mp.matrix) else [found])]
        return entries(tree, point)
    except NoValue:
        return None
    except TooLarge as error:
        raise NotChecked("a value is too large") from error


def same(line: Line, left: list[Value], right: list[Value]) -> bool:
    """Whether two lists of values are the same, as the type and the tolerance want."""
    if line.type == "set":
        return all(any(_near(a, b) for b in right) for a in left) and all(any(_near(a, b) for a in left) for b in right)
    close = _near if not line.tolerance else lambda a, b: _within(line.tolerance, a, b)
    return len(left) == len(right) and all(close(a, b) for a, b in zip(left, right, strict=True))


def _near(a: Value, b: Value) -> bool:
    return bool(abs(a - b) <= mpf(10) ** (-mp.dps * 3 // 5) * max(1, abs(a), abs(b)))


def _within(tolerance: Mapping[str, Any], a: Value, b: Value) -> bool:
    """Whether a number is close enough; an exact half may be rounded either way."""
    (way, amount), *_ = tolerance.items()
    allowed = mpf(str(amount))
    if way == "absolute":
        return bool(abs(a - b) <= allowed)
    if way == "relative":
        return bool(abs(a - b) <= allowed * abs(b))
    if not b:
        return bool(not a)
    places = int(amount) if way == "decimal_places" else int(amount) - 1 - int(mp.floor(mp.log10(abs(b))))
    unit = mpf(10) ** -places
    return bool(_rounded(a / unit) & _rounded(b / unit))


def _rounded(number: Value) -> set[int]:
    doubt = mpf(10) ** (-mp.dps // 2)
    return {int(mp.floor(number + mpf(1) / 2 + sign * doubt)) for sign in (-1, 1)}


def draw(variables: Mapping[str, Any], names: list[str], random: Random) -> dict[str, Value]:
    """A random point of the domain: whole numbers, matrices and intervals as declared."""
    sizes: dict[str, int] = {}
    point: dict[str, Value] = {}
    for name in names:
        declared = variables.get(name) or {}
        if "shape" in declared:
            rows, cols = [*(_size(each, sizes, random) for each in declared["shape"]), 1][:2]
            point[name] = mp.matrix(rows, cols)
            for i in range(rows):
                for j in range(cols):
                    point[name][i, j] = _exact(Fraction(random.randint(-40, 40), 16))
        else:
            point[name] = _exact(_number(declared, random))
    return {**{letter: mpf(size) for letter, size in sizes.items()}, **point}


def _size(given: int | str, sizes: dict[str, int], random: Random) -> int:
    """Letters stand for different sizes, so that shapes fit only where they must."""
    free = [size for size in (2, 3, 4, 5, 6) if size not in sizes.values()]
    return given if isinstance(given, int) else sizes.setdefault(given, random.choice(free))


def _exact(number: Fraction) -> Value:
    return mpf(number.numerator) / number.denominator


def _number(declared: Mapping[str, Any], random: Random) -> Fraction:
    pieces = list(_pieces(declared.get("in", "(-oo, oo)")))
    for _ in range(1000):
        lower, upper = random.choice(pieces)
        if declared.get("integer"):
            found = Fraction(
                random.randint(int(lower) if lower is not None else -8, int(upper) if upper is not None else 8)
            )
        else:
            found = _inside(lower, upper, random)
        is_in = (lower is None or found >= lower) and (upper is None or found <= upper)
        if is_in and (found > 0 or not declared.get("positive")) and (found >= 0 or not declared.get("nonnegative")):
            return found
    raise NotChecked("no point found in the domain")


def _inside(lower: Fraction | None, upper: Fraction | None, random: Random) -> Fraction:
    """A number strictly inside; sizes differ from draw to draw."""
    part = Fraction(random.randint(1, 2**16 - 1), 2**16)
    if lower is not None and upper is not None:
        return lower + (upper - lower) * part
    reach = random.choice([Fraction(1, 2048), Fraction(1, 4), 1, 3, 3, 10, 10])
    if lower is None and upper is None:
        return (2 * part - 1) * reach
    return lower + part * reach if lower is not None else (upper or 0) - part * reach


def _pieces(region: Any) -> Iterator[tuple[Fraction | None, Fraction | None]]:
    texts = [",".join(map(str, region))] if isinstance(region, list) else str(region).replace("∪", "U").split("U")
    for text in texts:
        lower, upper = text.strip().strip("()[]").split(",")
        yield _end(lower), _end(upper)


def _end(text: str) -> Fraction | None:
    bare = text.strip().lstrip("+-")
    if bare in ENDS:
        return None
    found = value_of_python(bare.replace("^", "**"), {})
    exact = Fraction(str(mp.nstr(found, 40)))
    return -exact if text.strip().startswith("-") else exact


def _reading_fault(line: Line) -> str:
    """What the expression in `python` says against the way in which the response was read."""
    if not line.python:
        return ""
    mp.dps = DIGITS
    response, _ = reading_of(line, line.response, line.notation)
    names = sorted(names_in(response))
    random, met = Random(zlib.crc32(line.id.encode())), 0
    for _ in range(TRIALS):
        point = draw(line.variables or {}, names, random)
        try:
            left = value(response, point)
        except (NoValue, TooLarge):
            continue
        right = value_of_python(line.python, point)
        met += 1
        if not _near(left, right):
            return f"read otherwise than {line.python}: {mp.nstr(left, 12)} against {mp.nstr(right, 12)}"
        if met == 8:
            break
    return "" if met else f"no point to compare with {line.python}"


def value_of_python(expression: str, point: Mapping[str, Value]) -> Value:
    """The value of a Python expression that stands in a file of pairs, which we wrote ourselves."""
    known = {name: getattr(mp, name) for name in _PYTHON_NAMES} | {"ln": mp.log, "abs": abs, "max": max, "min": min}
    known |= {
        "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
        "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        "tau": 2 * mp.pi,
    }
    known |= {"lambda_": point.get("lambda"), "mpf": mpf, "int": int, "relu": lambda x: max(x, mpf(0))}
    exact = re.sub(r"\d+\.\d+(?:[eE][+-]?\d+)?", lambda decimal: f"mpf('{decimal[0]}')", expression)
    return mpf(eval(compile(exact, "python", "eval"), {"__builtins__": {}}, {**known, **point}))


_PYTHON_NAMES = (
    *("sin", "cos", "tan", "sec", "csc", "cot", "asin", "acos", "atan", "sinh", "cosh", "tanh", "sech", "asinh"),
    *("acosh", "atanh", "exp", "log", "log10", "sqrt", "pi", "e", "erf", "ncdf", "npdf", "floor", "ceil", "factorial"),
    "sign",
)


def main() -> None:
    """Check every line and print the contradictions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topics", nargs="*", help="names of files, without .jsonl")
    parser.add_argument("--casual", action="store_true", help="check the casual texts of accuracy.py instead")
    parser.add_argument("--latex", action="store_true", help="check the LaTeX texts of accuracy.py instead")
    options = parser.parse_args()
    wrong = checked = python = 0
    chosen = lines(options.topics)
    if options.casual or options.latex:
        chosen = (casual if options.casual else latex)(chosen)
    for line in chosen:
        try:
            said = contradiction(line)
        except NotChecked as error:
            print(f"{line.topic} {line.id}: not checked, {error}")
            continue
        except AnswerError as error:
            said = f"the answer cannot be read: {error}"
        checked += 1
        python += bool(line.python)
        if said:
            wrong += 1
            print(f"{line.topic} {line.id}: {line.response!r} against {line.answer!r}: {said}")
    print(f"{checked} labels checked, {python} of them with their reading; {wrong} contradicted")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
