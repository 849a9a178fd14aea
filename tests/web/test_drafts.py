"""What was typed and not submitted is there again, on every device; and what the page's script asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from grader.services import attempts
from grader.services.attempts import AttemptView
from grader.web.variants import variant_at
from tests.factories import SteadyClock, counted_statements
from tests.web.conftest import TOKEN, Visitor
from tests.web.filling import right_fields
from tests.web.test_answering import ADA, JACOBIANS, PROBLEM

JSON = {"Accept": "application/json"}


class Script:
    """What the page's script does for Ada at one problem."""

    def __init__(self, student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock, problem: str) -> None:
        self.student, self.sessions, self.clock = student, sessions, clock
        assignment = JACOBIANS if problem == PROBLEM else 1
        self.address = student.attempt(problem, assignment)

    def view(self) -> AttemptView:
        with self.sessions() as session:
            return attempts.attempt(session, self.clock, ADA, int(self.address.rsplit("/", 1)[1]))

    def right(self) -> dict[str, str]:
        return right_fields(variant_at(self.view().problem_source, self.view().seed))

    def send(self, what: str, fields: Mapping[str, str], client: Any = None) -> TestResponse:
        token = TOKEN.search(self.student.page(self.address))
        assert token is not None
        form = {"csrf_token": token[1], **fields}
        response: TestResponse = (client or self.student.client).post(f"{self.address}/{what}", data=form, headers=JSON)
        return response


@pytest.fixture
def script(student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock) -> Script:
    return Script(student, sessions, clock, PROBLEM)


def boxes(script: Script) -> list[str]:
    return [name for name in script.right() if "[" in name]


def test_a_draft_is_there_on_another_device(app: Flask, script: Script) -> None:
    box = boxes(script)[1]
    reply = script.send("draft", {box: "x*y + 7"})
    assert (reply.status_code, set(reply.get_json())) == (200, {"saved"})
    other = Visitor(app.test_client())
    other.log_in("ada")
    page = other.page(script.address)
    assert re.search(rf'name="{re.escape(box)}" value="x\*y \+ 7"', page)
    assert "Draft saved" in page
    assert script.view().submissions == ()


def test_a_newer_draft_stands_before_the_last_submission_and_is_not_marked(script: Script) -> None:
    fields = script.right()
    script.student.post(f"{script.address}/answer", {**fields, boxes(script)[2]: "77"})
    assert "Entry (2,1) is wrong" in script.student.page(script.address)
    script.clock.advance(minutes=1)
    script.send("draft", {**fields, boxes(script)[2]: "78"})
    page = script.student.page(script.address)
    assert 'value="78"' in page
    assert "Entry (2,1) is wrong" not in page
    assert page.count('class="cell-mark wrong') == 0
    assert "2 / 2" in page  # the other part stands as it was judged
    assert script.view().tries_used == 1


def test_a_save_that_arrives_after_its_own_submission_leaves_no_draft(script: Script) -> None:
    fields = script.right()
    script.student.post(f"{script.address}/answer", fields)
    assert script.send("draft", fields).status_code == 200
    assert script.view().draft == {}


def test_a_bracket_that_is_not_closed_is_kept(script: Script) -> None:
    script.send("draft", {boxes(script)[0]: "(2x", boxes(script)[1]: "3"})
    assert "(2x" in script.student.page(script.address)


@pytest.mark.parametrize("who", ["instructor", "ben", ""])
def test_nobody_else_writes_a_draft(app: Flask, script: Script, who: str) -> None:
    other = Visitor(app.test_client())
    if who:
        other.log_in(who)
    response = other.client.post(f"{script.address}/draft", data={boxes(script)[0]: "9"}, headers=JSON)
    assert response.status_code in {400, 401}  # no token of this session
    token = TOKEN.search(other.page("/help/notation" if who else "/login"))
    assert token is not None
    form = {"csrf_token": token[1], boxes(script)[0]: "9"}
    response = other.client.post(f"{script.address}/draft", data=form, headers=JSON)
    assert response.status_code in {401, 403, 404}
    assert script.view().draft == {}


