"""A stored problem that fails with the numbers of one student: told to everybody in the words that they need."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from grader.store.problems import Problem, ProblemVersion
from tests.bank.samples import spoiled
from tests.web.conftest import Visitor

FAULTY = spoiled('where: ["a != b"]', 'where: ["a > 50"]')
CHAIN = "/assignments/1/problems/derivative-chain-power"


@pytest.fixture
def faulty(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        problem = select(Problem.id).where(Problem.key == "derivative-chain-power").scalar_subquery()
        session.execute(update(ProblemVersion).where(ProblemVersion.problem_id == problem).values(source=FAULTY))
        session.commit()


@pytest.mark.usefixtures("faulty")
def test_a_student_is_told_what_to_do(student: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = student.client.get(CHAIN, follow_redirects=True)
    assert answer.status_code == 500
    assert "The problem itself has a fault with these numbers." in answer.text
    assert "tell your instructor" in answer.text
    (line,) = [record.getMessage() for record in caplog.records if "faulty problem" in record.getMessage()]
    assert line.split()[2] in answer.text
    assert "No draw of 1000 meets all conditions" in line
