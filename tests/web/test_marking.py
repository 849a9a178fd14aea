"""A teacher marks on the page of a submission and in the queue; the student reads points and comment."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import Bank
from grader.services import assignments, attempts, submissions
from grader.services.access import Actor
from grader.services.assignments import ChosenProblem
from grader.services.policies import Policy
from grader.services.problems import source_of
from tests.factories import SteadyClock
from tests.web.conftest import Visitor, judge

ADA, INSTRUCTOR, COURSE = Actor(2), Actor(1), 1
PAGE = "/submissions/1"
FORM = f'action="{PAGE}/marks"'
QUEUE = "/courses/1/queue"


@pytest.fixture(autouse=True)
def written(sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock) -> str:
    """Answers in words by three students to one variant, which wait for a person; the address of Ada's attempt."""
    chosen = [ChosenProblem(source_of(bank.problems["explain-two-modes"]))]
    with sessions() as session:
        rules = Policy(one_variant=True)
        made = assignments.create_assignment(session, clock, INSTRUCTOR, COURSE, "In words", chosen, rules)
        first = 0
        for student, words in ((2, "Row <by> row."), (3, "The same."), (4, "The same.")):
            clock.advance(minutes=1)
            attempt = attempts.open_attempt(session, clock, Actor(student), made.id, "explain-two-modes")
            answers = {"matrix": "1/2", "compare": words}
            submissions.submit(session, clock, judge, Actor(student), attempt.id, answers)
            first = first or attempt.id
    return f"/attempts/{first}"


def test_points_and_comment_reach_the_student(teacher: Visitor, student: Visitor, written: str) -> None:
    assert "This waits for a person" in student.page(written)
    assert teacher.page(PAGE).count(FORM) == 3  # every part can be marked
    given = {"points-compare": "2.5", "comment-compare": "Which <b>memory</b>?", "reason-compare": "mild"}
    assert teacher.post(f"{PAGE}/marks", given, PAGE).status_code == 303
    for page in (student.page(PAGE), student.page(written)):
        assert "Which &lt;b&gt;memory&lt;/b&gt;?" in page
        assert "2.5 / 4" in page
        assert "Marked by a teacher" in page
        assert "waits for a person" not in page
        assert "mild" not in page
    assert "Marked by Ines Instructor" in student.page(PAGE)
    again = teacher.page(PAGE)
    assert "Change the mark" in again
    assert "mild" in again
    assert 'value="2.5"' in again


def test_ticked_criteria_say_the_points_where_none_are_typed(teacher: Visitor, student: Visitor) -> None:
    ticked = {"points-compare": "", "criteria-compare": ["0", "2", "2"]}
    assert teacher.post(f"{PAGE}/marks", ticked, PAGE).status_code == 303  # type: ignore[arg-type]
    page = teacher.page(PAGE)
    assert re.findall(r'value="(\d)" data-points="1" checked', page) == ["0", "2"]
    assert "2 / 4" in student.page(PAGE)
    assert "data-points" not in student.page(PAGE)
    unknown = {"points-compare": "", "criteria-compare": "9"}
    assert teacher.post(f"{PAGE}/marks", unknown, PAGE).status_code == 400


def test_a_judged_part_is_overridden_with_a_reason_and_the_mark_withdrawn(teacher: Visitor, student: Visitor) -> None:
    refused = teacher.post(f"{PAGE}/marks", {"points-matrix": "1"}, PAGE)
    assert refused.status_code == 400
    assert "Say for the record why" in refused.text
    given = {"points-matrix": "1", "reason-matrix": "the prompt was wrong"}
    assert teacher.post(f"{PAGE}/marks", given, PAGE).status_code == 303
    page = teacher.page(PAGE)
    assert "the prompt was wrong" in page
    assert page.count("by Ines Instructor") == 2  # the mark, and its line in the list of gradings
    assert teacher.post(f"{PAGE}/marks/withdraw", {"part": "matrix"}, PAGE).status_code == 303
    page = teacher.page(PAGE)
    assert "Marks that count no longer" in page
    assert "Not right" in page
    assert "Marks that count no longer" not in student.page(PAGE)
    assert teacher.post(f"{PAGE}/marks/withdraw", {"part": "matrix"}, PAGE).status_code == 404
    assert student.post(f"{PAGE}/marks/withdraw", {"part": "matrix"}, PAGE).status_code == 403


def test_what_is_refused_comes_back_as_it_was_typed(teacher: Visitor) -> None:
    refused = teacher.post(f"{PAGE}/marks", {"points-compare": "40", "comment-compare": "Long & good."}, PAGE)
    assert refused.status_code == 400
    assert "at most 4 points" in refused.text
    assert 'value="40"' in refused.text
    assert ">Long &amp; good.</textarea>" in refused.text
    assert "waits for a person" in teacher.page(PAGE)


def test_students_have_no_form_and_may_not_send_one(student: Visitor) -> None:
    assert FORM not in student.page(PAGE)
    assert student.post(f"{PAGE}/marks", {"points-compare": "4"}).status_code == 403
    assert "waits for a person" in student.page(PAGE)
    assert student.get(QUEUE).status_code == 403
    assert student.post(f"{QUEUE}/1", {"points-compare": "4"}).status_code == 403


def test_without_its_token_nothing_is_taken(teacher: Visitor) -> None:
    assert teacher.client.post(f"{PAGE}/marks", data={"points-compare": "4"}).status_code == 400
    assert teacher.client.post(f"{QUEUE}/1", data={"points-compare": "4"}).status_code == 400
    assert "waits for a person" in teacher.page(PAGE)


def test_the_queue_is_answered_one_after_another(teacher: Visitor) -> None:
    assert "3 answers wait for a person" in teacher.page(QUEUE)
    assert "3 answers wait for a person" in teacher.page("/courses/1/results")
    first = teacher.get(f"{QUEUE}/first").location
    page = teacher.page(first)
    assert "Row &lt;by&gt; row." in page
    assert "gave the same answer" not in page
    refused = teacher.post(first, {"points-compare": "x", "comment-compare": "kept"}, first)
    assert refused.status_code == 400
    assert ">kept</textarea>" in refused.text
    second = teacher.post(first, {"points-compare": "4"}, first)
    assert second.status_code == 303
    page = teacher.page(second.location)
    assert "1 other student gave the same answer to the same variant" in page
    done = teacher.post(second.location, {"points-compare": "1", "alike": "1"}, second.location)
    assert done.location.split("?")[0] == QUEUE
    page = teacher.page(QUEUE)
    assert "Recorded for 2 answers" in page
    assert "Nothing waits" in page
    assert teacher.get(first).status_code == 404
    assert all("1 / 4" in teacher.page(f"/submissions/{number}") for number in (2, 3))


def test_the_queue_of_one_problem(teacher: Visitor) -> None:
    page = teacher.page(QUEUE + "?problem=999")
    assert "Nothing waits" in page
    assert teacher.get(QUEUE + "?problem=x").status_code == 400
