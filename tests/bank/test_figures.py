"""Figures of problem files: what may stand in them, their faults, and the geometry that comes out."""

from __future__ import annotations

from typing import Any

import pytest

from grader.bank.drawings import drawing_of
from grader.bank.figures import Figure
from grader.bank.level_lines import Samples, level_lines
from grader.bank.linting import lint_problem
from grader.bank.loading import load_problem
from grader.bank.problem import Problem
from grader.bank.variant import variant_to_json
from grader.bank.variants import make_variant
from grader.errors import AnswerError, BankErrors
from grader.grading import grade
from grader.web.figures import figures_html

HEAD = """id: figures
title: Figures
topic: figures
family: "1.1"
level: drill
variables: {x: {}, y: {}}
parameters: {c: {integer: [3, 3]}}
derived:
  f: "c*x^2"
  g: "x^2 + y^2"
  df: {derivative: f, by: x}
  steps: {descent: g, by: [x, y], start: [2, 1], rate: "0.25", steps: 2, columns: [x], start_row: true}
prompt: "Let $f(x) = {{ f }}$ and $g(x) = {{ g }}$. $${{ steps }}$$"
parts:
  - {id: a, ask: "The derivative", type: expression, answer: df, feedback: {wrong: "Power rule."}}
hints: ["Power rule.", "Term by term."]
solution: "By the power rule."
examples: [{responses: {a: "6x"}, marks: {a: 1}}]
"""


def problem_of(figure: str) -> Problem:
    return load_problem(f"{HEAD}figures:\n  - {figure}\n", "figures/figures.yaml")


def figure_of(figure: str) -> Figure:
    return make_variant(problem_of(figure), 1).figures[0]


SOUND = [
    "{plot: f, by: x, range: [-c, c]}",
    "{plot: [f, 'x + 1'], by: x, range: [-2, 2], tangent: 1, secant: [0, 1], points: [1, [1, c]], shade: [0, 1]}",
    "{plot: 'x^2/2', by: x, range: [-4, 4], path: [3, -1, 0], window: [-1, 9], labels: [f], title: T, description: D}",
    "{contour: g, by: [x, y], range: [-3, 3], gradient: [1, c], path: steps, levels: [1, 4]}",
    "{contour: g, by: [x, y], range: [[-3, 3], [0, 2]], levels: 5, start: [2, 2], path: [[1, 1]], points: [[1, 2]]}",
    "{graph: {x: [], u: [x], f: [u, x]}, labels: {u: 'x^{{ c }}'}}",
]


@pytest.mark.parametrize("figure", SOUND)
def test_lint_has_nothing_to_say_of_a_sound_figure(figure: str) -> None:
    assert [str(found) for found in lint_problem(problem_of(figure), grade)] == []


FAULTS = [
    ("¡{by: x, range: [0, 1]}", "A figure is one of plot, contour, graph; here is none of them."),
    ("¡{plot: f, contour: g, by: x, range: [0, 1]}", "A figure is one of plot, contour, graph; here is both"),
    ("{plot: f, by: x, range: [0, 1], ¡levels: 3}", "`levels` does not go with `plot`."),
    ("{plot: f, by: x, range: [0, 1], ¡tangnt: 3}", "Unknown key 'tangnt'."),
    ("¡{plot: f, by: x}", "A plot needs `range`."),
    ("¡{contour: g, range: [0, 1]}", "A contour needs `by`."),
    ("{contour: g, ¡by: x, range: [0, 1]}", "A contour is by 2 variables."),
    ("{plot: f, by: x, range: ¡3}", "A range has two ends, and here is a number."),
    ("{plot: f, by: x, range: [0, ¡q]}", "The name q is not used in this problem."),
    ("{plot: f, by: x, range: [0, ¡x]}", "The figure has no value for 'x'."),
    ("{plot: ¡y, by: x, range: [0, 1]}", "The figure has no value for 'y'."),
    ("{plot: f, by: x, range: [0, 1], points: [[1, 2, ¡3]]}", ""),
    ("{graph: {x: [], u: [¡z]}}", "There is no node 'z'."),
    ("{graph: ¡{x: [u], u: [x]}}", "The graph goes round in a circle: "),
    ("{graph: {x: []}, labels: {x: '{{ ¡q }}'}}", "The name q is not used in this problem."),
    ("{graph: {x: []}, labels: {u: ¡'x'}}", "There is no node 'u'."),
    ("{plot: f, by: x, range: [0, 1], labels: ['{{ f¡']}", ""),
]


