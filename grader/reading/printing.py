"""A tree as plain text that reads back as the same tree, and as LaTeX; MathML stands in `mathml`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from grader.reading.binding import as_base, as_denominator, as_exponent, as_numerator, in_product, in_sum
from grader.reading.mathml import to_mathml
from grader.reading.names import BY_NAME, GREEK
from grader.reading.tree import Tree

__all__ = ["to_latex", "to_mathml", "to_text"]

Printer = Callable[[Tree], str]


def to_text(tree: Tree) -> str:
    """The tree in the notation that students type; reading it back gives the same tree."""
    printer = _TEXT.get(tree.kind)
    return printer(tree) if printer else tree.value


def _text(tree: Tree, *, bracketed: bool) -> str:
    """The text of a child, in brackets where they are needed."""
    return f"({to_text(tree)})" if bracketed else to_text(tree)


def _joined(trees: Iterable[Tree], separator: str = ", ") -> str:
    """The texts of several trees."""
    return separator.join(to_text(tree) for tree in trees)


def _text_name(tree: Tree) -> str:
    base, _, subscript = tree.value.partition("_")
    plain = subscript.isdigit() or subscript.isalpha() or not subscript
    return tree.value if plain else f"{base}_{{{subscript}}}"


def _text_sum(tree: Tree) -> str:
    first, *rest = tree.args
    pieces = [_text(first, bracketed=in_sum(first, 0))]
    for term in rest:
        inner = term.args[0] if term.kind == "neg" else term
        sign = " - " if term.kind == "neg" else " + "
        pieces.append(sign + _text(inner, bracketed=in_sum(inner, 1) or (sign == " + " and inner.kind == "neg")))
    return "".join(pieces)


def _text_neg(tree: Tree) -> str:
    inner = tree.args[0]
    return "-" + _text(inner, bracketed=in_sum(inner, 0))


def _text_product(tree: Tree) -> str:
    return "*".join(_text(arg, bracketed=in_product(arg, place)) for place, arg in enumerate(tree.args))


def _text_quotient(tree: Tree) -> str:
    above, below = tree.args
    return f"{_text(above, bracketed=as_numerator(above))}/{_text(below, bracketed=as_denominator(below))}"


def _text_power(tree: Tree) -> str:
    base, exponent = tree.args
    return f"{_text(base, bracketed=as_base(base))}^{_text(exponent, bracketed=as_exponent(exponent))}"


def _text_postfix(sign: str) -> Printer:
    return lambda tree: _text(tree.args[0], bracketed=as_base(tree.args[0])) + sign


def _text_elementwise(tree: Tree) -> str:
    return " .* ".join(_text(arg, bracketed=as_base(arg)) for arg in tree.args)


def _text_vector(tree: Tree) -> str:
    if tree.value != "column":
        return f"[{_joined(tree.args)}]"
    return f"[{_joined(tree.args, '; ')}{';' if len(tree.args) == 1 else ''}]"


def _text_interval(tree: Tree) -> str:
    return f"{tree.value[0]}{_joined(tree.args)}{tree.value[1]}"


def _text_relation(tree: Tree) -> str:
    pieces = [to_text(tree.args[0])]
    for operator, operand in zip(tree.value.split(), tree.args[1:], strict=True):
        pieces.append(f" {operator} {to_text(operand)}")
    return "".join(pieces)


def _text_entry(tree: Tree) -> str:
    plain = all(len(index.value) == 1 and index.kind == "name" for index in tree.args) or len(tree.args) == 1
    return f"{tree.value}_" + (_joined(tree.args, "") if plain else f"{{{_joined(tree.args, ',')}}}")


def _text_sigma(tree: Tree) -> str:
    body, *ends = tree.args
    head = f"({tree.value}={to_text(ends[0])})" if ends else tree.value
    upper = f"^({to_text(ends[1])})" if len(ends) > 1 else ""
    return f"sum_{head}{upper} {_text(body, bracketed=in_sum(body, 0) or body.kind == 'neg')}"


_TEXT: dict[str, Printer] = {
    "entry": _text_entry,
    "sigma": _text_sigma,
    "name": _text_name,
    "sum": _text_sum,
    "neg": _text_neg,
    "product": _text_product,
    "quotient": _text_quotient,
    "power": _text_power,
    "call": lambda tree: f"{tree.value}({_joined(tree.args)})",
    "apply": lambda tree: f"{tree.value}({_joined(tree.args)})",
    "factorial": _text_postfix("!"),
    "percent": _text_postfix("%"),
    "transpose": _text_postfix("^T"),
    "elementwise": _text_elementwise,
    "vector": _text_vector,
    "matrix": lambda tree: f"[{_joined(tree.args)}]",
    "row": lambda tree: f"[{_joined(tree.args)}]",
    "set": lambda tree: f"{{{_joined(tree.args)}}}",
    "list": lambda tree: _joined(tree.args),
    "interval": _text_interval,
    "relation": _text_relation,
    "and": lambda tree: " and ".join(_text(arg, bracketed=arg.kind in {"or", "and"}) for arg in tree.args),
    "or": lambda tree: " or ".join(_text(arg, bracketed=arg.kind == "or") for arg in tree.args),
    "union": lambda tree: _joined(tree.args, " ∪ "),
    "empty": lambda _: "{}",
    "piecewise": lambda tree: f"{{{_joined(tree.args, '; ')}}}",
    "case": lambda tree: f"{to_text(tree.args[0])} if {to_text(tree.args[1])}",
    "otherwise": lambda tree: f"{to_text(tree.args[0])} otherwise",
}

_LATEX_CONSTANTS = {"pi": r"\pi", "tau": r"\tau", "oo": r"\infty", "e": "e", "i": "i"}
_LATEX_RELATIONS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne", "in": r"\in"}


def to_latex(tree: Tree) -> str:
    """The tree as LaTeX for a reader's eye."""
    printer = _LATEX.get(tree.kind)
    return printer(tree) if printer else tree.value


