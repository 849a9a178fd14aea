"""The pages of students: what is due, practice, hints one by one, the score line by line."""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import Bank
from grader.services import assignments, attempts, hints, marking, submissions
from grader.services.access import Actor
from grader.services.assignments import ChosenProblem
from grader.services.lateness import LateKind, LateRule
from grader.services.marking import Given
from grader.services.policies import Policy
from grader.services.problems import source_of
from grader.web.variants import variant_at
from tests.factories import SteadyClock, counted_statements
from tests.web.conftest import Visitor, judge
from tests.web.filling import right_fields

PROBLEM = "jacobian-polynomial-map"
JACOBIANS = 3
PRACTICE = "/courses/1/practice"
TEACHER, ADA = Actor(1), Actor(2)


def right(sessions: sessionmaker[Session], clock: SteadyClock, address: str) -> dict[str, str]:
    with sessions() as session:
        attempt = attempts.attempt(session, clock, ADA, int(address.rsplit("/", 1)[1]))
    return right_fields(variant_at(attempt.problem_source, attempt.seed))


def place(response_location: str) -> str:
    return urlsplit(response_location).path


def begin(student: Visitor, **fields: str) -> str:
    response = student.post(PRACTICE, {"topic": "jacobians", **fields}, PRACTICE)
    assert response.status_code == 303, response.text
    return place(response.location)


def set_work(sessions: sessionmaker[Session], clock: SteadyClock, bank: Bank, title: str, rules: Policy) -> int:
    with sessions() as session:
        chosen = [ChosenProblem(source_of(bank.problems[PROBLEM]))]
        return assignments.create_assignment(session, clock, TEACHER, 1, title, chosen, rules).id


def test_what_is_due_is_told_in_words(
    student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock, bank: Bank
) -> None:
    now = clock()
    late = LateRule(LateKind.DAILY, loss=Fraction(1, 10))
    set_work(sessions, clock, bank, "Far", Policy(due=now + timedelta(days=9)))
    set_work(sessions, clock, bank, "Near", Policy(due=now + timedelta(hours=30)))
    set_work(sessions, clock, bank, "Past", Policy(due=now + timedelta(hours=1)))
    set_work(sessions, clock, bank, "Late", Policy(due=now + timedelta(hours=1), late=late))
    clock.advance(hours=2)
    page = student.page("/")
    due = page[page.index("Due next") : page.index('id="course-1"')]
    order = [due.index(f">{title}<") for title in ("Late", "Near", "Far")]
    assert order == sorted(order)
    assert "Overdue, still open" in due
    assert "Due soon" in due
    assert "in 28 hours" in due
    assert "60 minutes ago" in due
    assert "3 more are listed in their courses." in due  # what is closed comes last
    course = student.page("/courses/1")
    assert re.search(r">Past</span>.*?was due .*?, 60 minutes ago", course, re.DOTALL)
    assert "“Late” was due 60 minutes ago and still takes late answers: one problem is left." in page


def test_rules_are_told_in_words(
    student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock, bank: Bank
) -> None:
    now = clock()
    late = LateRule(LateKind.DAILY, 15, Fraction(1, 10), Fraction(1, 2), now + timedelta(days=9))
    rules = Policy(due=now + timedelta(days=2), tries=3, penalty=Fraction(1, 8), late=late)
    page = student.page(f"/assignments/{set_work(sessions, clock, bank, 'Rules', rules)}")
    for words in (
        "an answer counts 10 % less for each day begun",
        "never less than 50 %",
        "the first 15 minutes cost nothing",
        "nothing is taken from Wed 11 Mar 2026, 09:00 UTC",
        "3 for each problem",
        "each failed try of a part costs 12.5 % of its points",
        "3 of 3",
        "once you have solved a problem or used all tries",
    ):
        assert words in re.sub(r"<time[^>]*>|</time>", "", page), words


