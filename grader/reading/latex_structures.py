"""Numbers, signs, fractions, roots, exponents and groups of LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

from grader.reading.brackets import ungroup
from grader.reading.latex_commands import ROMAN, SIGNS, STYLES, TRANSPOSES
from grader.reading.latex_items import Item
from grader.reading.latex_parsing import TOP
from grader.reading.latex_tokens import Items
from grader.reading.latex_words import argument, spelled, unwrap
from grader.reading.names import Meaning, meanings
from grader.reading.tokens import MAX_EXPONENT_DIGITS, Token
from grader.reading.tree import TWO, Tree

_OPENING = frozenset({"(", "[", "{"})
_CLOSING = frozenset({")", "]", "}"})
_LOOSE = frozenset({"sum", "neg", "product", "quotient", "elementwise"})
_STATEMENTS = frozenset({"=", "<", ">", "<=", ">=", "!=", "word", "∪"})
_STARS = frozenset({"*", r"\ast", r"\star", r"\dagger", r"\times"})
_STYLED = ROMAN | STYLES | {"{", "}"}
_DIFFERENTIAL = r"\s*\{\s*(?:d|\\partial(?![A-Za-z])|\\differentialD(?![A-Za-z])|\\mathrm\s*\{\s*d\s*\})[^{}]*"
_POWER = r"(?:\{\d\}[^{}]*)?\}"
_DERIVATIVE = re.compile(_DIFFERENTIAL + _POWER + _DIFFERENTIAL + r"(?:\{\w+\}[^{}]*)*\}")
_NO_NAME = Meaning("", "")
_new = tuple.__new__


def sign(source: Items, tokens: list[Token], item: Item) -> None:
    """A sign of plain notation."""
    source.at += 1
    kinds = SIGNS[item.kind]
    tokens.append(_new(Token, (kinds[0], "", item.start, item.end, item.gap)))
    if len(kinds) == 2:
        tokens.append(_new(Token, (kinds[1], "", item.start, item.end, False)))


def closing(source: Items, tokens: list[Token], item: Item) -> None:
    """A closing bracket; brackets around a matrix environment belong to it."""
    sign(source, tokens, item)
    is_around = len(tokens) > 2 and tokens[-2].value in source.grids and tokens[-3].kind in {"(", "["}
    if is_around:
        del tokens[-1]
        del tokens[-2]


def number(source: Items, tokens: list[Token], item: Item) -> None:
    """A number; `2e3` is one with an exponent of ten, or on the second pass a product with e."""
    source.at += 1
    literal = item.value.replace("{,}", ".").replace(",", ".")
    place = literal.lower().find("e")
    if place < 0:
        literal = literal.removesuffix(".")
        literal = "0" + literal if literal.startswith(".") else literal
        tokens.append(_new(Token, ("number", literal, item.start, item.end, item.gap)))
        return
    mantissa, exponent = literal[:place], literal[place + 1 :]
    middle = item.start + place
    is_name = meanings(source.vocabulary).get(literal[place], _NO_NAME).kind == "name"
    if not is_name:
        if len(exponent.strip("+-")) > MAX_EXPONENT_DIGITS:
            source.fail("This exponent is too large.", item, "Use at most 3 digits in an exponent.")
        source.doubt(item.start, item.end, "This is read as a number with an exponent of ten.")
    mantissa = ("0" + mantissa if mantissa.startswith(".") else mantissa).removesuffix(".")
    if not (source.second or is_name):
        tokens.append(Token("number", f"{mantissa}e{exponent}", item.start, item.end, item.gap))
        return
    tokens.append(Token("number", mantissa, item.start, middle, item.gap))
    tokens += source.word(literal[place], Item("letters", literal[place], middle, middle + 1, gap=False), middle + 1)
    operator = exponent[0] if exponent[0] in "+-" else "*"
    tokens.append(Token(operator, "", middle + 1, middle + 1, gap=False))
    tokens.append(Token("number", exponent.strip("+-"), middle + 1, item.end, gap=False))


def fraction(source: Items, tokens: list[Token], item: Item) -> None:
    r"""`\frac{a}{b}`, `\frac12`."""
    source.at += 1
    derivative = _DERIVATIVE.match(source.text, item.end)
    if derivative and not source.vocabulary.knows("d"):
        place = Item("", "", item.start, derivative.end(), gap=False)
        source.fail("A derivative that is still to be taken is not read.", place, "Write what it comes to.")
    above, _ = argument(source, item, "numerator")
    below, end = argument(source, item, "denominator")
    tree = Tree("quotient", (ungroup(above), ungroup(below)), "", item.start, end)
    source.operand(tokens, tree, item.start, end, gap=item.gap)


def root(source: Items, tokens: list[Token], item: Item) -> None:
    r"""`\sqrt{x}`, `\sqrt[3]{x}`; `\sqrt12` is the root of 12, or on the second pass √1·2."""
    source.at += 1
    degree = None
    if source.item.kind == "[":
        opening = source.item
        source.at += 1
        inner = source.until(frozenset({"]", "end", "}"}))
        if source.item.kind != "]":
            source.fail("The bracket [ is not closed.", opening, "A closing ] is missing.")
        degree = source.tree(inner, source.item.start) if inner else None
        source.at += 1
    digits = source.item
    if digits.kind == "number" and digits.value.isdigit() and len(digits.value) > 1:
        source.doubt(digits.start, digits.end, "The root is taken of the whole number.")
    if digits.kind == "number" and not source.second:
        source.at += 1
        radicand, end = Tree("number", (), digits.value.removesuffix("."), digits.start, digits.end), digits.end
    else:
        radicand, end = argument(source, item, "radicand")
        if source.second and digits.kind == "number" and source.item.kind == "number":
            source.items.insert(source.at, Item("*", "*", end, end, gap=False))
    args: tuple[Tree, ...] = (ungroup(radicand),)
    name = "sqrt"
    if degree is not None and degree.kind == "number" and degree.value == "3":
        name = "cbrt"
    elif degree is not None and degree != TWO:
        args, name = (*args, degree), "root"
    source.operand(tokens, Tree("call", args, name, item.start, end), item.start, end, gap=item.gap)


def called(source: Items, tokens: list[Token], item: Item) -> None:
    r"""`\abs{x}`, `\norm{x}`: functions with their argument in braces."""
    if source.items[source.at + 1].kind != "{":
        source.at += 1
        spelled(source, tokens, item, item.kind[1:])
        return
    source.at += 1
    inner, end = argument(source, item, "argument")
    tree = Tree("call", (ungroup(inner),), item.kind[1:], item.start, end)
    source.operand(tokens, tree, item.start, end, gap=item.gap)


def raised(source: Items, tokens: list[Token], item: Item) -> None:
    """An exponent, a transpose or primes."""
    source.at += 1
    power = Token("^", "", item.start, item.end, item.gap)
    first = source.item
    if first.kind in _STARS or first.kind == r"\circ":
        _refuse_raised(source, first)
    if first.kind in {r"\prime", "'"}:
        return
    if first.kind == "number" and len(first.value) > 1 and first.value.replace(".", "", 1).isdigit():
        _long_exponent(source, [*tokens[-1:]], tokens, power)
        return
    if first.kind != "{":
        tokens.append(power)
        return
    if source.items[source.at + 1].kind in _STARS | {r"\circ"} and source.items[source.at + 2].kind == "}":
        _refuse_raised(source, source.items[source.at + 1])
    tokens.append(power)
    if _transposes(source):
        _transposed(source, tokens, power)
        return
    inner, opening, closed = source.braces()
    if not inner:
        place = Item("", "", opening.start, closed.end, gap=False)
        source.fail("This exponent is empty.", place, "Write it in the braces, or delete them.")
    if all(token.kind == "'" for token in inner):
        tokens[-1:] = inner
    elif len(inner) == 1 and inner[0].kind == "number" and tokens[-2:-1] and tokens[-2].kind == "name":
        tokens += inner if source.item.kind not in {"/", "^", "!"} else _kept(source, inner, opening, closed)
    else:
        tokens += _kept(source, inner, opening, closed)


def _kept(source: Items, inner: list[Token], opening: Item, closed: Item) -> list[Token]:
    """The tokens of a group as one operand."""
    kept: list[Token] = []
    source.operand(kept, ungroup(source.tree(inner, closed.start)), opening.start, closed.end, gap=False)
    return kept


def _transposes(source: Items) -> bool:
    r"""Whether the braces at this place hold `T`, `\top`, or one of these with a minus before it, in any style."""
    items, at = source.items, source.at
    if not any(item.value == "T" or item.kind in TRANSPOSES for item in items[at + 1 : at + 5]):
        return False
    inner = [item for item in items[at : source.closing_place(at)] if item.kind not in _STYLED]
    is_top = bool(inner) and (inner[-1].kind in TRANSPOSES or not source.vocabulary.knows("T"))
    return is_top and (len(inner) == 1 or (len(inner) == 2 and inner[0].kind == "-"))


def _transposed(source: Items, tokens: list[Token], power: Token) -> None:
    """The transpose whose braces stand here; of the inverse, where a minus comes first."""
    items, at = source.items, source.at
    source.at = source.closing_place(at) + 1
    inner = [item for item in items[at : source.at] if item.kind not in _STYLED]
    last = inner[-1]
    is_top = last.kind in TRANSPOSES
    tokens.append(Token(TOP if is_top else "name", "" if is_top else "T", last.start, last.end, gap=False))
    if len(inner) == 2:
        minus = inner[0]
        one = Tree("number", (), "1", minus.start, minus.end)
        tokens.append(power)
        source.operand(tokens, Tree("neg", (one,), "", minus.start, minus.end), minus.start, minus.end, gap=False)


def _long_exponent(source: Items, before: list[Token], tokens: list[Token], power: Token) -> None:
    """`x^10`.

    LaTeX raises only the first digit without braces. Nobody who types means x^1 0, though, and an
    editor that writes braces only where they are needed puts no digit behind a power but by a slip; so the whole
    number is the exponent, and the strict reading is the second one.
    """
    tokens.append(power)
    first = source.item
    place = before[-1].start if before else first.start
    sentence = f"The exponent is read as {first.value}; without braces LaTeX raises only its start."
    source.doubt(place, first.end, sentence)
    if not source.second:
        return
    head = source.split(1)
    tokens.append(Token("number", head.value, head.start, head.end, gap=False))
    tokens.append(Token("*", "", head.end, head.end, gap=False))


def _refuse_raised(source: Items, item: Item) -> NoReturn:
    """Raise AnswerError for degrees and stars."""
    if item.kind == r"\circ":
        source.fail("Degrees are not read.", item, "Write the angle in radians.")
    source.fail("A star or dagger as an exponent is not read.", item, r"Write ^{\top} for a transpose.")


def group(source: Items, tokens: list[Token], item: Item) -> None:
    r"""Braces that only group; after a function they hold its argument; with commas they are a set."""
    place = source.at
    holds_argument = _follows_function(tokens, source.operands)
    if source.items[place + 1].kind == "," and source.items[place + 2].kind == "}":
        comma = Item("", "", item.start, source.items[place + 2].end, gap=False)
        source.fail("A comma inside a number is not read.", comma, "Write nothing between thousands.")
    if not holds_argument and source.items[place + 2 : place + 3] and source.items[place + 2].kind == "}":
        unwrap(source, place)
        return
    inner, opening, closed = source.braces()
    if not inner:
        if holds_argument:
            source.fail("The argument in these braces is missing.", opening, "Write it in the braces.")
        return
    if _has_comma(inner):
        pair = ("(", ")") if holds_argument else ("{", "}")
        tokens.append(Token(pair[0], "", opening.start, opening.end, item.gap))
        tokens += [*inner, Token(pair[1], "", closed.start, closed.end, gap=False)]
        return
    if source.second or (not holds_argument and _is_inline(inner)):
        tokens += inner
        return
    tree = source.tree(inner, closed.start)
    if not holds_argument and tree.kind in _LOOSE and (tokens or source.item.kind != "end"):
        source.doubt(opening.start, closed.end, "What is in the braces is taken together.")
    key = source.operand(tokens, tree, opening.start, closed.end, gap=item.gap)
    if holds_argument:
        source.braced.add(key)


def _is_inline(inner: list[Token]) -> bool:
    """Whether the tokens read the same without braces, or are no formula by themselves."""
    return len(inner) == 1 or any(token.kind in _STATEMENTS for token in inner)


def _follows_function(tokens: list[Token], operands: Mapping[str, Tree]) -> bool:
    """Whether a function name comes before, also one with an exponent."""
    if not tokens:
        return False
    is_raised = len(tokens) > 2 and tokens[-2].kind == "^"
    name = tokens[-3] if is_raised else tokens[-1]
    return name.kind in {"call", "log", "apply"} and (name.kind == "log" or name.value not in operands)


def _has_comma(tokens: list[Token]) -> bool:
    """Whether commas or semicolons stand between these tokens outside of brackets."""
    depth = 0
    for token in tokens:
        depth += (token.kind in _OPENING) - (token.kind in _CLOSING)
        if token.kind in {",", ";"} and depth == 0:
            return True
    return False
