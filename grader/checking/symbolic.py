"""SymPy as an independent second route: proofs of equality and derivatives.

Nothing of SymPy leaves this module; trees go in and come out.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from grader.checking.bounding import NotScalar
from grader.checking.domain import ANYTHING, Domain
from grader.errors import CallerError
from grader.reading.tree import Tree, add, call, constant, divide, multiply, name, neg, number, power

LARGEST_EXPONENT = 64
MOST_NODES = 150
LARGEST_NUMBER = 10**40


class NotConverted(CallerError):
    """The tree holds something that has no counterpart on the other side."""


@lru_cache(maxsize=1)
def _sympy() -> Any:
    """SymPy, imported on first use: it takes longer to load than most verdicts to reach."""
    return importlib.import_module("sympy")


def prove_zero(response: Tree, answer: Tree, domain: Domain = ANYTHING) -> bool:
    """Whether SymPy proves that the two are equal wherever both are defined; False is no disproof."""
    sympy = _sympy()
    try:
        difference = to_sympy(response, domain) - to_sympy(answer, domain)
    except (NotConverted, NotScalar):
        return False
    for strategy in (sympy.expand, _rational, _trigonometric, _radical):
        try:
            difference = strategy(difference)
        except (ArithmeticError, TypeError, ValueError, NotImplementedError, AttributeError, RecursionError):
            continue  # SymPy gives up on some inputs by raising; the next strategy may still prove it
        if difference == 0:
            return True
        if sympy.count_ops(difference) > MOST_NODES * 4:
            return False
    return False


def _rational(expression: Any) -> Any:
    sympy = _sympy()
    return sympy.cancel(sympy.together(expression))


def _trigonometric(expression: Any) -> Any:
    sympy = _sympy()
    return sympy.cancel(sympy.together(sympy.expand(expression.rewrite(sympy.exp), complex=False)))


def _radical(expression: Any) -> Any:
    sympy = _sympy()
    return sympy.radsimp(sympy.sqrtdenest(sympy.expand(expression)))


def differentiate(tree: Tree, variable: str) -> Tree:
    """The derivative by SymPy, as a tree; raises NotConverted where either side has no counterpart."""
    sympy = _sympy()
    whole = to_sympy(tree, ANYTHING)
    try:
        found = sympy.diff(whole, _symbol(variable, ANYTHING))
    except (ArithmeticError, TypeError, ValueError, RecursionError) as error:
        raise NotConverted("SymPy cannot differentiate this.") from error
    # The derivative of a sign is zero wherever there is one.
    return _to_tree(found.replace(sympy.DiracDelta, lambda *_: sympy.Integer(0)))


def _symbol(of: str, domain: Domain) -> Any:
    variable = domain.variable(of)
    lower = [interval.lower for interval in variable.intervals]
    known: dict[str, bool] = {"real": True}
    if all(end is not None and end >= 0 for end in lower):
        is_closed = any(one.lower == 0 and one.lower_closed for one in variable.intervals)
        known |= {"nonnegative": True} if is_closed else {"positive": True}
    if variable.integer:
        known["integer"] = True
    return _sympy().Symbol(of, **known)


def to_sympy(tree: Tree, domain: Domain) -> Any:
    """The SymPy object for a tree, built by hand; SymPy never sees text to parse."""
    sympy = _sympy()
    if tree.kind == "number":
        value = Fraction(tree.value) if len(tree.value) <= 60 and "e" not in tree.value.lower() else None
        if value is None or abs(value) > LARGEST_NUMBER:
            raise NotConverted("The number is too long.")
        return sympy.Rational(value.numerator, value.denominator)
    if tree.kind == "name":
        return _symbol(tree.value, domain)
    if tree.kind == "constant":
        constants = {"pi": sympy.pi, "e": sympy.E, "tau": 2 * sympy.pi}
        if tree.value not in constants:
            raise NotConverted(f"{tree.value} is not a real number.")
        return constants[tree.value]
    rules = _rules()
    key = f"call {tree.value}" if tree.kind == "call" else tree.kind
    if tree.kind == "piecewise":
        return _piecewise(tree, domain)
    if key not in rules:
        raise NotConverted(f"{tree.value or tree.kind} has no counterpart in SymPy here.")
    args = [to_sympy(arg, domain) for arg in tree.args]
    try:
        return rules[key](*args)
    except (ArithmeticError, TypeError, ValueError, RecursionError) as error:
        # SymPy raises on some expressions without a value, such as e^(e^(0/0)).
        raise NotConverted(f"SymPy cannot take {tree.value or tree.kind} here.") from error


def _power(base: Any, exponent: Any) -> Any:
    """The power with our meaning: an odd root of a negative number is the real one."""
    sympy = _sympy()
    if exponent.is_number and exponent.is_integer is not True and abs(exponent) > LARGEST_EXPONENT:
        raise NotConverted("The exponent is too large.")
    if exponent.is_Integer and abs(exponent) > LARGEST_EXPONENT:
        raise NotConverted("The exponent is too large.")
    if exponent.is_Rational and not exponent.is_Integer and exponent.q % 2 and not base.is_nonnegative:
        sign = sympy.sign(base) if exponent.p % 2 else 1
        return sign * sympy.Abs(base) ** exponent
    return base**exponent


def _piecewise(tree: Tree, domain: Domain) -> Any:
    sympy = _sympy()
    cases = []
    for case in tree.args:
        condition = sympy.true if case.kind == "otherwise" else _condition(case.args[1], domain)
        cases.append((to_sympy(case.args[0], domain), condition))
    return sympy.Piecewise(*cases)


def _condition(tree: Tree, domain: Domain) -> Any:
    sympy = _sympy()
    if tree.kind in {"and", "or"}:
        join = sympy.And if tree.kind == "and" else sympy.Or
        return join(*[_condition(arg, domain) for arg in tree.args])
    relations = {"<": sympy.Lt, "<=": sympy.Le, ">": sympy.Gt, ">=": sympy.Ge, "=": sympy.Eq, "!=": sympy.Ne}
    operators = tree.value.split()
    if tree.kind != "relation" or any(operator not in relations for operator in operators):
        raise NotConverted("The condition has no counterpart in SymPy here.")
    sides = [to_sympy(arg, domain) for arg in tree.args]
    pairs = zip(operators, sides[:-1], sides[1:], strict=True)
    return sympy.And(*[relations[operator](left, right) for operator, left, right in pairs])


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, Callable[..., Any]]:
    """The meaning of each kind of node and each function in SymPy, arguments converted already."""
    s = _sympy()
    half = s.Rational(1, 2)
    rules: dict[str, Callable[..., Any]] = {
        "sum": s.Add,
        "product": s.Mul,
        "neg": lambda x: -x,
        "quotient": lambda a, b: a / b,
        "percent": lambda x: x / 100,
        "power": _power,
        "factorial": s.factorial,
        "call sqrt": s.sqrt,
        "call cbrt": lambda x: _power(x, s.Rational(1, 3)),
        "call root": lambda x, n: _power(x, 1 / n),
        "call log": lambda x, *base: s.log(x) / s.log(base[0]) if base else s.log(x),
        "call ln": s.log,
        "call log2": lambda x: s.log(x) / s.log(2),
        "call log10": lambda x: s.log(x) / s.log(10),
        "call abs": s.Abs,
        "call min": s.Min,
        "call max": s.Max,
        "call acot": lambda x: s.pi / 2 - s.atan(x),
        "call sigmoid": lambda x: 1 / (1 + s.exp(-x)),
        "call relu": lambda x: s.Max(x, 0),
        "call softplus": lambda x: s.log(1 + s.exp(x)),
        "call Phi": lambda x: half + s.erf(x / s.sqrt(2)) / 2,
        "call phi": lambda x: s.exp(-(x**2) / 2) / s.sqrt(2 * s.pi),
        "call gelu": lambda x: x * (half + s.erf(x / s.sqrt(2)) / 2),
        "call logsumexp": lambda *of: s.log(s.Add(*[s.exp(x) for x in of])),
        "call ceil": s.ceiling,
        "call step": lambda x: (1 + s.sign(x)) / 2,
    }
    for same in SAME_NAME:
        rules[f"call {same}"] = getattr(s, same)
    return rules


SAME_NAME = (
    *("exp", "sign", "floor", "sin", "cos", "tan", "sec", "csc", "cot", "asin", "acos", "atan", "asec", "acsc"),
    *("sinh", "cosh", "tanh", "sech", "csch", "coth", "asinh", "acosh", "atanh", "asech", "acsch", "acoth"),
    *("atan2", "erf"),
)


def _to_tree(expression: Any) -> Tree:
    """Our tree for a SymPy object."""
    sympy = _sympy()
    if expression.is_Rational:
        return number(Fraction(int(expression.p), int(expression.q)))
    if expression.is_Symbol:
        return name(str(expression.name))
    constants = {sympy.pi: "pi", sympy.E: "e"}
    if expression in constants:
        return constant(constants[expression])
    if expression.is_Add:
        return add(*[_to_tree(arg) for arg in expression.as_ordered_terms()])
    if expression.is_Mul:
        return _product_to_tree(expression)
    if expression.is_Pow:
        return _power_to_tree(expression)
    return _call_to_tree(expression)


def _product_to_tree(expression: Any) -> Tree:
    """A product with its sign and denominator in the usual places."""
    sympy = _sympy()
    if expression.could_extract_minus_sign():
        return neg(_to_tree(-expression))
    top, bottom = expression.as_numer_denom() if not expression.is_commutative else sympy.fraction(expression)
    if bottom != 1:
        return divide(_to_tree(top), _to_tree(bottom))
    return multiply(*[_to_tree(arg) for arg in expression.as_ordered_factors()])


def _power_to_tree(expression: Any) -> Tree:
    base, exponent = expression.args
    if exponent == _sympy().Rational(1, 2):
        return call("sqrt", _to_tree(base))
    if exponent.is_Rational and exponent < 0:
        return divide(number(1), _to_tree(1 / expression))
    return power(_to_tree(base), _to_tree(exponent))


def _call_to_tree(expression: Any) -> Tree:
    sympy = _sympy()
    heads = {"log": "ln", "Abs": "abs", "ceiling": "ceil", "Max": "max", "Min": "min"}
    head = type(expression).__name__
    function = heads.get(head, head)
    if isinstance(expression, sympy.Piecewise):
        return Tree("piecewise", tuple(_case_to_tree(value, condition) for value, condition in expression.args))
    if isinstance(expression, sympy.Heaviside):
        return call("step", _to_tree(expression.args[0]))
    if f"call {function}" not in _rules():
        raise NotConverted(f"SymPy's {head} has no counterpart among our functions.")
    return call(function, *[_to_tree(arg) for arg in expression.args])


def _case_to_tree(value: Any, condition: Any) -> Tree:
    sympy = _sympy()
    if condition == sympy.true:
        return Tree("otherwise", (_to_tree(value),))
    return Tree("case", (_to_tree(value), _condition_to_tree(condition)))


def _condition_to_tree(condition: Any) -> Tree:
    sympy = _sympy()
    if isinstance(condition, sympy.And | sympy.Or):
        kind = "and" if isinstance(condition, sympy.And) else "or"
        return Tree(kind, tuple(_condition_to_tree(arg) for arg in condition.args))
    signs = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
    operator = getattr(condition, "rel_op", None)
    if operator not in signs:
        raise NotConverted("SymPy's condition has no counterpart among ours.")
    return Tree("relation", (_to_tree(condition.lhs), _to_tree(condition.rhs)), signs[operator])