def _latex(tree: Tree, *, bracketed: bool) -> str:
    """The LaTeX of a child, in brackets where they are needed."""
    return rf"\left({to_latex(tree)}\right)" if bracketed else to_latex(tree)


def _latex_list(trees: Iterable[Tree], separator: str = ", ") -> str:
    """The LaTeX of several trees."""
    return separator.join(to_latex(tree) for tree in trees)


def latex_name(name: str) -> str:
    r"""A name as LaTeX: Greek letters and subscripts set as such.

    >>> latex_name("theta_1"), latex_name("loss")
    ('\\\\theta_{1}', '\\\\mathrm{loss}')
    """
    base, _, subscript = name.partition("_")
    printed = rf"\{base}" if base in GREEK else (base if len(base) == 1 else rf"\mathrm{{{base}}}")
    return f"{printed}_{{{subscript}}}" if subscript else printed


def _latex_number(tree: Tree) -> str:
    mantissa, _, exponent = tree.value.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def _latex_sum(tree: Tree) -> str:
    first, *rest = tree.args
    pieces = [_latex(first, bracketed=in_sum(first, 0))]
    for term in rest:
        inner = term.args[0] if term.kind == "neg" else term
        sign = " - " if term.kind == "neg" else " + "
        pieces.append(sign + _latex(inner, bracketed=in_sum(inner, 1) or inner.kind == "neg"))
    return "".join(pieces)


def _latex_product(tree: Tree) -> str:
    pieces: list[str] = []
    for place, arg in enumerate(tree.args):
        piece = _latex(arg, bracketed=in_product(arg, place) and arg.kind != "quotient")
        if place:
            before = tree.args[place - 1]
            pieces.append(r" \cdot " if _needs_dot(before, arg) else (r" \, " if _begins_with_call(arg) else " "))
        pieces.append(piece)
    return "".join(pieces)


def _begins_with_call(tree: Tree) -> bool:
    """Whether a function name comes first, also that of a power."""
    return tree.kind == "call" or (tree.kind == "power" and tree.args[0].kind == "call")


def _needs_dot(before: Tree, after: Tree) -> bool:
    """Whether two factors would run together without a dot."""
    first = after.args[0] if after.kind in {"power", "factorial", "quotient"} else after
    if first.kind == "number" or after.kind == "quotient" or before.kind == "quotient":
        return True
    return before.kind == "call" and before.value not in {"abs", "norm", "sqrt"} and first.kind in {"name", "call"}


def _latex_power(tree: Tree) -> str:
    base, exponent = tree.args
    if base.kind == "call" and base.value in _RAISED_NAMES and not _is_minus_one(exponent):
        return rf"{BY_NAME[base.value].latex}^{{{to_latex(exponent)}}}\left({_latex_list(base.args)}\right)"
    return f"{_latex(base, bracketed=as_base(base))}^{{{to_latex(exponent)}}}"


def _is_minus_one(exponent: Tree) -> bool:
    """Whether this exponent on the name of a function would mean its inverse."""
    return exponent.kind == "neg" and exponent.args[0].value == "1"


