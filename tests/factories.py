"""Rows, clocks and judges for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from grader.grading import PartResult, Result
from grader.services import assignments, attempts, courses, users
from grader.services.access import Actor
from grader.services.assignments import AssignmentView, ChosenProblem
from grader.services.attempts import AttemptView
from grader.services.policies import Policy
from grader.services.problems import ProblemSource
from grader.services.submissions import SubmissionView

NUMBERS = count(1001)  # of one length, so that the order of names is that of numbers
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class SteadyClock:
    """A clock that stands still until it is told to go on."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


MEANINGS = {
    "right": (Fraction(1), "equal"),
    "half": (Fraction(1, 2), "different"),
    "wrong": (Fraction(0), "different"),
    "?": (Fraction(0), "invalid"),
    "hard": (Fraction(0), "undecided"),
    "": (Fraction(0), "unanswered"),
}


def grade_words(source: str, seed: int, responses: Mapping[str, str]) -> Result:
    """A judge that takes `right`, `half`, `wrong`, `?` and `hard` at their word: problems of two parts of 2 and 1."""
    assert source
    assert seed >= 0
    parts = []
    for part, worth in (("a", Fraction(2)), ("b", Fraction(1))):
        share, outcome = MEANINGS.get(responses.get(part, ""), MEANINGS["wrong"])
        parts.append(PartResult(part, worth * share, worth, outcome))
    return replace(Result.of(tuple(parts)), engine="text 1")


def make_problem(name: str | None = None, topic: str = "derivatives", version: str = "1") -> ProblemSource:
    name = name or f"problem-{next(NUMBERS)}"
    title = f"Title of {name}"
    return ProblemSource(name, f"{name}-{version}", title, topic, "standard", f"id: {name}\n", Fraction(3), ("a", "b"))


def make_user(session: Session, clock: SteadyClock, *, is_staff: bool = False) -> Actor:
    login = f"person-{next(NUMBERS)}"
    return Actor(users.register(session, clock, login, login.title(), None, is_staff=is_staff).id)


@dataclass
class Scene:
    """A course with an instructor, students and whatever a test adds."""

    session: Session
    clock: SteadyClock
    teacher: Actor = field(init=False)
    course_id: int = field(init=False)
    students: list[Actor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.teacher = make_user(self.session, self.clock, is_staff=True)
        title = f"Course {next(NUMBERS)}"
        self.course_id = courses.create_course(self.session, self.clock, self.teacher, title).id

    def add_person(self, role: str = "student") -> Actor:
        person = make_user(self.session, self.clock)
        login = users.user(self.session, person.user_id).login
        courses.enrol(self.session, self.clock, self.teacher, self.course_id, login, role)
        if role == "student":
            self.students.append(person)
        return person

    def add_assignment(self, policy: Policy | None = None, problems: int = 1) -> AssignmentView:
        chosen = [ChosenProblem(make_problem()) for _ in range(problems)]
        return assignments.create_assignment(
            self.session, self.clock, self.teacher, self.course_id, "Assignment", chosen, policy or Policy()
        )

    def open(self, student: Actor, policy: Policy | None = None) -> AttemptView:
        """The student's attempt at the problem of a new assignment."""
        view = self.add_assignment(policy)
        return attempts.open_attempt(self.session, self.clock, student, view.id, view.problems[0].problem_id)


class Watched(str):
    """A password that notes, whenever it is hashed or compared, whether a transaction is open then."""

    __slots__ = ("open", "session")
    session: Session
    open: list[bool]

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        self.open.append(self.session.in_transaction())
        return super().encode(encoding, errors)

    def __getitem__(self, key: Any) -> Watched:
        return watched(self.session, super().__getitem__(key), self.open)


def watched(session: Session, password: str, seen: list[bool]) -> Watched:
    """The password, which notes in `seen` whether a transaction of the session is open when it is used."""
    made = Watched(password)
    made.session, made.open = session, seen
    return made


def outcomes(view: SubmissionView) -> dict[str, str]:
    assert view.result is not None
    return {part["id"]: part["outcome"] for part in view.result["parts"]}


@contextmanager
def counted_statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL statements that are sent inside."""
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(arguments[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
