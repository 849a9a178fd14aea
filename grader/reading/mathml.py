"""A tree as native MathML, for display without any script in the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from grader.reading.binding import as_base, in_product, in_sum
from grader.reading.names import BY_NAME, GREEK
from grader.reading.tree import Tree


def to_mathml(tree: Tree, *, display: bool = False) -> str:
    """One whole `math` element; all text in it is escaped."""
    style = ' display="block"' if display else ""
    return f"<math{style}>{_row(_print(tree))}</math>"


def _print(tree: Tree) -> str:
    printer = _PRINTERS.get(tree.kind)
    return printer(tree) if printer else f"<mtext>{escape(tree.value)}</mtext>"


def _row(inner: str) -> str:
    return f"<mrow>{inner}</mrow>"


def _operator(sign: str) -> str:
    return f"<mo>{escape(sign)}</mo>"


def _fenced(left: str, inner: str, right: str) -> str:
    return _row(f'<mo fence="true">{escape(left)}</mo>{inner}<mo fence="true">{escape(right)}</mo>')


def _child(tree: Tree, *, bracketed: bool) -> str:
    return _fenced("(", _print(tree), ")") if bracketed else _print(tree)


def _separated(trees: Iterable[Tree], separator: str = ",") -> str:
    return f'<mo separator="true">{escape(separator)}</mo>'.join(_print(tree) for tree in trees)


def _number(tree: Tree) -> str:
    mantissa, _, exponent = tree.value.partition("e")
    if not exponent:
        return f"<mn>{escape(mantissa)}</mn>"
    power = f"<msup><mn>10</mn><mn>{int(exponent)}</mn></msup>".replace("<mn>-", "<mn>−")
    return f"<mn>{escape(mantissa)}</mn><mo>·</mo>{power}"


def _name(tree: Tree) -> str:
    base, _, subscript = tree.value.partition("_")
    printed = f"<mi>{escape(GREEK.get(base, base))}</mi>"
    if not subscript:
        return printed
    kind = "mn" if subscript.isdigit() else "mi"
    return f"<msub>{printed}<{kind}>{escape(subscript)}</{kind}></msub>"


def _sum(tree: Tree) -> str:
    first, *rest = tree.args
    pieces = [_child(first, bracketed=in_sum(first, 0))]
    for term in rest:
        inner = term.args[0] if term.kind == "neg" else term
        sign = "−" if term.kind == "neg" else "+"
        pieces.append(_operator(sign) + _child(inner, bracketed=in_sum(inner, 1) or inner.kind == "neg"))
    return "".join(pieces)


def _neg(tree: Tree) -> str:
    inner = tree.args[0]
    return _row(_operator("−") + _child(inner, bracketed=in_sum(inner, 0) or inner.kind == "neg"))


def _product(tree: Tree) -> str:
    pieces: list[str] = []
    for place, factor in enumerate(tree.args):
        if place:
            first = factor.args[0] if factor.kind in {"power", "factorial"} else factor
            dotted = first.kind == "number" or "quotient" in {factor.kind, tree.args[place - 1].kind}
            pieces.append(_operator("·" if dotted else "\u2062"))
        pieces.append(_child(factor, bracketed=in_product(factor, place) and factor.kind != "quotient"))
    return "".join(pieces)


def _power(tree: Tree) -> str:
    base, exponent = tree.args
    return f"<msup>{_row(_child(base, bracketed=as_base(base)))}{_row(_print(exponent))}</msup>"


_FENCES = {"abs": ("|", "|"), "norm": ("‖", "‖"), "floor": ("⌊", "⌋"), "ceil": ("⌈", "⌉")}
_LETTERS = {"sigmoid": "σ", "Phi": "Φ", "phi": "φ", "delta": "δ", "relu": "ReLU", "gelu": "GELU"}


def _call(tree: Tree) -> str:
    if tree.value == "sqrt":
        return f"<msqrt>{_separated(tree.args)}</msqrt>"
    if tree.value in {"cbrt", "root"}:
        degree = "<mn>3</mn>" if tree.value == "cbrt" else _row(_print(tree.args[1]))
        return f"<mroot>{_row(_print(tree.args[0]))}{degree}</mroot>"
    if tree.value == "inv":
        base = _child(tree.args[0], bracketed=as_base(tree.args[0]))
        return f"<msup>{_row(base)}<mrow><mo>−</mo><mn>1</mn></mrow></msup>"
    if tree.value in _FENCES:
        left, right = _FENCES[tree.value]
        return _fenced(left, _separated(tree.args), right)
    if tree.value == "log" and len(tree.args) == 2:
        argument, base_tree = tree.args
        head = f"<msub><mi>log</mi>{_row(_print(base_tree))}</msub>"
        return _row(head + _operator("\u2061") + _fenced("(", _print(argument), ")"))
    if tree.value in {"log2", "log10"}:
        head = f"<msub><mi>log</mi><mn>{tree.value[3:]}</mn></msub>"
    else:
        head = f"<mi>{escape(_LETTERS.get(tree.value, BY_NAME[tree.value].name))}</mi>"
    return _row(head + _operator("\u2061") + _fenced("(", _separated(tree.args), ")"))


def _table(rows: Iterable[tuple[Tree, ...]]) -> str:
    inner = "".join("<mtr>" + "".join(f"<mtd>{_row(_print(entry))}</mtd>" for entry in row) + "</mtr>" for row in rows)
    return _fenced("[", f"<mtable>{inner}</mtable>", "]")


def _vector(tree: Tree) -> str:
    if tree.value == "column":
        return _table((entry,) for entry in tree.args)
    return _fenced("[", _separated(tree.args), "]")


_RELATIONS = {"<=": "≤", ">=": "≥", "!=": "≠", "in": "∈"}


def _relation(tree: Tree) -> str:
    pieces = [_print(tree.args[0])]
    for operator, operand in zip(tree.value.split(), tree.args[1:], strict=True):
        pieces.append(_operator(_RELATIONS.get(operator, operator)) + _print(operand))
    return "".join(pieces)


def _piecewise(tree: Tree) -> str:
    rows = []
    for case in tree.args:
        word = "<mtext>if&#160;</mtext>" if case.kind == "case" else "<mtext>otherwise</mtext>"
        test = _print(case.args[1]) if case.kind == "case" else ""
        rows.append(f"<mtr><mtd>{_row(_print(case.args[0]))}</mtd><mtd>{_row(word + test)}</mtd></mtr>")
    return _row(f'<mo fence="true">{{</mo><mtable columnalign="left left">{"".join(rows)}</mtable>')


def _words(word: str) -> Callable[[Tree], str]:
    return lambda tree: f"<mtext>&#160;{word}&#160;</mtext>".join(_print(arg) for arg in tree.args)


def _postfix(sign: str) -> Callable[[Tree], str]:
    return lambda tree: _child(tree.args[0], bracketed=as_base(tree.args[0])) + _operator(sign)


def _entry(tree: Tree) -> str:
    indices = "".join(_print(index) for index in tree.args)
    if any(index.kind == "number" for index in tree.args):
        indices = _separated(tree.args)
    return f"<msub>{_name(Tree('name', (), tree.value))}{_row(indices)}</msub>"


def _sigma(tree: Tree) -> str:
    body, *ends = tree.args
    head = _name(Tree("name", (), tree.value)) + (_operator("=") + _print(ends[0]) if ends else "")
    limits = f"<munderover><mo>∑</mo>{_row(head)}{_row(_print(ends[1]))}</munderover>" if len(ends) > 1 else ""
    limits = limits or f"<munder><mo>∑</mo>{_row(head)}</munder>"
    return _row(limits + _child(body, bracketed=in_sum(body, 0) or body.kind == "neg"))


_PRINTERS: dict[str, Callable[[Tree], str]] = {
    "entry": _entry,
    "sigma": _sigma,
    "number": _number,
    "name": _name,
    "constant": lambda tree: f"<mi>{ {'pi': 'π', 'tau': 'τ', 'oo': '∞'}.get(tree.value, tree.value) }</mi>",
    "sum": _sum,
    "neg": _neg,
    "product": _product,
    "quotient": lambda tree: f"<mfrac>{_row(_print(tree.args[0]))}{_row(_print(tree.args[1]))}</mfrac>",
    "power": _power,
    "call": _call,
    "apply": lambda tree: _row(f"<mi>{escape(tree.value)}</mi>" + _fenced("(", _separated(tree.args), ")")),
    "factorial": _postfix("!"),
    "percent": _postfix("%"),
    "transpose": lambda tree: f"<msup>{_row(_child(tree.args[0], bracketed=as_base(tree.args[0])))}<mo>⊤</mo></msup>",
    "elementwise": lambda tree: _operator("∘").join(_child(arg, bracketed=as_base(arg)) for arg in tree.args),
    "vector": _vector,
    "matrix": lambda tree: _table(row.args for row in tree.args),
    "row": lambda tree: _table([tree.args]),
    "set": lambda tree: _fenced("{", _separated(tree.args), "}"),
    "list": lambda tree: _separated(tree.args),
    "interval": lambda tree: _fenced(tree.value[0], _separated(tree.args), tree.value[1]),
    "relation": _relation,
    "and": _words("and"),
    "or": _words("or"),
    "union": lambda tree: _operator("∪").join(_print(arg) for arg in tree.args),
    "empty": lambda _: "<mi>∅</mi>",
    "piecewise": _piecewise,
}