_RAISED_NAMES = frozenset({"sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "ln"})
_FENCES = {
    "sqrt": (r"\sqrt{", "}"),
    "cbrt": (r"\sqrt[3]{", "}"),
    "abs": (r"\left|", r"\right|"),
    "norm": (r"\left\lVert ", r"\right\rVert"),
    "floor": (r"\left\lfloor ", r"\right\rfloor"),
    "ceil": (r"\left\lceil ", r"\right\rceil"),
}


def _latex_call(tree: Tree) -> str:
    if tree.value == "root":
        radicand, degree = (to_latex(arg) for arg in tree.args)
        return rf"\sqrt[{degree}]{{{radicand}}}"
    if tree.value == "log" and len(tree.args) == 2:
        argument, base = (to_latex(arg) for arg in tree.args)
        return rf"\log_{{{base}}}\left({argument}\right)"
    if tree.value == "inv":
        return f"{_latex(tree.args[0], bracketed=as_base(tree.args[0]))}^{{-1}}"
    if tree.value in _FENCES:
        left, right = _FENCES[tree.value]
        return f"{left}{_latex_list(tree.args)}{right}"
    return rf"{BY_NAME[tree.value].latex}\left({_latex_list(tree.args)}\right)"


def _latex_rows(rows: Iterable[tuple[Tree, ...]]) -> str:
    inner = r" \\ ".join(_latex_list(row, " & ") for row in rows)
    return rf"\begin{{bmatrix}} {inner} \end{{bmatrix}}"


def _latex_vector(tree: Tree) -> str:
    rows = [(entry,) for entry in tree.args] if tree.value == "column" else [tree.args]
    return _latex_rows(rows)


def _latex_relation(tree: Tree) -> str:
    pieces = [to_latex(tree.args[0])]
    for operator, operand in zip(tree.value.split(), tree.args[1:], strict=True):
        pieces.append(f" {_LATEX_RELATIONS.get(operator, operator)} {to_latex(operand)}")
    return "".join(pieces)


def _latex_piecewise(tree: Tree) -> str:
    lines = []
    for case in tree.args:
        test = to_latex(case.args[1]) if case.kind == "case" else r"\text{otherwise}"
        word = r"\text{if } " if case.kind == "case" else ""
        lines.append(f"{to_latex(case.args[0])} & {word}{test}")
    inner = r" \\ ".join(lines)
    return rf"\begin{{cases}} {inner} \end{{cases}}"


def _latex_entry(tree: Tree) -> str:
    separator = "" if all(index.kind == "name" for index in tree.args) else ","
    return f"{latex_name(tree.value)}_{{{_latex_list(tree.args, separator)}}}"


def _latex_sigma(tree: Tree) -> str:
    body, *ends = tree.args
    head = latex_name(tree.value) + (f"={to_latex(ends[0])}" if ends else "")
    upper = f"^{{{to_latex(ends[1])}}}" if len(ends) > 1 else ""
    return rf"\sum_{{{head}}}{upper} {_latex(body, bracketed=in_sum(body, 0) or body.kind == 'neg')}"


_LATEX: dict[str, Printer] = {
    "entry": _latex_entry,
    "sigma": _latex_sigma,
    "number": _latex_number,
    "name": lambda tree: latex_name(tree.value),
    "constant": lambda tree: _LATEX_CONSTANTS[tree.value],
    "sum": _latex_sum,
    "neg": lambda tree: "-" + _latex(tree.args[0], bracketed=in_sum(tree.args[0], 0) or tree.args[0].kind == "neg"),
    "product": _latex_product,
    "quotient": lambda tree: rf"\frac{{{to_latex(tree.args[0])}}}{{{to_latex(tree.args[1])}}}",
    "power": _latex_power,
    "call": _latex_call,
    "apply": lambda tree: rf"{tree.value}\left({_latex_list(tree.args)}\right)",
    "factorial": lambda tree: _latex(tree.args[0], bracketed=as_base(tree.args[0])) + "!",
    "percent": lambda tree: _latex(tree.args[0], bracketed=as_base(tree.args[0])) + r"\%",
    "transpose": lambda tree: _latex(tree.args[0], bracketed=as_base(tree.args[0])) + r"^{\top}",
    "elementwise": lambda tree: r" \circ ".join(_latex(arg, bracketed=as_base(arg)) for arg in tree.args),
    "vector": _latex_vector,
    "matrix": lambda tree: _latex_rows(row.args for row in tree.args),
    "row": lambda tree: _latex_rows([tree.args]),
    "set": lambda tree: rf"\left\{{{_latex_list(tree.args)}\right\}}",
    "list": lambda tree: _latex_list(tree.args, r",\; "),
    "interval": lambda tree: rf"\left{tree.value[0]}{_latex_list(tree.args)}\right{tree.value[1]}",
    "relation": _latex_relation,
    "and": lambda tree: r" \text{ and } ".join(_latex(arg, bracketed=arg.kind in {"or", "and"}) for arg in tree.args),
    "or": lambda tree: r" \text{ or } ".join(_latex(arg, bracketed=arg.kind == "or") for arg in tree.args),
    "union": lambda tree: _latex_list(tree.args, r" \cup "),
    "empty": lambda _: r"\varnothing",
    "piecewise": _latex_piecewise,
}
