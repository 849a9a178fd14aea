"""Markdown with LaTeX as other systems take it: HTML with LaTeX in brackets, or XHTML with MathML."""

from __future__ import annotations

from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

from markdown_it import MarkdownIt
from markupsafe import escape
from mdit_py_plugins.dollarmath import dollarmath_plugin

from grader.web.mathml import NAMESPACE
from grader.web.typesetting import line_to_html, markdown_to_html


def latex_html(text: str) -> str:
    r"""HTML with the formulas as LaTeX between \( and \), which filters such as MathJax typeset.

    >>> latex_html("Let $a < b$.").strip()
    '<p>Let \\(a &lt; b\\).</p>'
    """
    return str(_reader().render(text))


def latex_line(text: str) -> str:
    """One line of it, without a paragraph around it."""
    return str(_reader().renderInline(text))


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    dollarmath_plugin(reader, allow_labels=False, double_inline=True)
    for rule, opening, closing in (
        ("math_inline", r"\(", r"\)"),
        ("math_inline_double", r"\[", r"\]"),
        ("math_block", r"<p>\[", "\\]</p>\n"),
    ):
        reader.add_render_rule(rule, _bracketed(opening, closing))
    return reader


def _bracketed(opening: str, closing: str) -> Any:
    return lambda _self, tokens, index, *_: f"{opening}{escape(tokens[index].content.strip())}{closing}"


def xhtml(text: str) -> list[ET.Element]:
    """Blocks of XHTML with MathML."""
    return _elements(f"<div>{markdown_to_html(text)}</div>")


def xhtml_line(text: str) -> ET.Element:
    """One line of XHTML with MathML, as a paragraph."""
    (paragraph,) = _elements(f"<div><p>{line_to_html(text)}</p></div>")
    return paragraph


def _elements(markup: str) -> list[ET.Element]:
    """The elements inside, those of MathML in its namespace; the markup is ours and well-formed."""
    root = ET.fromstring(markup)  # noqa: S314 - rendered here, so no document type can define an entity
    for element in root.iter():
        element.attrib.pop("class", None)
        if element.tag == "math":
            element.set("xmlns", NAMESPACE)
    return list(root)


def document(root: ET.Element) -> bytes:
    """A whole XML file."""
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"
