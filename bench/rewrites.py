"""Random right answers, steps that keep their value, and small slips that students make.

A step takes a node and gives another of the same value, or None where it does not fit. Some steps keep the value on
a part of the line only (`ln(a b)` to `ln a + ln b`): which cases are equal is found by evaluation, not by trust.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from grader.reading.tree import ONE, TWO, ZERO, Tree, add, call, constant, divide, multiply, name, neg, number, power

Step = Callable[[Tree, Random], Tree | None]
PI, E = constant("pi"), constant("e")
HALF = divide(ONE, TWO)
UNARY = (
    *("sin", "cos", "exp", "ln", "sqrt", "tanh", "sigmoid", "abs", "relu", "softplus", "atan", "tan", "sinh", "cosh"),
    *("erf", "Phi", "gelu", "cbrt", "sec", "asinh"),
)


def random_answer(random: Random, names: tuple[str, ...], depth: int = 3) -> Tree:
    """A tree of the size and kind of an answer in the course."""
    if depth == 0 or random.random() < 0.15:
        return random.choice([name(random.choice(names)), name(random.choice(names)), number(random.randint(1, 6))])
    inner = [random_answer(random, names, depth - 1) for _ in range(2)]
    kind = random.randrange(9)
    if kind <= 1:
        return add(inner[0], random.choice([inner[1], neg(inner[1])]))
    if kind <= 3:
        return multiply(*inner)
    if kind == 4:
        return divide(*inner)
    if kind == 5:
        return power(inner[0], random.choice([2, 2, 3, -1]))
    return call(random.choice(UNARY), inner[0])


def rewritten(tree: Tree, random: Random, names: tuple[str, ...], steps: int) -> Tree:
    """The tree after some steps at random nodes."""
    for _ in range(steps):
        tree = at_random(tree, random, lambda node: _stepped(node, random, names))
    return tree


def slipped(tree: Tree, random: Random, names: tuple[str, ...]) -> Tree:
    """The tree with one slip at a random node."""
    for _ in range(20):
        found = at_random(tree, random, lambda node: random.choice(SLIPS)(node, random) or node)
        if found != tree:
            return found
    return add(tree, random.choice([ONE, number("1e-12"), name(names[0])]))


def at_random(tree: Tree, random: Random, change: Callable[[Tree], Tree]) -> Tree:
    """The tree with one node changed: the root, or a node under one of its arguments."""
    fitting = [place for place, arg in enumerate(tree.args) if arg.kind not in {"row", "case", "otherwise", "relation"}]
    if not fitting or tree.kind == "piecewise" or random.random() < 0.3:
        return change(tree)
    place = random.choice(fitting)
    args = list(tree.args)
    args[place] = at_random(args[place], random, change)
    return tree._replace(args=tuple(args))


def _stepped(node: Tree, random: Random, names: tuple[str, ...]) -> Tree:
    known = [*BY_CALL.get(node.value, ()), *BY_CALL.get(node.value, ())] if node.kind == "call" else []
    known += BY_KIND.get(node.kind, [])
    for step in random.sample(known, len(known)):
        if random.random() < 0.8 and (found := step(node, random)) is not None:
            return found
    other = name(random.choice(names))
    return random.choice(EVERYWHERE)(node, other)


def _is_number(tree: Tree, *values: str) -> bool:
    return tree.kind == "number" and (not values or tree.value in values)


def _square(tree: Tree) -> Tree:
    return power(tree, 2)


def _half(tree: Tree) -> Tree:
    return divide(tree, TWO)


EVERYWHERE: tuple[Callable[[Tree, Tree], Tree], ...] = (
    lambda u, _: add(u, ZERO),
    lambda u, v: add(u, v, neg(v)),
    lambda u, v: add(call("sin", v), u, neg(call("sin", v))),
    lambda u, _: multiply(ONE, u),
    lambda u, v: divide(multiply(u, v), v),
    lambda u, v: divide(multiply(u, add(_square(v), ONE)), add(_square(v), ONE)),
    lambda u, v: multiply(u, call("exp", v), call("exp", neg(v))),
    lambda u, v: multiply(u, add(_square(call("sin", v)), _square(call("cos", v)))),
    lambda u, v: multiply(u, add(_square(call("cosh", v)), neg(_square(call("sinh", v))))),
    lambda u, v: multiply(add(call("sigmoid", v), call("sigmoid", neg(v))), u),
    lambda u, _: neg(neg(u)),
    lambda u, _: add(multiply(TWO, u), neg(u)),
    lambda u, _: divide(multiply(TWO, u), TWO),
    lambda u, _: add(_half(u), _half(u)),
    lambda u, _: call("ln", call("exp", u)),
    lambda u, _: call("cbrt", power(u, 3)),
    lambda u, _: divide(ONE, divide(ONE, u)),
    lambda u, _: call("sinh", call("asinh", u)),
    lambda u, _: call("tan", call("atan", u)),
    lambda u, _: add(call("relu", u), neg(call("relu", neg(u)))),
    lambda u, _: multiply(call("abs", u), call("sign", u)),
    lambda u, _: add(softplus(u), neg(softplus(neg(u)))),
    lambda u, v: add(neg(add(v, neg(u))), v),
)


def softplus(u: Tree) -> Tree:
    """ln(1 + e^u) by its name."""
    return call("softplus", u)


def _shuffled(node: Tree, random: Random) -> Tree | None:
    args = list(node.args)
    random.shuffle(args)
    return node._replace(args=tuple(args))


def _distributed(node: Tree, random: Random) -> Tree | None:
    """One sum among the factors multiplied out."""
    sums = [place for place, arg in enumerate(node.args) if arg.kind == "sum"]
    if not sums:
        return None
    place = random.choice(sums)
    rest = [arg for index, arg in enumerate(node.args) if index != place]
    return add(*(multiply(term, *rest) for term in node.args[place].args))


def _factored(node: Tree, _: Random) -> Tree | None:
    """A sum with its first term, which need not divide the others, taken out."""
    first, *rest = node.args
    return multiply(first, add(ONE, *(divide(term, first) for term in rest)))


def _common(node: Tree, _: Random) -> Tree | None:
    """Two terms over one denominator."""
    if len(node.args) != 2:
        return None
    (a, b), (c, d) = (arg.args if arg.kind == "quotient" else (arg, ONE) for arg in node.args)
    return divide(add(multiply(a, d), multiply(c, b)), multiply(b, d))


def _split(node: Tree, _: Random) -> Tree | None:
    above, below = node.args
    return add(*(divide(term, below) for term in above.args)) if above.kind == "sum" else None


def _unrolled(node: Tree, _: Random) -> Tree | None:
    base, exponent = node.args
    if not _is_number(exponent) or not exponent.value.isdigit() or not 2 <= int(exponent.value) <= 12:
        return None
    return multiply(base, power(base, int(exponent.value) - 1))


def _squared_out(node: Tree, _: Random) -> Tree | None:
    base, exponent = node.args
    if not _is_number(exponent, "2") or base.kind != "sum" or len(base.args) != 2:
        return None
    a, b = base.args
    return add(_square(a), multiply(TWO, a, b), _square(b))


def _exponential(node: Tree, _: Random) -> Tree | None:
    base, exponent = node.args
    return call("exp", exponent) if base == E else None


def _by_logarithm(node: Tree, _: Random) -> Tree | None:
    base, exponent = node.args
    return call("exp", multiply(exponent, call("ln", base))) if exponent.kind != "number" else None


def _partly(node: Tree, random: Random) -> Tree | None:
    if not node.value.isdigit():
        return None
    part = random.randint(1, 9)
    whole = int(node.value)
    return random.choice(
        [
            add(number(whole - part), number(part)),
            divide(number(whole * part), number(part)),
            Tree("number", (), f"{whole}.0"),
            multiply(number(whole), call("ln", E)),
        ]
    )


def _sum_inside(function: str) -> Step:
    def step(node: Tree, _: Random) -> Tree | None:
        u = node.args[0]
        if u.kind != "sum" or len(u.args) != 2:
            return None
        a, b = u.args
        sines, cosines = (tuple(call(each, side) for side in (a, b)) for each in ("sin", "cos"))
        if function == "sin":
            return add(multiply(sines[0], cosines[1]), multiply(cosines[0], sines[1]))
        if function == "cos":
            return add(multiply(*cosines), neg(multiply(*sines)))
        return multiply(call("exp", a), call("exp", b))

    return step


def _logarithm_of_product(node: Tree, _: Random) -> Tree | None:
    u = node.args[0]
    if u.kind == "product":
        return add(*(call("ln", arg) for arg in u.args))
    if u.kind == "quotient":
        return add(call("ln", u.args[0]), neg(call("ln", u.args[1])))
    if u.kind == "power":
        return multiply(u.args[1], call("ln", u.args[0]))
    return None


def _one(build: Callable[[Tree], Tree]) -> Step:
    """A step for functions of one argument."""
    return lambda node, _: build(node.args[0]) if len(node.args) == 1 else None


def _exp(u: Tree) -> Tree:
    return call("exp", u)


BY_KIND: dict[str, list[Step]] = {
    "sum": [_shuffled, _factored, _common, _shuffled],
    "product": [_shuffled, _distributed, _distributed],
    "quotient": [
        _split,
        lambda node, _: multiply(node.args[0], power(node.args[1], number(-1))),
        lambda node, _: neg(divide(neg(node.args[0]), node.args[1])),
        lambda node, _: divide(ONE, divide(node.args[1], node.args[0])),
    ],
    "power": [_unrolled, _squared_out, _exponential, _by_logarithm],
    "number": [_partly],
}
BY_CALL: dict[str, list[Step]] = {
    "sin": [
        _sum_inside("sin"),
        _one(lambda u: call("cos", add(_half(PI), neg(u)))),
        _one(lambda u: neg(call("sin", neg(u)))),
        _one(lambda u: multiply(TWO, call("sin", _half(u)), call("cos", _half(u)))),
        _one(lambda u: call("sin", add(u, multiply(TWO, PI)))),
        _one(lambda u: multiply(call("tan", u), call("cos", u))),
    ],
    "cos": [
        _sum_inside("cos"),
        _one(lambda u: call("sin", add(u, _half(PI)))),
        _one(lambda u: call("cos", neg(u))),
        _one(lambda u: add(ONE, neg(multiply(TWO, _square(call("sin", _half(u))))))),
        _one(lambda u: neg(call("cos", add(PI, neg(u))))),
        _one(lambda u: divide(ONE, call("sec", u))),
    ],
    "tan": [_one(lambda u: divide(call("sin", u), call("cos", u))), _one(lambda u: divide(ONE, call("cot", u)))],
    "sec": [_one(lambda u: divide(ONE, call("cos", u)))],
    "exp": [
        _sum_inside("exp"),
        _one(lambda u: power(E, u)),
        _one(lambda u: _square(_exp(_half(u)))),
        _one(lambda u: divide(ONE, _exp(neg(u)))),
        _one(lambda u: add(call("cosh", u), call("sinh", u))),
    ],
    "ln": [
        _logarithm_of_product,
        _one(lambda u: neg(call("ln", divide(ONE, u)))),
        _one(lambda u: multiply(TWO, call("ln", call("sqrt", u)))),
        _one(lambda u: add(call("ln", multiply(TWO, u)), neg(call("ln", TWO)))),
        _one(lambda u: multiply(call("log10", u), call("ln", number(10)))),
        _one(lambda u: call("ln", call("abs", u))),
    ],
    "sqrt": [_one(lambda u: power(u, HALF)), _one(lambda u: divide(u, call("sqrt", u)))],
    "cbrt": [_one(lambda u: power(u, divide(ONE, number(3)))), _one(lambda u: neg(call("cbrt", neg(u))))],
    "abs": [
        _one(lambda u: call("sqrt", _square(u))),
        _one(lambda u: call("max", u, neg(u))),
        _one(lambda u: call("abs", neg(u))),
        _one(lambda u: add(call("relu", u), call("relu", neg(u)))),
    ],
    "relu": [
        _one(lambda u: call("max", ZERO, u)),
        _one(lambda u: _half(add(u, call("abs", u)))),
        _one(lambda u: add(u, neg(call("min", u, ZERO)))),
        _one(lambda u: add(u, call("relu", neg(u)))),
    ],
    "max": [_shuffled, lambda node, _: neg(call("min", *(neg(arg) for arg in node.args)))],
    "sigmoid": [
        _one(lambda u: divide(ONE, add(ONE, _exp(neg(u))))),
        _one(lambda u: divide(_exp(u), add(ONE, _exp(u)))),
        _one(lambda u: add(ONE, neg(call("sigmoid", neg(u))))),
        _one(lambda u: _half(add(ONE, call("tanh", _half(u))))),
        _one(lambda u: _exp(neg(softplus(neg(u))))),
    ],
    "tanh": [
        _one(lambda u: divide(call("sinh", u), call("cosh", u))),
        _one(lambda u: neg(call("tanh", neg(u)))),
        _one(lambda u: add(multiply(TWO, call("sigmoid", multiply(TWO, u))), neg(ONE))),
        _one(lambda u: divide(add(_exp(multiply(TWO, u)), neg(ONE)), add(_exp(multiply(TWO, u)), ONE))),
    ],
    "softplus": [_one(lambda u: call("ln", add(ONE, _exp(u)))), _one(lambda u: add(u, softplus(neg(u))))],
    "sinh": [_one(lambda u: _half(add(_exp(u), neg(_exp(neg(u)))))), _one(lambda u: neg(call("sinh", neg(u))))],
    "cosh": [_one(lambda u: _half(add(_exp(u), _exp(neg(u))))), _one(lambda u: call("cosh", call("abs", u)))],
    "asinh": [_one(lambda u: call("ln", add(u, call("sqrt", add(_square(u), ONE)))))],
    "atan": [
        _one(lambda u: neg(call("atan", neg(u)))),
        _one(lambda u: call("asin", divide(u, call("sqrt", add(ONE, _square(u)))))),
    ],
    "erf": [_one(lambda u: neg(call("erf", neg(u))))],
    "Phi": [
        _one(lambda u: add(ONE, neg(call("Phi", neg(u))))),
        _one(lambda u: _half(add(ONE, call("erf", divide(u, call("sqrt", TWO)))))),
    ],
    "gelu": [_one(lambda u: multiply(u, call("Phi", u))), _one(lambda u: add(u, call("gelu", neg(u))))],
}

SWAPPED = {
    "sin": "cos",
    "cos": "sin",
    "tanh": "sigmoid",
    "sigmoid": "tanh",
    "exp": "sinh",
    "sinh": "cosh",
    "cosh": "sinh",
}
SWAPPED |= {
    "relu": "abs",
    "abs": "relu",
    "sqrt": "cbrt",
    "cbrt": "sqrt",
    "ln": "log10",
    "atan": "tanh",
    "softplus": "relu",
}
SWAPPED |= {"erf": "tanh", "Phi": "sigmoid", "gelu": "relu", "tan": "sin", "sec": "cosh", "asinh": "atan"}


def _other_number(node: Tree, random: Random) -> Tree | None:
    if node.kind != "number":
        return None
    other = random.choice([1, -1, "1e-12", "0.001"])
    return add(node, number(other)) if isinstance(other, str) else number(int(float(node.value)) + other)


def _lost(node: Tree, random: Random) -> Tree | None:
    """A sum or product without one of its arguments."""
    if node.kind not in {"sum", "product"} or len(node.args) < 2:
        return None
    kept = list(node.args)
    kept.pop(random.randrange(len(kept)))
    return kept[0] if len(kept) == 1 else node._replace(args=tuple(kept))


def _sign(node: Tree, random: Random) -> Tree | None:
    """A term with the opposite sign."""
    if node.kind != "sum":
        return neg(node) if random.random() < 0.3 else None
    place = random.randrange(len(node.args))
    args = list(node.args)
    args[place] = args[place].args[0] if args[place].kind == "neg" else neg(args[place])
    return node._replace(args=tuple(args))


def _inside_out(node: Tree, _: Random) -> Tree | None:
    """The square inside of a function taken outside, or the reverse."""
    if node.kind == "power" and node.args[0].kind == "call" and len(node.args[0].args) == 1:
        return call(node.args[0].value, power(node.args[0].args[0], node.args[1]))
    if node.kind == "call" and len(node.args) == 1 and node.args[0].kind == "power":
        return power(call(node.value, node.args[0].args[0]), node.args[0].args[1])
    return None


SLIPS: tuple[Step, ...] = (
    _other_number,
    _other_number,
    _lost,
    _sign,
    _inside_out,
    lambda node, _: node.args[0] if node.kind == "call" and len(node.args) == 1 else None,
    lambda node, _: call(SWAPPED[node.value], *node.args) if node.value in SWAPPED and node.kind == "call" else None,
    lambda node, _: divide(node.args[1], node.args[0]) if node.kind == "quotient" else None,
    lambda node, _: power(node.args[0], add(node.args[1], ONE)) if node.kind == "power" else None,
    lambda node, random: add(node, number(random.choice(["1e-12", "1e-9", "1e-30"]))) if node.args else None,
    lambda node, random: multiply(number(random.choice(["1.0000001", "0.999", "2"])), node) if node.args else None,
    lambda node, _: call("abs", node) if node.kind in {"name", "sum"} else None,
    lambda node, _: add(*node.args) if node.kind == "product" else None,
)
