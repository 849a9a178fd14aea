"""The figure beside a verdict: numbers only, after submitting only, and no more than the problem discloses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.bank.variant import VariantPart
from grader.web.figures.answering import Slopes, Trail, drawing_of_reply, reply_to, reply_to_json
from grader.web.figures.planes import plane_svg
from grader.web.variants import variant_at
from tests.web.conftest import Visitor
from tests.web.test_answering import JACOBIANS, PROBLEM
from tests.web.test_drafts import JSON

PROBLEMS = Path(__file__).parents[2] / "problems"
MOST = 400  # points of one curve or grid
LABELS = {"function": "function", "true": "slope", "own": "answer"}
AT = "/attempts/1/figures/derivative"


def part_of(name: str, id: str, seed: int = 3) -> VariantPart:
    part = variant_at((PROBLEMS / f"{name}.yaml").read_text(encoding="utf-8"), seed).part(id)
    assert part is not None
    return part


def quiet(part: VariantPart) -> VariantPart:
    return replace(part, settings={**part.settings, "disclose": "none"})


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("derivatives/derivative-chain-power", "derivative"),
        ("derivatives/derivative-polynomial", "derivative"),
        ("convexity/convexity-refuted-by-point", "second"),
    ],
)
def test_a_right_answer_lies_on_the_true_slope(name: str, id: str) -> None:
    part = part_of(name, id)
    reply = reply_to(part, part.answer_text)
    assert isinstance(reply, Slopes)
    assert reply.true == reply.own
    assert len(reply.places) <= MOST
    other = reply_to(part, "x^9 + 1")
    assert isinstance(other, Slopes)
    assert other.true == reply.true != other.own


def test_the_slope_is_that_of_the_function() -> None:
    reply = reply_to(part_of("derivatives/derivative-chain-power", "derivative"), "0")
    assert isinstance(reply, Slopes)
    assert reply.true is not None
    step = reply.places[61] - reply.places[60]
    rise = (reply.function[61] or 0) - (reply.function[59] or 0)
    assert rise / (2 * step) == pytest.approx(reply.true[60], rel=0.02)


def test_what_is_not_disclosed_is_not_sent() -> None:
    part = quiet(part_of("derivatives/derivative-chain-power", "derivative"))
    reply = reply_to(part, "x")
    assert isinstance(reply, Slopes)
    assert reply.true is None
    assert reply.own is not None
    assert part.answer_text not in json.dumps(reply_to_json(reply))


@pytest.mark.parametrize(
    ("text", "drawn"),
    [("x +", None), ("y + 1", None), ("1/0", True), ("x!", False), ("sqrt(x)", True), (" + ".join(["x"] * 450), False)],
)
def test_answers_that_cannot_be_drawn(text: str, drawn: bool | None) -> None:
    reply = reply_to(part_of("derivatives/derivative-chain-power", "derivative"), text)
    assert (reply is None) == (drawn is None)
    if isinstance(reply, Slopes):
        assert (reply.own is not None) == drawn
        assert str(plane_svg(drawing_of_reply(reply, LABELS), "id")[0])


def test_the_steps_of_a_descent() -> None:
    part = part_of("descent/descent-on-bowl-table", "table")
    reply = reply_to(part, part.answer_text)
    assert isinstance(reply, Trail)
    assert reply.spots[0] == (0.0, 0.0)
    levels = [line for line in reply.lines if len(line[1]) > 1]
    assert len(levels) >= 5
    assert sum(len(spots) for _, spots in reply.lines) < 3 * MOST
    wild = reply_to(part, "[[1e9, 2, 0, 0], [3, 4, 0, 0]]")
    assert wild is None
    curve = part_of("descent/descent-on-parabola", "table")
    along = reply_to(curve, curve.answer_text)
    assert isinstance(along, Trail)
    assert len(along.by) == 1
    for each in (reply, along):
        assert "path" in str(plane_svg(drawing_of_reply(each, LABELS), "id")[0])


def data(visitor: Visitor, address: str) -> Any:
    return visitor.client.get(address, headers=JSON)


def test_the_figure_comes_with_the_verdict(student: Visitor, teacher: Visitor) -> None:
    address = student.attempt("derivative-chain-power", 1)
    assert address == "/attempts/1"
    student.post(f"{address}/draft", {"answer.derivative": "3x"})
    assert data(student, AT).status_code == 404
    assert "data-reply" not in student.page(address)
    student.post(f"{address}/answer", {"answer.derivative": "3x +"})
    assert data(student, AT).status_code == 404
    student.post(f"{address}/answer", {"answer.derivative": "3x"})
    page = student.page(address)
    assert 'class="curve curve-4"' in page  # drawn without script, too
    reply = data(student, AT).get_json()
    assert reply["kind"] == "slopes"
    assert "differ" in reply["words"]
    assert data(teacher, AT).status_code == 200
    assert data(student, "/attempts/1/figures/slope").status_code == 404


def test_others_see_no_figure(student: Visitor, anonymous: Visitor) -> None:
    student.post(f"{student.attempt('derivative-chain-power', 1)}/answer", {"answer.derivative": "3x"})
    anonymous.log_in("ben")
    assert data(anonymous, AT).status_code == 404
    anonymous.attempt(PROBLEM, JACOBIANS)
    assert data(anonymous, AT).status_code == 404