def test_an_exam_tells_no_points(
    student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock, bank: Bank
) -> None:
    exam = set_work(
        sessions, clock, bank, "Exam", Policy(tries=2, exam=True, feedback_from=clock() + timedelta(days=1))
    )
    address = student.attempt(PROBLEM, exam)
    student.post(f"{address}/answer", right(sessions, clock, address), address)
    page = student.page(f"/assignments/{exam}")
    assert "This is an exam" in page
    assert "Received" in page
    assert "Score so far" not in page
    assert "How your score comes about" not in student.page(address)
    assert "1 of 1 handed in" in student.page("/courses/1")
    clock.advance(days=2)
    assert "Score so far" in student.page(f"/assignments/{exam}")
    assert "How your score comes about" in student.page(address)


def test_hints_are_opened_one_by_one_and_what_is_typed_stays(
    app: Flask, student: Visitor, teacher: Visitor, sessions: sessionmaker[Session], clock: SteadyClock, bank: Bank
) -> None:
    address = student.attempt(PROBLEM, JACOBIANS)
    there_are = len(variant_at(bank.problems[PROBLEM].source, 1).hints)
    assert there_are >= 2
    assert 'class="note hint-note"' not in student.page(address)
    fields = dict.fromkeys(right(sessions, clock, address), "x + 17")
    for number in range(there_are):
        page = student.page(address)
        assert f"Show hint {number + 1} of {there_are}" in page
        response = student.post(f"{address}/hints", {**fields, "shown": str(number)}, address)
        assert response.location.endswith("#hints")
        page = student.page(address)
        assert page.count('class="note hint-note"') == number + 1
        assert page.count('value="x + 17"') == len(fields)
    assert "That was the last hint." in page
    with sessions() as session:
        assert hints.opened(session, int(address.rsplit("/", 1)[1])) == there_are
    assert f"The student has opened {there_are} of {there_are}." in teacher.page(address)
    neighbour = Visitor(app.test_client())
    neighbour.log_in("ben")
    assert neighbour.post(f"{address}/hints", {"shown": "0"}).status_code == 404
    assert teacher.post(f"{address}/hints", {"shown": "0"}).status_code == 403


def test_the_score_is_told_line_by_line(
    student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock, bank: Bank
) -> None:
    now = clock()
    rules = Policy(
        due=now + timedelta(hours=1),
        tries=9,
        penalty=Fraction(1, 3),
        late=LateRule(LateKind.DAILY, loss=Fraction(1, 2)),
    )
    address = student.attempt(PROBLEM, set_work(sessions, clock, bank, "Log", rules))
    answers = right(sessions, clock, address)
    first = next(iter(answers))
    for fields in (answers | {first: "99"}, answers | {first: "2x +"}):
        assert student.post(f"{address}/answer", fields, address).status_code == 303
    clock.advance(hours=2)
    student.post(f"{address}/answer", answers, address)
    page = student.page(address)
    table = page[page.index("How your score comes about") :]
    assert "could not be read" in table
    for column in ("Earned", "Failed tries before", "Late", "Counted before", "Added"):
        assert f">{column}</th>" in table
    added = re.findall(r'data-label="Added"><strong>([^<]+)</strong>', table)
    values = [sum(Fraction(word) for word in text.split()) for text in added]
    assert sum(values[:-1]) == values[-1]
    with sessions() as session:
        assert values[-1] == attempts.attempt(session, clock, ADA, int(address.rsplit("/", 1)[1])).points


