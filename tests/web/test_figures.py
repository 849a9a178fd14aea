"""Figures as SVG: every text escaped and in words, nothing outside of what a page may load."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from grader.bank.figures import Figure
from grader.web.figures import figures_html
from grader.web.figures.graphs import layered, with_bends
from grader.web.figures.marks import number, pretty
from grader.web.figures.planes import ticks

SVG = "{http://www.w3.org/2000/svg}"
PLOT = Figure("plot", ("x",), {"plot": ["x^2", "x + 1"], "range": [["-2", "2"]], "tangent": "1"}, {"0": "f", "1": "g"})
CONTOUR = Figure(
    "contour",
    ("x", "y"),
    {"contour": "x^2 + y^2", "range": [["-2", "2"]], "gradient": ["1", "1"], "path": [["1", "0"], ["0", "0"]]},
)
GRAPH = Figure("graph", (), {"graph": {"x": [], "u": ["x"], "f": ["u", "x"]}}, {"u": "x^2"})


def parsed(*figures: Figure, language: str = "en") -> ET.Element:
    html = str(figures_html(figures, language))
    assert "style=" not in html
    assert "<script" not in html
    return ET.fromstring(f"<div>{html}</div>".replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))


@pytest.mark.parametrize("figure", [PLOT, CONTOUR, GRAPH])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_figure_has_a_title_and_words(figure: Figure, language: str) -> None:
    (svg,) = parsed(figure, language=language).iter(f"{SVG}svg")
    title, words = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None
    assert words is not None
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    assert (title.text or "").strip()
    assert (words.text or "").strip()
    assert "{" not in f"{title.text}{words.text}"


def test_the_words_say_what_is_to_be_seen() -> None:
    said = [element.text or "" for element in parsed(PLOT, CONTOUR, GRAPH).iter(f"{SVG}desc")]
    assert "The curve f goes through (-2, 4), (-1, 1), (0, 0), (1, 1), (2, 4)." in said[0]
    assert "A tangent touches the curve at x = 1." in said[0]
    assert "There are 8 level lines." in said[1]
    assert "Steps lead from point to point: (1, 0), (0, 0)." in said[1]
    assert said[2] == "x is given. u (x²) is computed from x. f is computed from u, x."


def test_ids_are_apart_on_a_page() -> None:
    ids = [element.get("id") for element in parsed(PLOT, PLOT, CONTOUR).iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_an_author_s_text_is_escaped() -> None:
    figure = Figure(GRAPH.kind, (), GRAPH.data, {"u": "<b>&"}, "<i>T</i>", '"><script>')
    (title,) = parsed(figure).iter(f"{SVG}title")
    assert title.text == "<i>T</i>"


def test_where_nothing_can_be_drawn_the_caption_is_left() -> None:
    root = parsed(Figure("plot", ("x",), {"plot": ["ln(-1 - x^2)"], "range": [["0", "1"]]}, {}, "A curve"))
    assert [element.tag for element in root.iter()] == ["div", "figure", "figcaption"]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-3, 3, [-3, -2, -1, 0, 1, 2, 3]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-12.4, 138.3, [0, 50, 100]),
        (1e-3, 2e-3, [0.001, 0.0012, 0.0014, 0.0016, 0.0018, 0.002]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3*x_1^2 - 1", "3x₁² − 1"),
        ("x*y", "xy"),
        ("2*(x+1)", "2(x+1)"),
        ("sin(x)", "sin(x)"),
        ("x^n", "xⁿ"),
        ("e^a", "eᵃ"),
        ("e^(-2x)", "e⁻²ˣ"),
        ("e^(a+b)", "e^(a+b)"),
        ("2^10", "2¹⁰"),
        ("x^(-1)", "x⁻¹"),
        ("sqrt(c)", "√c"),
        ("sqrt(a + b)", "√(a + b)"),
    ],
)
def test_mathematics_in_a_picture_is_pretty(text: str, shown: str) -> None:
    assert pretty(text) == shown


@pytest.mark.parametrize(("value", "shown"), [(1.0, "1"), (-0.01, "0"), (2.34, "2.3"), (-1.25, "-1.2")])
def test_coordinates_are_short(value: float, shown: str) -> None:
    assert number(value) == shown


def test_a_node_stands_behind_all_that_go_into_it() -> None:
    inputs = {"f": ["u", "x"], "u": ["v"], "v": ["x"], "x": []}
    assert layered(inputs) == [["x"], ["v"], ["u"], ["f"]]


def test_an_edge_past_a_layer_has_a_place_of_its_own_there() -> None:
    layers, ways = with_bends({"x": [], "y": [], "u": ["x"], "f": ["u", "y"]})
    assert [len(layer) for layer in layers] == [2, 2, 1]
    assert [way[0] + way[-1] for way in ways if len(way) == 3] == ["yf"]
