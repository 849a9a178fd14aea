"""Markdown with LaTeX -> HTML with MathML; nothing of an author's text comes out unescaped."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

from latex2mathml import exceptions
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin

MATHML = "http://www.w3.org/1998/Math/MathML"
LONGEST_LATEX = 4000

ELEMENTS = re.compile(
    "math|mrow|mi|mn|mo|ms|mtext|mspace|mfrac|msqrt|mroot|mstyle|mpadded|mphantom|menclose|msub|msup|msubsup"
    "|munder|mover|munderover|mmultiscripts|mprescripts|none|mtable|mtr|mtd"
)
ATTRIBUTES = re.compile(
    "display|displaystyle|scriptlevel|stretchy|fence|form|separator|lspace|rspace|minsize|maxsize|largeop|symmetric"
    "|movablelimits|accent|accentunder|linethickness|columnalign|columnlines|mathvariant|width|height|depth"
)
PLAIN_VALUE = re.compile(r"[\w.%+\- ]*")

# The converter names its faults one by one, and meets some broken input with these of Python's own.
NOT_LATEX = (
    exceptions.NumeratorNotFoundError,
    exceptions.DenominatorNotFoundError,
    exceptions.ExtraLeftOrMissingRightError,
    exceptions.MissingSuperScriptOrSubscriptError,
    exceptions.DoubleSubscriptsError,
    exceptions.DoubleSuperscriptsError,
    exceptions.NoAvailableTokensError,
    exceptions.InvalidStyleForGenfracError,
    exceptions.MissingEndError,
    exceptions.InvalidAlignmentError,
    exceptions.InvalidWidthError,
    exceptions.LimitsMustFollowMathOperatorError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    StopIteration,
    RecursionError,
)

# The converter puts the text of \text{…} into its output as it stands; these travel through it in disguise.
DISGUISE: dict[str, str] = {"<": "\ue000", ">": "\ue001", "&": "\ue002"}
TEXT_COMMAND = re.compile(r"\\(?:text|mbox|textbf|textit|textrm|operatorname)\s*\{[^{}]*\}")


@lru_cache(maxsize=4096)
def latex_to_mathml(latex: str, display: str = "inline") -> Markup:
    """One `<math>` element; LaTeX that cannot be converted is shown as it stands, as code.

    >>> latex_to_mathml("x^2")
    Markup('<math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>')
    """
    if len(latex) > LONGEST_LATEX:
        return Markup("<code>{}</code>").format(latex)
    disguised = TEXT_COMMAND.sub(_disguise, latex).replace("<", r"\lt ").replace(">", r"\gt ")
    try:
        # The converter's own output, which cannot hold a document type: no entity can expand.
        root = ET.fromstring(convert(disguised, xmlns=MATHML, display=display))  # noqa: S314
    except (*NOT_LATEX, ET.ParseError):
        return Markup("<code>{}</code>").format(latex)
    return Markup("").join(_written(root))


def _disguise(match: re.Match[str]) -> str:
    """The text command with the characters that XML reserves replaced."""
    return "".join(DISGUISE.get(char, char) for char in match.group())


def _revealed(text: str | None) -> Markup:
    """The text escaped for HTML, disguised characters too."""
    for plain, disguised in DISGUISE.items():
        text = (text or "").replace(disguised, plain)
    return escape(text)


def _written(element: ET.Element) -> list[Markup]:
    """The element as HTML if it and its attributes are on the lists, else only what is inside."""
    inside = [_revealed(element.text)]
    for child in element:
        inside += [*_written(child), _revealed(child.tail)]
    tag = element.tag.removeprefix(f"{{{MATHML}}}")
    if not ELEMENTS.fullmatch(tag):
        return inside
    kept = [(k, v) for k, v in element.attrib.items() if ATTRIBUTES.fullmatch(k) and PLAIN_VALUE.fullmatch(v)]
    attributes = Markup("").join(Markup(' {}="{}"').format(key, value) for key, value in kept)
    return [Markup("<{}{}>").format(tag, attributes), *inside, Markup("</{}>").format(tag)]


def _render_math(latex: str, options: dict[str, Any]) -> str:
    """What the Markdown renderer calls for one formula."""
    return latex_to_mathml(latex.strip(), "block" if options["display_mode"] else "inline")


def _reader() -> MarkdownIt:
    """CommonMark with tables and dollar mathematics, without HTML and without pictures from elsewhere."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    dollarmath_plugin(reader, allow_labels=False, double_inline=True, renderer=_render_math)
    # Display mathematics in the middle of a paragraph must not put a block element into it.
    reader.add_render_rule("math_inline_double", lambda _self, tokens, index, *_: _in_paragraph(tokens[index].content))
    return reader


def _in_paragraph(latex: str) -> str:
    """A displayed formula as phrasing content."""
    return Markup('<span class="math">{}</span>').format(latex_to_mathml(latex.strip(), "block"))


@lru_cache(maxsize=2048)
def markdown_to_html(text: str) -> Markup:
    """Blocks of Markdown as HTML."""
    return Markup(_reader().render(text))  # noqa: S704 - the renderer escapes; `html` is off


@lru_cache(maxsize=2048)
def line_to_html(text: str) -> Markup:
    """One line of Markdown as HTML without a paragraph around it."""
    return Markup(_reader().renderInline(text))  # noqa: S704 - the renderer escapes; `html` is off