def test_practice_leads_from_problem_to_problem(
    student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    page = student.page(PRACTICE)
    assert "Not begun" in page
    assert "Explain" not in page  # what a person would have to read is not practised
    first = begin(student)
    assert begin(student) == first
    page = student.page(first)
    assert PRACTICE in page
    assert "Show me the solution" in page
    assert "Worked solution" not in page
    other = begin(student, leave=first.rsplit("/", 1)[1])
    assert other != first
    assert "Worked solution" in student.page(first)
    assert "The same with other numbers" in student.page(first)
    student.post(f"{other}/answer", right(sessions, clock, other), other)
    assert "Worked solution" in student.page(other)
    assert "At the beginning" in student.page(PRACTICE)
    assert "Go on where you left off" not in student.page("/")


def test_the_solution_comes_at_the_price_of_new_numbers(student: Visitor) -> None:
    first = begin(student)
    response = student.post(f"{first}/solution", {}, first)
    assert place(response.location) == first
    page = student.page(first)
    assert "Here is the solution." in page
    assert "Worked solution" in page
    assert "Submit answer" not in page
    again = begin(student)
    assert again != first
    assert "Worked solution" not in student.page(again)
    number = int(first.rsplit("/", 1)[1])
    assert student.post(f"{first}/solution", {}, first).status_code in {303, 409}
    assert student.get(f"/attempts/{number}").status_code == 200


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"topic": "nothing"}, 404),
        ({"topic": ""}, 404),
        ({"level": "hopeless"}, 400),
        ({"leave": "999999"}, 404),
        ({"leave": "²"}, 303),
        ({"leave": "9" * 400}, 303),
    ],
)
def test_practice_refuses_what_there_is_not(student: Visitor, fields: dict[str, str], status: int) -> None:
    assert student.post(PRACTICE, {"topic": "jacobians", **fields}, PRACTICE).status_code == status


def test_the_pool_is_no_assignment_to_look_at(student: Visitor, sessions: sessionmaker[Session]) -> None:
    begin(student)
    with sessions() as session:
        found = session.connection().exec_driver_sql("SELECT id FROM assignments WHERE is_pool").scalar_one()
    assert student.get(f"/assignments/{found}").location == PRACTICE
    assert student.get("/courses/9/practice").status_code == 404


def test_teachers_see_the_mastery_of_their_students(student: Visitor, teacher: Visitor, app: Flask) -> None:
    begin(student)
    assert "Practice of Ada Ahmed" in teacher.page("/courses/1/students/2/practice")
    neighbour = Visitor(app.test_client())
    neighbour.log_in("ben")
    assert neighbour.get("/courses/1/students/2/practice").status_code == 404
    assert teacher.get("/courses/1/students/999/practice").status_code == 404


@pytest.mark.parametrize("page", ["/", "/courses/1", PRACTICE, f"/assignments/{JACOBIANS}", "/attempts/1", "/settings"])
def test_the_number_of_statements_of_a_page_is_bounded(student: Visitor, engine: Engine, page: str) -> None:
    student.attempt(PROBLEM, JACOBIANS)
    with counted_statements(engine) as statements:
        student.page(page)
    assert len(statements) <= 20, statements


def test_what_is_typed_beside_a_hint_survives_the_end_of_a_session(app: Flask, student: Visitor) -> None:
    address = student.attempt(PROBLEM, JACOBIANS)
    stranger = Visitor(app.test_client())
    response = stranger.post(f"{address}/hints", {"answer.jacobian[0][0]": "x + 17", "shown": "0"}, "/login")
    assert response.status_code == 401
    assert 'name="kept.answer.jacobian[0][0]" value="x + 17"' in response.text


def test_what_waits_for_a_person_says_what_happens_next(
    student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock, bank: Bank
) -> None:
    with sessions() as session:
        chosen = [ChosenProblem(source_of(bank.problems["explain-two-modes"]))]
        made = assignments.create_assignment(session, clock, TEACHER, 1, "In words", chosen)
        attempt = attempts.open_attempt(session, clock, ADA, made.id, "explain-two-modes")
        answers = {"matrix": "1/2", "compare": "Row by row."}
        sent = submissions.submit(session, clock, judge, ADA, attempt.id, answers)
    page = student.page(f"/attempts/{attempt.id}")
    letter = "abcdef"[[part.id for part in bank.problems["explain-two-modes"].parts].index("compare")]
    assert f"Part {letter} waits for a person." in page
    assert "Your teachers find your answer in their list" in page
    assert "marked by" not in page
    with sessions() as session:
        marking.mark(session, clock, TEACHER, sent.id, {"compare": Given("2.5", "Nearly.")})
    page = student.page(f"/attempts/{attempt.id}")
    assert "waits for a person" not in page
    assert "2.5 of 4 by a teacher" in page
    assert "marked by Ines Instructor" in page