@pytest.mark.parametrize(("figure", "says"), FAULTS)
def test_a_fault_is_named_where_it_stands(figure: str, says: str) -> None:
    with pytest.raises(BankErrors) as caught:
        problem_of(figure.replace("¡", ""))
    (error,) = caught.value.errors
    assert error.message.startswith(says), str(error)
    if says:
        assert (error.line, error.column) == (20, 5 + figure.index("¡")), str(error)


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        ("{plot: 'ln(-x^2 - 1)', by: x, range: [0, 1]}", "has no real value on most of the range"),
        ("{plot: f, by: x, range: [c, 1]}", "The range from 3 to 1 is empty."),
        ("{plot: 'sqrt(x)', by: x, range: [-1, 3], tangent: -1}", "has no real value at x = -1."),
        ("{plot: f, by: x, range: [0, 3], secant: [1, 1]}", "A secant needs two different places."),
        ("{plot: f, by: x, range: [0, 3], tangent: '1/(c - 3)'}", "division by zero"),
        ("{contour: '0*x + 1', by: [x, y], range: [0, 1]}", "is constant on the range"),
        ("{contour: g, by: [x, y], range: [-1, 1], gradient: [0, 0]}", "is zero, so there is no arrow"),
        ("{contour: g, by: [x, y], range: [-1, 1], path: c}", "A path is a list of points or a table"),
        ("{contour: g, by: [x, y], range: [-1, 1], levels: 50}", "50 level lines cannot be drawn"),
        ("{plot: g, by: x, range: [-1, 1]}", "The figure has no value for 'y'"),
    ],
)
def test_lint_says_what_cannot_be_drawn(figure: str, says: str) -> None:
    found = [str(each) for each in lint_problem(problem_of(figure), grade)]
    assert found
    assert all(each.startswith("figures/figures.yaml:20:") for each in found)
    assert any(says in each for each in found), found


def test_the_data_of_a_figure_have_the_numbers_of_the_variant() -> None:
    variant = make_variant(problem_of("{plot: f, by: x, range: [-c, c], points: [c], labels: ['{{ f }}']}"), 1)
    (shown,) = variant_to_json(variant)["figures"]
    assert shown == {
        "kind": "plot",
        "by": ["x"],
        "plot": ["3*x^2"],
        "range": [["-3", "3"]],
        "points": [["3"]],
        "labels": {"0": "3*x^2"},
        "title": "",
        "description": "",
    }


def test_figures_of_a_solution_are_its_own() -> None:
    text = HEAD.replace('solution: "By the power rule."', "solution: {text: 'So.', figures: [" + SOUND[0] + "]}")
    variant = make_variant(load_problem(text, "x"), 1)
    assert not variant.figures
    assert len(variant.solution_figures) == 1
    assert variant.solution == "So."


def test_a_tangent_and_a_secant_go_through_their_points() -> None:
    drawing = drawing_of(figure_of("{plot: 'x^2', by: x, range: [-2, 2], tangent: 1, secant: [0, 2]}"))
    lines = {line.role: line.spots for line in drawing.lines}
    assert lines["tangent"] == ((-2.0, -5.0), (2.0, 3.0))
    assert lines["secant"] == ((-2.0, -4.0), (2.0, 4.0))
    assert drawing.marks == ((1.0, 1.0), (0.0, 0.0), (2.0, 4.0))


