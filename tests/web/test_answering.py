"""A student's way with one problem, through the pages and without scripts."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from grader.services import attempts
from grader.services.access import Actor
from grader.services.attempts import AttemptView
from grader.services.demo import DEMO_PASSWORD
from grader.web.variants import variant_at
from tests.factories import SteadyClock
from tests.web.conftest import Visitor
from tests.web.filling import right_fields

PROBLEM, JACOBIANS = "jacobian-polynomial-map", 3
PRACTICE, DERIVATIVES = "derivative-chain-power", 1
ADA = Actor(2)
KEY = re.compile(r'name="key" value="([^"]+)"')


class Work:
    """Ada at one problem."""

    def __init__(self, student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock) -> None:
        self.student, self.sessions, self.clock = student, sessions, clock
        self.address = student.attempt(PROBLEM, JACOBIANS)
        self.right = right_fields(variant_at(self.view().problem_source, self.view().seed))
        self.boxes = [name for name in self.right if "[" in name]

    def view(self) -> AttemptView:
        with self.sessions() as session:
            return attempts.attempt(session, self.clock, ADA, int(self.address.rsplit("/", 1)[1]))

    def answer(self, **changes: str) -> str:
        """The page after submitting the right answer with these changes by the number of the box."""
        fields = dict(self.right)
        for number, text in changes.items():
            fields[self.boxes[int(number[1:])]] = text
        response = self.student.post(f"{self.address}/answer", fields)
        assert response.status_code == 303, response.text
        return self.student.page(response.location)


@pytest.fixture
def work(student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock) -> Work:
    return Work(student, sessions, clock)


def test_right(work: Work) -> None:
    page = work.answer()
    assert "All right." in page
    assert "Worked solution" in page
    assert work.view().tries_used == 1
    assert page.count('class="cell-mark right"') == len(work.boxes)


def test_a_wrong_answer_after_the_right_one_takes_nothing_away(work: Work) -> None:
    work.answer()
    page = work.answer(b2="77")
    assert "Partly right." in page
    assert "your points stay" in page
    assert work.view().points == work.view().max_points


def test_one_wrong_entry_is_named(work: Work) -> None:
    page = work.answer(b2="77")
    assert "3 of 4 entries are right" in page
    assert "Entry (2,1) is wrong" in page
    assert "4 of 5 tries left" in page
    assert page.count('class="cell-mark wrong"') == 1
    assert 'value="77"' in page
    assert "Worked solution" not in page
    assert "Proved" not in page


def test_unreadable_uses_no_try_and_keeps_the_text(work: Work) -> None:
    fields = {name: text for name, text in work.right.items() if name.startswith("answer.jacobian")}
    response = work.student.post(f"{work.address}/answer", {**fields, work.boxes[1]: "2x +"})
    page = work.student.page(response.location)
    assert "No try was used up." in page
    assert "Row 1, column 2:" in page
    assert 'value="2x +"' in page
    assert '<span class="there">^</span>' in page
    assert work.view().tries_used == 0
    assert "All right." in work.answer()


def test_one_part_that_cannot_be_read_does_not_hold_up_the_others(work: Work) -> None:
    page = work.answer(b1="2x +")
    assert "Part a could not be read" in page
    assert "2 / 2" in page
    assert work.view().tries_used == 1


def test_an_empty_answer_is_not_submitted(work: Work) -> None:
    response = work.student.post(f"{work.address}/answer", dict.fromkeys(work.right, " "))
    assert response.status_code == 400
    assert "Not submitted." in response.text
    assert work.view().submissions == ()


def test_a_double_click_is_one_submission(work: Work) -> None:
    key = KEY.search(work.student.page(work.address))
    assert key is not None
    fields = {**work.right, "key": key[1]}
    for _ in range(2):
        assert work.student.post(f"{work.address}/answer", fields).status_code == 303
    assert len(work.view().submissions) == 1
    changed = work.student.post(f"{work.address}/answer", {**fields, work.boxes[0]: "8"})
    assert changed.status_code == 409
    assert 'value="8"' in changed.text


def test_past_the_due_date_the_text_is_kept(work: Work) -> None:
    token_page = work.student.page(work.address)
    assert "Submit answer" in token_page
    work.clock.advance(weeks=10)
    response = work.student.post(f"{work.address}/answer", {**work.right, work.boxes[0]: "123x"})
    assert response.status_code in {401, 403}
    work.student.log_in("ada")
    response = work.student.post(f"{work.address}/answer", {**work.right, work.boxes[0]: "123x"})
    assert response.status_code == 403
    assert "due date" in response.text
    assert 'value="123x"' in response.text


def test_no_tries_left(work: Work) -> None:
    for number in range(5):
        work.answer(b0=str(900 + number))
    page = work.student.page(work.address)
    assert "No tries left" in page
    assert "Submit answer" not in page
    assert "Worked solution" in page
    response = work.student.post(f"{work.address}/answer", {**work.right, work.boxes[0]: "1x"})
    assert response.status_code == 409
    assert 'value="1x"' in response.text


def test_what_was_typed_survives_the_end_of_a_session(app: Flask, work: Work) -> None:
    visitor = Visitor(app.test_client())
    response = visitor.post(f"{work.address}/answer", {**work.right, work.boxes[0]: '<b>"7x'}, "/login")
    assert response.status_code == 401
    assert "What you typed is kept" in response.text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', response.text))
    hidden = {name: unescape(value) for name, value in hidden.items()}
    assert hidden[f"kept.{work.boxes[0]}"] == '<b>"7x'
    back = visitor.client.post("/login", data={**hidden, "login": "ada", "password": DEMO_PASSWORD})
    assert "Your answer is kept" in back.text
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', back.text))
    page = visitor.client.post(
        f"{work.address}/preview", data={name: unescape(value) for name, value in kept.items()}
    ).text
    assert 'value="&lt;b&gt;&#34;7x"' in page
    assert work.view().submissions == ()


def test_a_form_from_before_the_log_in_leads_back_to_the_answer(work: Work) -> None:
    response = work.student.client.post(f"{work.address}/answer", data={**work.right, "csrf_token": "old"})
    assert response.status_code == 400
    assert "Your answer is kept" in response.text
    assert work.view().submissions == ()


def test_preview_without_scripts(work: Work) -> None:
    page = work.student.post(f"{work.address}/preview", {work.boxes[0]: "x/(y+1)", work.boxes[3]: "2 +"}).text
    assert "not readable yet" in page
    assert 'value="x/(y+1)"' in page
    assert work.view().submissions == ()
    assert work.student.get(f"{work.address}/preview").status_code == 302


def test_preview_for_the_script(work: Work) -> None:
    token = {"part": "jacobian", work.boxes[0]: "x/(y+1)"}
    page = work.student.page(work.address)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    headers = {"Accept": "application/json"}
    form = {**token, "csrf_token": found[1]}
    reply = work.student.client.post(f"{work.address}/preview", data=form, headers=headers).get_json()
    assert "<mfrac>" in reply["mathml"]
    assert reply["error"] is None
    reply = work.student.client.post(f"{work.address}/preview", data={**form, work.boxes[0]: "2x^"}, headers=headers)
    fault = reply.get_json()["error"]
    assert (fault["place"], fault["text"], fault["start"]) == ("Row 1, column 1:", "2x^", 2)
    reply = work.student.client.post(f"{work.address}/preview", data={**form, "part": "none"}, headers=headers)
    assert reply.status_code == 404


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "{{ 7*7 }}", "x'\"&"])
def test_hostile_text_comes_back_as_text(work: Work, teacher: Visitor, text: str) -> None:
    work.student.post(f"{work.address}/answer", {**work.right, work.boxes[0]: text})
    number = work.view().submissions[0].id
    for page in (
        work.student.page(work.address),
        work.student.post(f"{work.address}/preview", {work.boxes[0]: text}).text,
        teacher.page(f"/submissions/{number}"),
        teacher.page(work.address),
    ):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "49" not in re.sub(r'name="csrf_token" value="[^"]*"|\d{3,}', "", page) or "{{ 7*7 }}" in unescape(page)


def test_practice_gives_new_variants(student: Visitor) -> None:
    address = student.attempt(PRACTICE, DERIVATIVES)
    assert "The same with other numbers" in student.page(address)
    response = student.post(f"{address}/new", {})
    assert response.status_code == 303
    assert response.location != address
    assert "This is a new variant" in student.page(response.location)
    assert student.post(f"{student.attempt(PROBLEM, JACOBIANS)}/new", {}).status_code == 409


def test_a_teacher_sees_the_work_but_cannot_answer(work: Work, teacher: Visitor) -> None:
    work.answer(b0="3")
    page = teacher.page(work.address)
    assert "The work of Ada" in page
    assert "Submit answer" not in page
    assert "data-preview" not in page


@pytest.fixture
def german(work: Work) -> Work:
    work.student.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    return work


def test_a_german_page_says_in_german_why_an_answer_cannot_be_read(german: Work) -> None:
    page = german.answer(b1="2x +")
    assert "Zeile 1, Spalte 2: Am Ende fehlt etwas. Ergänze es oder lösche das letzte Zeichen." in page
    assert "Something is missing" not in page
    stored = german.view().submissions[0].result
    assert stored is not None
    words, details = stored["parts"][0]["feedback"][0], stored["parts"][0]["details"]
    assert words == f"{details['message']} {details['repair']}".strip()
    assert "rgänze" not in words


def test_a_german_page_says_in_german_that_an_answer_has_another_size(german: Work) -> None:
    name = german.boxes[0].partition("[")[0]
    fields = {field: text for field, text in german.right.items() if field not in german.boxes}
    response = german.student.post(f"{german.address}/answer", {**fields, f"{name}.text": "[1, 2, 3]"})
    page = german.student.page(response.location)
    assert "Deine Antwort ist ein Vektor mit 3 Einträgen, die Lösung dagegen eine 2×2-Matrix." in page


def test_the_live_preview_speaks_german(german: Work) -> None:
    found = re.search(r'name="csrf_token" value="([^"]+)"', german.student.page(german.address))
    assert found is not None
    form = {"part": "jacobian", "csrf_token": found[1]}

    def preview(text: str) -> Any:
        fields = {**form, german.boxes[0]: text}
        headers = {"Accept": "application/json"}
        return german.student.client.post(f"{german.address}/preview", data=fields, headers=headers).get_json()

    fault = preview("2x + q")["error"]
    assert (fault["place"], fault["message"]) == ("Zeile 1, Spalte 1:", "Der Name q kommt in dieser Aufgabe nicht vor.")
    assert fault["repair"].startswith("Die Namen hier sind ")
    notices = [notice["text"] for notice in preview("1/2x")["notices"]]
    assert notices == ["Zeile 1, Spalte 1: Die Division kommt vor der Multiplikation, die ihr folgt."]
    assert preview("1/2x")["error"] is None
