"""The pages of analysis: empty, with few students, with many; who may see them."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import Bank
from grader.services import users
from grader.services.crowds import Size, create_crowd
from grader.services.demo import DEMO_PASSWORD
from grader.services.problems import source_of
from tests.factories import SteadyClock, counted_statements
from tests.web.conftest import Visitor

JACOBIANS, PROBLEM = 3, "jacobian-polynomial-map"
WHOLE = f"/assignments/{JACOBIANS}/analysis"
ONE = f"/assignments/{JACOBIANS}/problems/{PROBLEM}/analysis"


@pytest.fixture
def professor(app: Flask, sessions: sessionmaker[Session], clock: SteadyClock, bank: Bank) -> Visitor:
    """Somebody with a course of thirty students who have answered one problem, and whose log-in holds."""
    chosen = [source_of(bank.problems[PROBLEM])]
    with sessions() as session:
        create_crowd(session, clock, chosen, Size(students=30, problems=1, tries=2, seeds=3), DEMO_PASSWORD)
    visitor = Visitor(app.test_client())
    visitor.log_in("professor")
    return visitor


def address(visitor: Visitor) -> str:
    """The analysis of the first assignment of the large course."""
    found = re.search(r'href="(/courses/\d+)"', visitor.page("/"))
    assert found is not None
    assignment = re.search(r'href="(/assignments/\d+)"', visitor.page(found[1]))
    assert assignment is not None
    assert f'href="{assignment[1]}/analysis"' in visitor.page(assignment[1])
    assert f'href="{assignment[1]}/analysis"' in visitor.page(f"{assignment[1]}/results")
    return f"{assignment[1]}/analysis"


def test_with_no_answers_it_says_so(teacher: Visitor) -> None:
    for page in (WHOLE, ONE):
        text = teacher.page(page)
        assert "Nothing to analyse yet" in text
        assert '<svg class="chart"' not in text


def test_with_one_answer_nothing_is_claimed(teacher: Visitor, student: Visitor) -> None:
    place = student.attempt(PROBLEM, JACOBIANS)
    assert student.post(f"{place}/answer", {"answer.jacobian[0][0]": "x"}).status_code == 303
    text = teacher.page(WHOLE)
    assert "Counted: 1 of 3 students" in text
    assert "Half of the students have 0 points or more." in text
    assert "Too few answers to say more: 1 of at least 10." in text
    assert "Hard:" not in text
    one = teacher.page(ONE)
    assert "have the same variant" in one
    assert "0 of 1 were right at the first try, 0 in the end." in one


def test_with_a_crowd_there_are_plots_with_tables(professor: Visitor) -> None:
    place = address(professor)
    text = professor.page(place)
    assert "Counted: 30 of 30 students" in text
    assert text.count('<svg class="chart" viewBox') == text.count("As a table") == 1
    link = re.search(r'href="(/assignments/\d+/problems/[^"]+/analysis)"', text)
    assert link is not None
    one = professor.page(link[1])
    plots = one.count('<svg class="chart" viewBox')
    assert plots == one.count("As a table") >= 4
    assert one.count('role="img"') == plots
    seeds = re.findall(r'<th scope="row">(\d)</th>', one.split('id="variants"')[1])
    assert seeds[:3] == ["1", "2", "3"]
    assert "Tries to success" in one
    assert "Half of those who solved it had it within" in one
    assert "/clusters" in one


def test_with_few_students_nothing_is_compared(
    app: Flask, sessions: sessionmaker[Session], clock: SteadyClock, bank: Bank
) -> None:
    chosen = [source_of(bank.problems[PROBLEM])]
    with sessions() as session:
        create_crowd(session, clock, chosen, Size(students=3, problems=1, tries=2, seeds=3), DEMO_PASSWORD)
    visitor = Visitor(app.test_client())
    visitor.log_in("professor")
    place = address(visitor)
    one = visitor.page(place.replace("/analysis", f"/problems/{PROBLEM}/analysis"))
    assert "so nothing is compared" in one
    assert "By chance" not in one


def test_a_page_reads_in_german(professor: Visitor) -> None:
    place = address(professor)
    assert professor.get(f"{place}?language=de").status_code == 200


def test_who_may(student: Visitor, anonymous: Visitor, app: Flask, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        users.register(
            session, app.extensions["grader"].clock, "elsewhere", "Else", DEMO_PASSWORD, is_staff=True, is_demo=True
        )
    elsewhere = Visitor(app.test_client())
    elsewhere.log_in("elsewhere")
    for page in (WHOLE, ONE):
        assert student.get(page).status_code == 403
        assert elsewhere.get(page).status_code == 404
        assert anonymous.get(page).status_code == 302
    assert elsewhere.get("/assignments/999/analysis").status_code == 404


def test_a_problem_that_is_not_there(teacher: Visitor) -> None:
    assert teacher.get(f"/assignments/{JACOBIANS}/problems/no-such-problem/analysis").status_code == 404


def test_the_number_of_statements_is_bounded(professor: Visitor, engine: Engine) -> None:
    place = address(professor)
    with counted_statements(engine) as sent:
        professor.page(place)
    assert len(sent) <= 14, sent
