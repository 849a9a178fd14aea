"""Markdown with LaTeX -> HTML with MathML; nothing of an author's text comes out unescaped."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import ParseError

from latex2mathml import exceptions
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

from grader.web.mathml import NAMESPACE, disguised, polished

LONGEST_LATEX = 4000

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

TEXT_COMMAND = re.compile(r"\\(?:text|mbox|textbf|textit|textrm|operatorname)\s*\{[^{}]*\}")
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)|.)")


@lru_cache(maxsize=4096)
def latex_to_mathml(latex: str, display: str = "inline") -> Markup:
    """One `<math>` element; LaTeX that cannot be converted is shown as it stands, as code.

    >>> latex_to_mathml("x^2")
    Markup('<math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>')
    """
    if len(latex) > LONGEST_LATEX:
        return Markup("<code>{}</code>").format(latex)
    source = TEXT_COMMAND.sub(lambda match: disguised(match.group()), latex)
    source = source.replace("<", r"\lt ").replace(">", r"\gt ")
    try:
        return polished(convert(source, xmlns=NAMESPACE, display=display))
    except (*NOT_LATEX, ParseError):
        return Markup("<code>{}</code>").format(latex)


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
    return Markup('<span class="math wide">{}</span>').format(latex_to_mathml(latex.strip(), "block"))


@lru_cache(maxsize=2048)
def markdown_to_html(text: str) -> Markup:
    """Blocks of Markdown as HTML."""
    return Markup(_reader().render(text))  # noqa: S704 - the renderer escapes; `html` is off


@lru_cache(maxsize=2048)
def line_to_html(text: str) -> Markup:
    """One line of Markdown as HTML without a paragraph around it."""
    return Markup(_reader().renderInline(text))  # noqa: S704 - the renderer escapes; `html` is off


def line_to_words(text: str) -> str:
    r"""One line of Markdown with formulas as plain text, to name what shows a formula and nothing else.

    >>> line_to_words(r"$J_G(F(x))\,J_F(x)$ or $x \cdot y$")
    'J_G(F(x)) J_F(x) or x cdot y'
    """
    bare = _COMMAND.sub(lambda found: found[1] or " ", text.replace("$", ""))
    return " ".join(bare.replace("{", "").replace("}", "").replace("*", "").split())
