"""Characters as typed to plain characters, each with its place in the typed text."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from grader.errors import AnswerError


class Source(NamedTuple):
    """Plain text; `places[k]` is where character k stood in the typed text (None: the same place)."""

    text: str
    places: tuple[int, ...] | None
    length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A span of the plain text as a span of the typed text."""
        if self.places is None:
            return start, end
        first = self.places[start] if start < len(self.places) else self.length
        last = self.places[end - 1] + 1 if 0 < end <= len(self.places) else self.length
        return first, max(first, last)


_FRACTIONS = frozenset("½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒")
_SAME: dict[str, str] = {
    **dict.fromkeys("‐‑‒–—―−﹣－⁃", "-"),
    **dict.fromkeys("×·⋅∙∗•⨯✕⊗", "*"),
    **dict.fromkeys("÷⁄∕", "/"),
    **dict.fromkeys("′’‘´`", "'"),
    **dict.fromkeys("⟨〈", "<"),
    **dict.fromkeys("⟩〉", ">"),
    **dict.fromkeys("∣∣│", "|"),
    **dict.fromkeys("≤⩽≦", "<="),
    **dict.fromkeys("≥⩾≧", ">="),
    "≠": "!=",
    "∈": " in ",
    "∞": " oo ",
    "∅": " {} ",
    "∧": " and ",
    "∨": " or ",
    "ᵀ": "^T",
    "⊤": "T",
    "‖": "||",
    "∥": "||",
    "∘": ".*",
    "⊙": ".*",
    **{sign: f"({unicodedata.normalize('NFKC', sign).replace('⁄', '/')})" for sign in _FRACTIONS},
    "∑": "sum",
    "⌊": " floor(",
    "⌈": " ceil(",
    **dict.fromkeys("⌋⌉", ")"),
    "∇": "∇",
    "∂": "∂",
    "∪": "∪",
    "∩": "∩",
    "±": "±",
    "∓": "±",
    "→": "→",
    **dict.fromkeys("″”", "''"),
    "ⅇ": "e",
}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿˣʸᵗᵏⁱᵃᵇᶜᵈᵉʲᵐᵖʳˢᵘᵛʷᶻ", "0123456789+-()nxytkiabcdejmprsuvwz", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₚᵣₛₜᵤᵥₓ", "0123456789aehijklmnprstuvx", strict=True))
_NOTHING_RAISED = frozenset({"", *"+-−–*·×/÷(=,;[{<>"})
"""What stands before a raised figure that raises nothing: in `2 + ³√x` it belongs to the root."""
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u061c\u2061\u2062\u2063\u2064") | {
    chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xFE00, 0xFE10))
}


def plain(typed: str) -> Source:
    """The typed text with Unicode notation written in plain characters.

    Raises AnswerError at a control character.
    """
    if typed.isascii() and typed.isprintable():
        return Source(typed, None, len(typed))
    pieces: list[str] = []
    places: list[int] = []
    mode = before = ""
    for place, char in enumerate(typed):
        if char in _FRACTIONS and before.isdecimal():
            raise AnswerError("Two numbers stand side by side.", place, place + 1, f"Write + or * before {char}.")
        if char == "³" and typed[place + 1 : place + 2] == "√":
            if before not in _NOTHING_RAISED and not typed[place - 1].isspace():
                repair = "Write cbrt(x), or a sign between the two."
                raise AnswerError("This 3 may belong to either side.", place, place + 2, repair)
            before = char
            continue
        if char == "√" and before == "³" and not mode:
            char = "∛"  # noqa: PLW2901 (two characters of the text are one sign)
        piece, mode = _plain_character(char, mode, place)
        if before == "^" and piece.startswith("^("):
            piece = piece[1:]
        before = before if char.isspace() else char
        pieces.append(piece)
        places.extend([place] * len(piece))
    if mode == "^":
        pieces.append(")")
        places.append(len(typed) - 1)
    return Source("".join(pieces), tuple(places), len(typed))


def _plain_character(char: str, mode: str, place: int) -> tuple[str, str]:
    """The plain form of one character and whether a raised or lowered run goes on after it."""
    if char in _RAISED:
        return (_RAISED[char] if mode == "^" else "^(" + _RAISED[char]), "^"
    closing = ")" if mode == "^" else ""
    if char in _LOWERED:
        return closing + (_LOWERED[char] if mode == "_" else "_" + _LOWERED[char]), "_"
    if char in _INVISIBLE:
        return "", mode
    if char.isspace():
        return closing + ("\n" if char in "\n\u2028" else " "), ""
    if char.isdecimal() and not char.isascii():
        return closing + str(unicodedata.decimal(char)), ""
    known = _SAME.get(char)
    if known is not None:
        return closing + known, ""
    if ord(char) < 32 or ord(char) == 127 or unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"}:
        raise AnswerError("There is a character here that cannot be read.", place, place + 1, "Delete it.")
    compatible = unicodedata.normalize("NFKC", char) if ord(char) > 0x2000 else char
    return closing + (compatible if len(compatible) == 1 else char), ""
