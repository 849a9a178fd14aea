r"""The label before an answer in LaTeX: `f'(x) =`, `\frac{dy}{dx} =`, `\nabla f =`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.reading.latex_commands import ACCENTS, FRACTIONS, ROMAN, SPELLED, STYLES
from grader.reading.latex_items import Item
from grader.reading.text import LABEL

_RELATIONS = frozenset(
    {"=", "<", ">", "<=", ">=", "!=", r"\le", r"\leq", r"\ge", r"\geq", r"\ne", r"\neq", r"\lt", r"\gt", r"\in"}
)
_DEPTH = {"{": 1, "}": -1, r"\begin": 1, r"\end": -1}
_LEFT_OUT = ROMAN | STYLES | frozenset(ACCENTS) | {r"\left", r"\right", r"\mleft", r"\mright", "{", "}"}
_PLAIN = {r"\nabla": "∇", r"\partial": "∂", r"\differentialD": "d", r"\prime": "'", r"\cdot": "*"}
# d/dx or ∂²/∂x∂y before anything that it is applied to.
_OPERATOR = re.compile(r"[d∂](?:\^[2-9])?/(?:[d∂][^\W\d_]+(?:_\w+)?(?:\^[2-9])?)+.*=", re.DOTALL)
LONGEST = 200


def label_end(items: Sequence[Item]) -> int:
    """The place of the equals sign that ends a label; 0 where there is none."""
    depth, place = 0, 0
    for here, item in enumerate(items):
        depth += _DEPTH.get(item.kind, 0)
        if depth == 0 and item.kind in _RELATIONS:
            if place or item.kind != "=":
                return 0
            place = here
    if not 0 < place < LONGEST:
        return 0
    plain = plain_label(items[:place]) + "="
    return place if LABEL.fullmatch(plain) or _OPERATOR.fullmatch(plain) else 0


def plain_label(items: Sequence[Item]) -> str:
    """The items in plain notation, as far as labels go."""
    pieces: list[str] = []
    bars: list[int] = []  # depths of braces at which a numerator ends
    depth, subscript = 0, -1
    for here, item in enumerate(items):
        kind = item.kind
        if kind in FRACTIONS:
            bars.append(depth)
        elif kind == "{":
            depth += 1
            if here and items[here - 1].kind == "_":
                subscript = depth
                pieces.append("{")
        elif kind == "}":
            pieces += ["}"] if depth == subscript else []
            subscript = -1 if depth == subscript else subscript
            depth -= 1
            if bars and bars[-1] == depth:
                bars.pop()
                pieces.append("/")
        elif (
            kind == "^" and items[here + 1 : here + 2] and "prime" in str([i.kind for i in items[here + 1 : here + 3]])
        ):
            continue
        elif kind not in _LEFT_OUT:
            pieces.append(_PLAIN.get(kind) or SPELLED.get(kind) or item.value)
    return re.sub(r"∇\^2", "∇", "".join(pieces))