def test_a_hole_is_drawn_empty_and_told_to_those_who_do_not_see_it() -> None:
    figure = figure_of("{plot: '(x^2 - 1)/(x - 1)', by: x, range: [-2, 2], holes: [[1, 2]], points: [0]}")
    assert drawing_of(figure).holes == ((1.0, 2.0),)
    drawn = str(figures_html([figure], "en"))
    assert drawn.count('<circle class="hole"') == drawn.count('<circle class="dot"') == 1
    assert "drawn empty: (1, 2)." in drawn


def test_a_curve_is_cut_at_a_pole_and_where_there_is_no_value() -> None:
    assert len(drawing_of(figure_of("{plot: '1/x', by: x, range: [-2, 2]}")).lines) == 2
    assert len(drawing_of(figure_of("{plot: 'tan(x)', by: x, range: [0, 6]}")).lines) == 3
    (root,) = drawing_of(figure_of("{plot: 'sqrt(x)', by: x, range: [-1, 3]}")).lines
    assert root.spots[0][0] >= 0


def test_an_arrow_shows_the_direction_of_the_gradient() -> None:
    drawing = drawing_of(figure_of("{contour: 'x^2 + 3*y', by: [x, y], range: [-2, 2], gradient: [2, 0]}"))
    ((tail, head),) = drawing.arrows
    assert tail == (2.0, 0.0)
    assert (head[0] - tail[0]) / (head[1] - tail[1]) == pytest.approx(4 / 3)


@pytest.mark.parametrize(
    ("point", "length"), [("[0, 0]", 0.8), ("[0, 1.5]", 0.5), ("[0, 1.9]", 0.28), ("[0, 2]", 0.28)]
)
def test_an_arrow_ends_at_the_border_unless_nothing_would_be_left(point: str, length: float) -> None:
    drawing = drawing_of(figure_of(f"{{contour: 'x^2 + 3*y', by: [x, y], range: [-2, 2], gradient: {point}}}"))
    ((tail, head),) = drawing.arrows
    assert head[1] - tail[1] == pytest.approx(length)


def test_steps_lead_over_the_level_lines() -> None:
    drawing = drawing_of(figure_of("{contour: g, by: [x, y], range: [-3, 3], path: steps}"))
    (path,) = [line for line in drawing.lines if line.role == "path"]
    assert path.spots == ((2.0, 1.0), (1.0, 0.5), (0.5, 0.25))


@pytest.mark.parametrize("level", [0.3, 1.0, 2.5])
def test_level_lines_keep_to_their_level_and_close(level: float) -> None:
    across = [place / 20 - 2 for place in range(81)]
    samples = Samples(across, across, [[x * x + y * y for x in across] for y in across])
    (circle,) = level_lines(samples, level)
    assert circle[0] == circle[-1]
    assert all(x * x + y * y == pytest.approx(level, abs=1e-5) for x, y in circle)


def test_level_lines_meet_at_no_saddle() -> None:
    across = [place / 10 - 2 for place in range(41)]
    samples = Samples(across, across, [[x * y for x in across] for y in across])
    assert len(list(level_lines(samples, 0.25))) == 2


def test_beyond_the_domain_no_line_is_drawn() -> None:
    across = [float(place) for place in range(-3, 4)]
    rows: list[list[float | None]] = [[x + y if x > 0 else None for x in across] for y in across]
    spots = [spot for line in level_lines(Samples(across, across, rows), 0.5) for spot in line]
    assert spots
    assert all(x >= 1 for x, _ in spots)


@pytest.mark.parametrize("data", [{"plot": ["x + q"], "range": [["0", "1"]]}, {"plot": ["x"], "range": [["0", "q"]]}])
def test_a_name_without_a_value_is_no_drawing(data: dict[str, Any]) -> None:
    with pytest.raises(AnswerError):
        drawing_of(Figure("plot", ("x",), data))
