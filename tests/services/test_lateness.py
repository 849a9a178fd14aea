"""What late answers count: exact shares, extensions, and marks that follow changed rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import Closed, InvalidRequest, NotFound
from grader.services import assignments, attempts, extensions, policies, results, submissions
from grader.services.access import Actor
from grader.services.lateness import LateKind, LateRule
from grader.services.policies import Phase, Policy
from grader.store.audit import AuditEntry
from tests.factories import START, Scene, SteadyClock, grade_words

DUE = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)
NONE = LateRule()
GRACE = LateRule(LateKind.GRACE, grace=30)
DAILY = LateRule(LateKind.DAILY, loss=Fraction(1, 10), floor=Fraction(1, 3))
THIRDS = LateRule(LateKind.DAILY, grace=15, loss=Fraction(1, 3), until=DUE + timedelta(days=5))

SHARES = [
    # rule, minutes after the due date, share, phase
    (NONE, -1, "1", Phase.OPEN),
    (NONE, 0, "1", Phase.CLOSED),
    (GRACE, 0, "1", Phase.LATE),
    (GRACE, 29, "1", Phase.LATE),
    (GRACE, 30, "1", Phase.CLOSED),
    (DAILY, -1, "1", Phase.OPEN),
    (DAILY, 0, "9/10", Phase.LATE),
    (DAILY, 24 * 60 - 1, "9/10", Phase.LATE),
    (DAILY, 24 * 60, "8/10", Phase.LATE),
    (DAILY, 6 * 24 * 60, "1/3", Phase.LATE),
    (DAILY, 400 * 24 * 60, "1/3", Phase.LATE),
    (THIRDS, 14, "1", Phase.LATE),
    (THIRDS, 15, "2/3", Phase.LATE),
    (THIRDS, 24 * 60, "1/3", Phase.LATE),
    (THIRDS, 2 * 24 * 60, "0", Phase.LATE),
    (THIRDS, 4 * 24 * 60, "0", Phase.LATE),
    (THIRDS, 5 * 24 * 60, "0", Phase.CLOSED),
]


@pytest.mark.parametrize(("rule", "minutes", "share", "phase"), SHARES)
def test_shares_are_exact(rule: LateRule, minutes: int, share: str, phase: Phase) -> None:
    policy, now = Policy(due=DUE, late=rule), DUE + timedelta(minutes=minutes)
    assert (policy.share(now), policy.phase(now)) == (Fraction(share), phase)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (LateRule(LateKind.GRACE), "late.grace"),
        (LateRule(LateKind.GRACE, grace=-1), "late.grace"),
        (LateRule(LateKind.GRACE, grace=10**6), "late.grace"),
        (LateRule(LateKind.DAILY), "late.loss"),
        (LateRule(LateKind.DAILY, loss=Fraction(11, 10)), "late.loss"),
        (LateRule(LateKind.DAILY, loss=Fraction(1, 2), floor=Fraction(2)), "late.floor"),
        (LateRule(LateKind.DAILY, loss=Fraction(1, 2), until=DUE), "late.until"),
        (LateRule(LateKind.DAILY, loss=Fraction(1, 2), until=datetime(2026, 3, 11)), "late.until"),  # noqa: DTZ001
    ],
)
def test_rules_that_make_no_sense_are_refused(rule: LateRule, field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        policies.check(Policy(due=DUE, late=rule))
    assert caught.value.field == field


def test_a_late_rule_needs_a_due_date() -> None:
    with pytest.raises(InvalidRequest) as caught:
        policies.check(Policy(late=DAILY))
    assert caught.value.field == "due"


@pytest.mark.parametrize(
    ("own_due", "own_tries", "until", "expected"),
    [
        (None, 9, None, (DUE, 9, None)),
        (DUE + timedelta(days=3), None, None, (DUE + timedelta(days=3), 2, None)),
        # Late answers of everybody end before the own due date: then they end with it, not before.
        (DUE + timedelta(days=9), 4, DUE + timedelta(days=2), (DUE + timedelta(days=9), 4, DUE + timedelta(days=9))),
    ],
)
def test_extended_rules(
    own_due: datetime | None,
    own_tries: int | None,
    until: datetime | None,
    expected: tuple[datetime, int, datetime | None],
) -> None:
    rules = Policy(due=DUE, tries=2, late=LateRule(LateKind.DAILY, loss=Fraction(1, 10), until=until))
    found = policies.extended(rules, own_due, own_tries)
    assert (found.due, found.tries, found.late.until) == expected


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def points(scene: Scene, student: Actor, attempt_id: int) -> Fraction:
    return attempts.attempt(scene.session, scene.clock, student, attempt_id).points


def test_late_answers_count_less_and_an_extension_gives_the_points_back(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    ada, ben = scene.add_person(), scene.add_person()
    rule = LateRule(LateKind.DAILY, loss=Fraction(1, 4), floor=Fraction(1, 10))
    policy = Policy(due=START + timedelta(days=1), tries=3, penalty=Fraction(1, 2), late=rule)
    attempt = scene.open(ada, policy)
    submissions.submit(session, clock, grade_words, ada, attempt.id, {"a": "wrong", "b": "right"})
    clock.advance(days=2, hours=1)  # the second day after the due date has begun
    submissions.submit(session, clock, grade_words, ada, attempt.id, {"a": "right"})
    # b in time: 1; a on the second try (half of 2) and two days late (half of that).
    assert points(scene, ada, attempt.id) == 1 + Fraction(1, 2)
    table = results.assignment_results(session, scene.teacher, attempt.assignment_id)
    assert [row.points for row in table.rows] == [Fraction(3, 2), 0]

    later = START + timedelta(days=3)
    extensions.extend(session, clock, scene.teacher, attempt.assignment_id, ada.user_id, later, None)
    assert points(scene, ada, attempt.id) == 2
    seen = attempts.attempt(session, clock, ada, attempt.id)
    assert (seen.policy.due, seen.phase) == (later, Phase.OPEN)
    assert assignments.assignment(session, clock, ada, attempt.assignment_id).policy.due == later
    assert assignments.assignment(session, clock, ben, attempt.assignment_id).phase is Phase.LATE
    extensions.withdraw(session, clock, scene.teacher, attempt.assignment_id, ada.user_id)
    assert points(scene, ada, attempt.id) == Fraction(3, 2)
    told = session.scalars(
        select(AuditEntry).where(AuditEntry.action.like("extension.%")).order_by(AuditEntry.id)
    ).all()
    assert [(entry.action, entry.details["before"], entry.details["after"]) for entry in told] == [
        ("extension.given", None, {"due": later.isoformat(), "tries": None}),
        ("extension.withdrawn", {"due": later.isoformat(), "tries": None}, None),
    ]


def test_an_extension_opens_what_is_closed_for_one_student_only(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    ada, ben = scene.add_person(), scene.add_person()
    view = scene.add_assignment(Policy(due=START + timedelta(days=1), tries=1))
    problem = view.problems[0].problem_id
    clock.advance(days=2)
    extensions.extend(session, clock, scene.teacher, view.id, ada.user_id, START + timedelta(days=4), 2)
    opened = attempts.open_attempt(session, clock, ada, view.id, problem)
    assert opened.tries_left == 2
    for _ in range(2):
        submissions.submit(session, clock, grade_words, ada, opened.id, {"a": "wrong"})
    with pytest.raises(Closed):
        attempts.open_attempt(session, clock, ben, view.id, problem)


def test_extensions_are_for_instructors_and_students_of_the_course(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    ada, helper = scene.add_person(), scene.add_person("assistant")
    view = scene.add_assignment(Policy(due=START + timedelta(days=1)))
    later = START + timedelta(days=4)
    for who in (ada, helper):
        with pytest.raises(Exception, match="Only an instructor"):
            extensions.extend(session, clock, who, view.id, ada.user_id, later, None)
    with pytest.raises(NotFound):
        extensions.extend(session, clock, scene.teacher, view.id, helper.user_id, later, None)
    for due, tries in ((None, None), (later, 0), (later, 10**6), (later.replace(tzinfo=None), None)):
        with pytest.raises(InvalidRequest):
            extensions.extend(session, clock, scene.teacher, view.id, ada.user_id, due, tries)
    extensions.extend(session, clock, scene.teacher, view.id, ada.user_id, later, 7)
    (found,) = extensions.list_extensions(session, helper, view.id)
    assert (found.student_id, found.due, found.tries) == (ada.user_id, later, 7)
