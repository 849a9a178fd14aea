"""MathML on its way to the page: only what is on the lists comes through, spaced as a book would."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from xml.etree import ElementTree as ET

from markupsafe import Markup, escape

NAMESPACE = "http://www.w3.org/1998/Math/MathML"

ELEMENTS = re.compile(
    "math|mrow|mi|mn|mo|ms|mtext|mspace|mfrac|msqrt|mroot|mstyle|mpadded|mphantom|menclose|msub|msup|msubsup"
    "|munder|mover|munderover|mmultiscripts|mprescripts|none|mtable|mtr|mtd"
)
ATTRIBUTES = re.compile(
    "display|displaystyle|scriptlevel|stretchy|fence|form|separator|lspace|rspace|minsize|maxsize|largeop|symmetric"
    "|movablelimits|accent|accentunder|linethickness|columnalign|columnlines|mathvariant|width|height|depth"
)
PLAIN_VALUE = re.compile(r"[\w.%+\- ]*")

ROWS = frozenset({"math", "mrow", "mtd", "mstyle", "msqrt"})
TALL = frozenset({"mfrac", "mtable", "munder", "mover", "munderover"})
FENCES = frozenset("()[]{}|‖⌊⌋⌈⌉")
BARS = ("|", "‖")
CLOSING = frozenset(")]}|‖⌋⌉!%′″")
SIGNS = frozenset("+-−±")
PRIMES = frozenset("′″‴")
INVISIBLE = frozenset("\u2061\u2062")
THIN_SPACE = "0.167em"

# Text that the LaTeX converter would put into its output as it stands travels through it in disguise.
DISGUISE = {"<": "\ue000", ">": "\ue001", "&": "\ue002"}


def disguised(text: str) -> str:
    """The text with the characters that XML reserves replaced by others that nobody types."""
    return "".join(DISGUISE.get(char, char) for char in text)


def polished(source: str) -> Markup:
    """One `math` element made safe and well spaced; ParseError where it is no XML."""
    # Written by our printer or the LaTeX converter: it begins with <math, so no document type can define an entity.
    root = ET.fromstring(source)  # noqa: S314
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    _tidy(root)
    return Markup("").join(_written(root))


def _tidy(element: ET.Element) -> None:
    """Spacing that browsers leave to the author, children first."""
    for child in element:
        _tidy(child)
    if element.tag == "mo" and (element.text or "").isalpha() and len(element.text or "") > 1:
        element.tag = "mi"  # an operator such as tr takes the space of a name, not of a plus
    if element.tag == "mo" and element.text == "‖":
        element.attrib.setdefault("stretchy", "false")  # only \left and \right grow; the closing one bears a power
    if element.tag == "msup" and len(element) == 2 and (element[1].text or " ") in PRIMES:
        element.tag = "mrow"  # a prime is raised by itself; as a superscript it would fly
        element[1].tag = "mo"
        element[1].attrib.update(lspace="0", rspace="0")
    if element.tag in ROWS:
        _calm_fences(element)
        _pair_bars(element)
        _mark_signs(element)
        _space_functions(element)


def _calm_fences(row: ET.Element) -> None:
    """Brackets around what is not tall keep their natural size: a stretched one is set too wide."""
    if any(inner.tag in TALL for child in row if child.tag != "mo" for inner in child.iter()):
        return
    for child in row:
        if child.tag == "mo" and (child.text or "").strip() in FENCES:
            child.set("stretchy", "false")


def _pair_bars(row: ET.Element) -> None:
    """Bars stand close to what is between them: by themselves they open and close in turn."""
    for bar in BARS:
        found = [inner for inner in map(_base, row) if inner.tag == "mo" and inner.text == bar]
        loose = [inner for inner in found if "form" not in inner.attrib]
        if len(loose) % 2 == 0:
            for place, inner in enumerate(loose):
                inner.set("form", "postfix" if place % 2 else "prefix")


def _base(element: ET.Element) -> ET.Element:
    """The element, or what bears its power or index."""
    return element[0] if element.tag in {"msup", "msub", "msubsup"} and len(element) else element


def _mark_signs(row: ET.Element) -> None:
    """A plus or minus after another operator is a sign and stands close to its term."""
    children = list(row)
    for before, child in pairwise(children):
        text = before.text or ""
        after_operator = before.tag == "mo" and text not in CLOSING | INVISIBLE
        if after_operator and child.tag == "mo" and (child.text or "") in SIGNS:
            child.set("form", "prefix")


def _space_functions(row: ET.Element) -> None:
    """A thin space before the name of a function that follows a factor, and after one without brackets."""
    children = list(row)
    spaced: list[ET.Element] = []
    before: ET.Element | None = None
    for place, child in enumerate(children):
        if _begins_with_function(child) and before is not None and _is_operand(before):
            spaced.append(ET.Element("mspace", width=THIN_SPACE))
        spaced.append(child)
        if (child.text or "") not in INVISIBLE or len(child):
            before = child
        after = children[place + 1 : place + 2]
        if _is_function(child) and after and _is_operand(after[0]) and not _begins_with_function(after[0]):
            spaced.append(ET.Element("mspace", width=THIN_SPACE))
    if len(spaced) > len(children):
        for child in children:
            row.remove(child)
        row.extend(spaced)


def _is_operand(element: ET.Element) -> bool:
    """Something with a value: a bracketed group only when the bracket closes."""
    if element.tag == "mrow" and len(element):
        return (element[0].text or "") not in FENCES and _is_operand(element[0])
    if element.tag == "mo":
        return (element.text or "") in {")", "]"}
    return element.tag not in {"mspace", "mtext", "mtable"}


def _is_function(element: ET.Element) -> bool:
    """The name of a function, perhaps with a power or base."""
    if element.tag in {"msup", "msub", "msubsup"} and len(element):
        return _is_function(element[0])
    return element.tag == "mi" and len(element.text or "") > 1 and (element.text or "").isascii()


def _begins_with_function(element: ET.Element) -> bool:
    """A function's name, or a group that starts with one."""
    if element.tag in {"mrow", "msup"} and len(element):
        return _begins_with_function(element[0])
    return _is_function(element)


def _revealed(text: str | None) -> Markup:
    """The text escaped for HTML, disguised characters too."""
    plain = text or ""
    for char, mask in DISGUISE.items():
        plain = plain.replace(mask, char)
    return escape(plain)


def _written(element: ET.Element) -> Iterable[Markup]:
    """The element as HTML if it and its attributes are on the lists, else only what is inside."""
    is_listed = ELEMENTS.fullmatch(element.tag) is not None
    if is_listed:
        kept = [(k, v) for k, v in element.attrib.items() if ATTRIBUTES.fullmatch(k) and PLAIN_VALUE.fullmatch(v)]
        attributes = Markup("").join(Markup(' {}="{}"').format(key, value) for key, value in kept)
        yield Markup("<{}{}>").format(element.tag, attributes)
    yield _revealed(element.text)
    for child in element:
        yield from _written(child)
        yield _revealed(child.tail)
    if is_listed:
        yield Markup("</{}>").format(element.tag)