def test_a_draft_asks_for_no_results(script: Script, engine: Engine) -> None:
    """However much was submitted: the page sends one every few seconds."""
    fields = {**script.right(), boxes(script)[0]: "77"}
    script.student.post(f"{script.address}/answer", fields)
    token = TOKEN.search(script.student.page(script.address))
    assert token is not None
    with counted_statements(engine) as sent:
        form = {"csrf_token": token[1], **fields}
        reply = script.student.client.post(f"{script.address}/draft", data=form, headers=JSON)
    assert reply.status_code == 200
    assert not [one for one in sent if "gradings" in one]
    assert len([one for one in sent if "FROM submissions" in one]) == 1
    assert script.view().draft == {}  # what was submitted last is none


def test_past_the_due_date_a_draft_is_refused_with_the_reason(script: Script) -> None:
    script.clock.advance(weeks=10)
    script.student.log_in("ada")
    reply = script.send("draft", {boxes(script)[0]: "9"})
    assert reply.status_code == 403
    assert "due date" in reply.get_json()["message"]


def test_a_submission_by_script(script: Script) -> None:
    fields = {**script.right(), "key": "k" * 20}
    for _ in range(2):  # the reply to the first was lost
        reply = script.send("answer", fields)
        assert "/attempts/" in reply.get_json()["address"]
    assert len(script.view().submissions) == 1
    assert script.view().tries_used == 1
    assert "All right." in script.student.page(reply.get_json()["address"])
    refused = script.send("answer", dict.fromkeys(fields, " "))
    assert refused.status_code == 400
    assert "Nothing is filled in" in refused.get_json()["message"]


def test_latex_of_the_visual_editor_becomes_text(power: Script) -> None:
    for latex, text in ((r"\frac{x^2}{2}", "x^2/2"), ("x^{2}+3", "x^2 + 3"), (r"\sqrt{x}\cdot 3", "sqrt(x)*3")):
        reply = power.send("preview", {"part": "derivative", "latex": latex}).get_json()
        assert (reply["read_as"], reply["error"]) == (text, None)
        assert f'<math aria-label="{reply["words"]}">' in reply["mathml"]
    reply = power.send("preview", {"part": "derivative", "latex": r"\frac{x}{"}).get_json()
    assert reply["error"]["message"]


def test_the_preview_speaks_and_gives_latex(script: Script) -> None:
    reply = script.send("preview", {"part": "jacobian", boxes(script)[0]: "1/2x"}).get_json()
    assert reply["words"] == "the matrix with row 1: 1 over 2 times x, empty; row 2: empty, empty"
    full = dict.fromkeys(boxes(script), "x^2")
    reply = script.send("preview", {"part": "jacobian", **full}).get_json()
    assert reply["latex"].count("x^{2}") == 4
    reply = script.send("preview", {"part": "jacobian", **full, boxes(script)[0]: "1/2x"}).get_json()
    assert "1/(2*x)" in reply["second"]["text"]


@pytest.fixture
def power(student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock) -> Script:
    return Script(student, sessions, clock, "derivative-chain-power")


def test_the_second_reading_is_asked_and_answered_without_script(power: Script) -> None:
    name, part = "answer.derivative", "derivative"
    right = power.right()[name]
    reply = power.student.post(f"{power.address}/answer", {name: f"1/1(1/({right}))"})
    page = power.student.page(reply.location)
    assert "Which one did you mean?" in page
    values = re.findall(rf'name="meant.{part}" value="([^"]+)"', page)
    assert values == [f"1/1*(1/({right}))", f"1/(1*(1/({right})))"]
    assert power.view().tries_used == 0
    reply = power.student.post(f"{power.address}/answer", {**power.right(), name: "?", f"meant.{part}": values[1]})
    page = power.student.page(reply.location)
    assert power.view().submissions[0].responses[part] == values[1]
    assert "All right." in page
    assert power.view().tries_used == 1


def test_the_keys_are_the_problems_own_symbols(script: Script, power: Script) -> None:
    page = script.student.page(script.address)
    assert 'data-insert="y"' in page
    assert 'data-insert="sigmoid(¦)"' not in page
    assert 'data-insert="y"' not in power.student.page(power.address)
