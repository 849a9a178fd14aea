"""The keys beside an answer field: the problem's own symbols and what such answers are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from grader.bank.variant import Variant, VariantPart
from grader.reading.names import BY_NAME, FUNCTIONS, GREEK, SPELLINGS
from grader.reading.printing import latex_name
from grader.web.fields import shape_of

CARET = "¦"
"""In the text of a key: where the caret goes, and what was selected."""
MOST_NAMES = 24
COMMON = ("exp", "ln", "sin", "cos")
MATRIX_TYPES = frozenset({"matrix-expression"})
SET_TYPES = frozenset({"interval", "inequality", "set"})
VECTOR_TYPES = frozenset({"vector", "witness", "list"})
MATHS = re.compile(r"\$\$.+?\$\$|\$.+?\$|`.+?`", re.DOTALL)
"""What is mathematics in a text, where `step` is a function and not a word."""
WORD = re.compile(r"[A-Za-z]\w+")
_UNNAMED = frozenset({"abs", "piecewise", "transpose", "inv", "norm", "sqrt", "root", "cbrt", "dot", "delta"})


@dataclass(frozen=True, slots=True)
class Key:
    """A key: what it shows, what it types (plain and as LaTeX), and what it is called."""

    face: str
    text: str
    latex: str
    name: str | LazyString


OPERATIONS = (
    Key("x²", f"{CARET}^2", r"#@^{2}", _("squared")),
    Key("xⁿ", f"{CARET}^()", r"#@^{#?}", _("power")),
    Key("a/b", f"({CARET})/()", r"\frac{#@}{#?}", _("fraction")),
    Key("√", f"sqrt({CARET})", r"\sqrt{#0}", _("square root")),
    Key("|x|", f"|{CARET}|", r"\left|#0\right|", _("absolute value")),
    Key("( )", f"({CARET})", r"\left(#0\right)", _("brackets")),
)
CONSTANTS = (Key("π", "pi", r"\pi", _("pi")), Key("eˣ", f"e^({CARET})", r"e^{#0}", _("e to the power")))
MATRICES = (
    Key("Aᵀ", f"{CARET}^T", r"#@^{\top}", _("transposed")),
    Key("A⁻¹", f"{CARET}^-1", r"#@^{-1}", _("inverse")),
    Key("‖x‖", f"||{CARET}||", r"\left\lVert #0\right\rVert", _("norm")),
    Key("∘", " .* ", r"\circ ", _("entry by entry product")),
)
SETS = (
    Key("∞", "oo", r"\infty", _("infinity")),
    Key("≤", " <= ", r"\le ", _("at most")),
    Key("≥", " >= ", r"\ge ", _("at least")),
    Key("∪", " U ", r"\cup ", _("union")),
    Key("{ }", f"{{{CARET}}}", r"\left\{#0\right\}", _("set")),
    Key("∅", "no solution", r"\emptyset", _("no solution")),
)
VECTORS = (Key("[ , ]", f"[{CARET}, ]", r"\left[#0,#?\right]", _("vector")),)


def palette_of(part: VariantPart, variant: Variant) -> tuple[tuple[Key, ...], ...]:
    """The keys of a part in groups: its names, operations, functions.

    Functions are those that all answers may need and those that the question itself speaks of, never
    those of the key.
    """
    if part.type in {"choice", "written"}:
        return ()
    names = tuple(_name_key(name) for name in list(part.variables)[:MOST_NAMES])
    special = MATRICES if part.type in MATRIX_TYPES else SETS if part.type in SET_TYPES else ()
    more = VECTORS if part.type in VECTOR_TYPES and not shape_of(part) else ()
    if part.type in MATRIX_TYPES:
        return tuple(filter(None, (names, (*OPERATIONS[2:3], *OPERATIONS[5:], *special))))
    functions = tuple(_function_key(name) for name in (*COMMON[1:], *_spoken_of(part, variant)))
    return tuple(filter(None, (names, (*OPERATIONS, *CONSTANTS), functions, (*special, *more))))


def _name_key(name: str) -> Key:
    base, _, subscript = name.partition("_")
    face = GREEK.get(base, base) + subscript.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    return Key(face, name, latex_name(name), name.replace("_", " "))


def _function_key(name: str) -> Key:
    shown = BY_NAME[name].latex or rf"\operatorname{{{name}}}"
    return Key(name, f"{name}({CARET})", rf"{shown}\left(#0\right)", name)


def _spoken_of(part: VariantPart, variant: Variant) -> tuple[str, ...]:
    """Functions that occur in the words of the question, beside the common ones."""
    said = " ".join(MATHS.findall(" ".join((variant.prompt, part.ask, *variant.given, *part.notes))))
    found = {SPELLINGS[word] for word in WORD.findall(said) if word in SPELLINGS}
    found |= {row.name for row in FUNCTIONS if row.latex and f"{row.latex}(" in said.replace(r"\left(", "(")}
    return tuple(row.name for row in FUNCTIONS if row.name in found - _UNNAMED - set(COMMON))
