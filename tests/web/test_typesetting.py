import re

import pytest
from markupsafe import Markup

from grader.reading.text import read
from grader.reading.tree import name
from grader.web.previews import typeset
from grader.web.typesetting import latex_to_mathml, line_to_html, markdown_to_html

HOSTILE = [
    r"\text{<script>alert(1)</script>}",
    r"\text{<img src=x onerror=alert(1)>}",
    r"\href{javascript:alert(1)}{x}",
    r"\style{background:url(http://example.org)}{x}",
    r"\class{x}{y} \color{red}{z}",
    r"\mathrm{<script>}",
    r"\operatorname{</math><script>alert(1)</script>}",
    "x\ue000script\ue001",
    '"><script>alert(1)</script>',
    r"\frac{" * 50,
    r"\begin{pmatrix} 1 & 2 \\",
    "{" * 3000,
]


@pytest.mark.parametrize("latex", HOSTILE)
def test_nothing_of_latex_becomes_html(latex: str) -> None:
    for display in ("inline", "block"):
        shown = latex_to_mathml(latex, display)
        tags = re.findall(r"<[^>]*>", shown)
        assert all(re.fullmatch(r"</?(m[a-z]+|code)( [a-z]+=\"[\w.%+\- ]*\")*>", tag) for tag in tags), tags
        assert not re.search("href|style=|class=|src=", "".join(tags))


@pytest.mark.parametrize("latex", HOSTILE)
@pytest.mark.parametrize("frame", ["{}", "${}$", "$$\n{}\n$$", "| {} |\n|---|\n| x |", "[x]({})", "![x]({})"])
def test_nothing_of_markdown_becomes_html(latex: str, frame: str) -> None:
    for shown in (markdown_to_html(frame.replace("{}", latex)), line_to_html(frame.replace("{}", latex))):
        assert "<script" not in shown
        assert "<img" not in shown
        assert 'href="javascript' not in shown


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("x^2", "<msup><mi>x</mi><mn>2</mn></msup>"),
        ("f'(x)", '<mrow><mi>f</mi><mo lspace="0" rspace="0">′</mo></mrow><mo stretchy="false">(</mo>'),
        (r"2 \sin x", '<mn>2</mn><mspace width="0.167em"></mspace><mi>sin</mi><mspace width="0.167em"></mspace>'),
        ("y = -x", '<mo>=</mo><mo form="prefix">−</mo>'),
        ("(a - x)", "<mi>a</mi><mo>−</mo><mi>x</mi>"),
        (r"\operatorname{tr}(A)", '<mi>tr</mi><mo stretchy="false">(</mo>'),
        (r"\left(\frac12\right)", '<mo stretchy="true" fence="true" form="prefix">(</mo>'),
        (
            r"\frac12 \lVert x \rVert^2",
            '<mo stretchy="false" form="prefix">‖</mo><mi>x</mi><msup><mo stretchy="false" form="postfix">‖</mo>',
        ),
        ("1 + |x|", '<mo stretchy="false" form="prefix">|</mo><mi>x</mi><mo stretchy="false" form="postfix">|</mo>'),
        ("P(A | B)", '<mi>A</mi><mo stretchy="false">|</mo><mi>B</mi>'),
        (r"\left\lVert\frac12\right\rVert", '<mo stretchy="true" fence="true" form="prefix">‖</mo>'),
        ("x < y", "<mo>&lt;</mo>"),
        (r"\text{if a < b}", "<mtext>if\xa0a\xa0&lt;\xa0b</mtext>"),
        (r"\frac{", r"<code>\frac{</code>"),
        ("x" * 5000, f"<code>{'x' * 5000}</code>"),
    ],
)
def test_latex_is_spaced_as_in_a_book(latex: str, expected: str) -> None:
    assert expected in latex_to_mathml(latex)


def test_a_prompt_is_markdown_with_mathematics() -> None:
    shown = markdown_to_html("Let $x > 0$.\n\n$$\\frac{1}{x}$$\n\nThen **find** it, $$y$$ and `2*x*y`.")
    assert '<math display="inline">' in shown
    assert '<math display="block"><mrow><mfrac>' in shown
    assert "<strong>find</strong>" in shown
    assert "<code>2*x*y</code>" in shown
    assert '<span class="math wide">' in shown


def test_trees_are_typeset_with_their_text_escaped() -> None:
    assert typeset(name("<b>")) == Markup('<math aria-label="&lt;b&gt;"><mrow><mi>&lt;b&gt;</mi></mrow></math>')
    assert '<mspace width="0.167em"></mspace><mrow><mi>sin</mi>' in typeset(read("2x sin(x)").tree)
    assert 'stretchy="false">(' in typeset(read("(x+1)(x-1)").tree)
    assert '<mo fence="true">(' in typeset(read("sin(1/2)").tree)
