"""What was made ahead is shown without making it again; teachers are told of problems that fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.keeping import pack
from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.errors import BankError
from grader.services import ready_variants
from grader.store.assignments import Assignment
from grader.web import variants
from tests.factories import SteadyClock
from tests.web.conftest import TOKEN, Visitor

CHAIN = "/assignments/1/problems/derivative-chain-power"


def make(source: str, seed: int) -> Mapping[str, bytes]:
    problem = load_problem(source, "problem")
    return {each: pack(make_variant(problem, seed, language=each)) for each in problem.languages}


def fail(_source: str, _seed: int) -> NoReturn:
    raise BankError("No draw meets all conditions.")


def prepare_all(session: Session, clock: SteadyClock, maker: ready_variants.Make) -> None:
    for assignment_id in session.scalars(select(Assignment.id).where(~Assignment.is_pool)).all():
        ready_variants.prepare(session, clock, maker, assignment_id)


@pytest.fixture
def forgetful() -> None:
    """No variant is at hand from another test."""
    variants._read_or_made.cache_clear()
    variants.variant_at.cache_clear()


@pytest.mark.usefixtures("forgetful")
def test_a_page_of_a_ready_variant_makes_nothing(
    student: Visitor, session: Session, clock: SteadyClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready_variants, "CHUNK", 1000)
    prepare_all(session, clock, make)
    session.commit()

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr(variants, "make_variant", refuse)
    shown = student.page(CHAIN)
    monkeypatch.undo()
    variants._read_or_made.cache_clear()
    monkeypatch.setattr(ready_variants, "find", lambda *_: None)
    assert parts(student.page(CHAIN)) == parts(shown)


def parts(page: str) -> str:
    """The page without what is drawn anew each time."""
    begin, end = page.index("<h1"), page.index('name="key"')
    return TOKEN.sub("", page[begin:end])


def test_teachers_are_told_of_a_problem_that_fails(
    teacher: Visitor, student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    with sessions() as session:
        prepare_all(session, clock, fail)
    told = teacher.page("/assignments/1")
    assert "fails with the numbers of some students" in told
    assert "No draw meets all conditions." in told
    assert "No draw meets" not in student.page("/assignments/1")
