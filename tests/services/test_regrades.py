"""Regrades: the dry run, applying, undoing; who may; what stays; the log and the outbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import load_problem
from grader.errors import Conflict, Forbidden, GraderError, NotFound
from grader.grading import EntryResult, PartResult, Result
from grader.services import clusters, marking, regrades, regrading
from grader.services.access import SCOPES, Actor
from grader.services.clusters import Decision
from grader.services.marking import Given
from grader.services.policies import Policy
from grader.services.problems import source_of
from grader.services.regrade_plans import Judgement, Kept, RegradePolicy, plan
from grader.services.regrades import Basis, RegradeView, Request
from grader.services.standings import Mark, Standing, reckon
from grader.store.audit import AuditEntry
from grader.store.events import OutboxEvent
from grader.store.gradings import Grading
from tests.factories import START, Scene, SteadyClock, counted_statements
from tests.services.regrading import MENDED, OTHER_NUMBERS, Answered, judge, worker

CHAINED = "{a}*x + {b}"
RIGHT = "2*{a}*x + {b}"


@pytest.fixture
def answered(session: Session, clock: SteadyClock) -> Answered:
    return Answered(Scene(session, clock))


def accept(answered: Answered, share: Fraction = Fraction(1), part: str = "slope") -> None:
    scene, place = answered.scene, answered.place(part)
    scene.session.commit()
    page = clusters.clusters_of(scene.session, scene.clock, scene.teacher, place)
    mark = page.clusters[0].mark
    clusters.decide(scene.session, scene.clock, scene.teacher, place, mark, Decision(share=share))


def dry_run(answered: Answered, sessions: sessionmaker[Session], **wanted: object) -> RegradeView:
    scene = answered.scene
    mended = source_of(load_problem(MENDED))
    found = regrades.propose(
        scene.session,
        scene.clock,
        scene.teacher,
        answered.assignment.id,
        Request(**wanted),  # type: ignore[arg-type]
        lambda _: mended,
    )
    worker(sessions, scene).run_once()
    return seen(answered, found)


def seen(answered: Answered, regrade_id: int) -> RegradeView:
    scene = answered.scene
    scene.session.commit()
    return regrades.regrade(scene.session, scene.teacher, regrade_id)


def turn(answered: Answered, sessions: sessionmaker[Session], act: Callable[..., None], regrade_id: int) -> RegradeView:
    scene = answered.scene
    act(scene.session, scene.clock, scene.teacher, regrade_id)
    worker(sessions, scene).run_once()
    return seen(answered, regrade_id)


def test_accept_look_apply_undo(answered: Answered, sessions: sessionmaker[Session]) -> None:
    scene = answered.scene
    people = [scene.add_person() for _ in range(6)]
    for person in people[:3]:
        answered.answer(person, CHAINED)
    answered.answer(people[2], RIGHT)  # a second try, which lost a quarter to the first
    answered.answer(people[3], RIGHT)
    answered.answer(people[4], "{b}*x^3 + sin(x)")
    accept(answered)
    before = answered.scores()
    view = dry_run(answered, sessions, reason="The question could be read so.")
    assert view.state == "ready"
    assert {change.student_id for change in view.changes} == {person.user_id for person in people[:3]}
    assert {change.direction for change in view.changes} == {"up"}
    assert all(line.rule is not None for change in view.changes for line in change.lines)
    assert answered.scores() == before, "a dry run changes nothing"
    gradings = scene.session.scalars(select(Grading.id)).all()
    view = turn(answered, sessions, regrades.apply, view.id)
    assert view.state == "applied"
    assert view.counts.up == 3
    after = answered.scores()
    assert [after[person.user_id] for person in people] == [4, 4, 4, 4, 0, 0]
    assert set(gradings) < set(scene.session.scalars(select(Grading.id)))
    assert set(scene.session.scalars(select(Grading.cause))) == {"judged", "regraded"}
    view = turn(answered, sessions, regrades.undo, view.id)
    assert view.state == "undone"
    assert answered.scores() == before
    story = scene.session.scalars(select(AuditEntry).where(AuditEntry.action.like("regrade.%")).order_by(AuditEntry.id))
    told = [(entry.action, entry.actor_id) for entry in story]
    names = ("proposed", "ready", "applying", "applied", "undoing", "undone")
    assert told == [(f"regrade.{name}", scene.teacher.user_id) for name in names]
    applied = scene.session.scalars(select(AuditEntry).where(AuditEntry.action == "regrade.applied")).one()
    assert "reason" not in applied.details  # words may name people, and the log is for ever
    assert (applied.details["policy"], applied.details["up"], applied.details["down"]) == ("never_lower", 3, 0)


def test_the_outbox_tells_each_change_once(answered: Answered, sessions: sessionmaker[Session]) -> None:
    scene = answered.scene
    people = [scene.add_person() for _ in range(2)]
    for person in people:
        answered.answer(person, CHAINED)
    accept(answered)
    view = dry_run(answered, sessions)
    assert scene.session.scalars(select(OutboxEvent)).all() == []
    turn(answered, sessions, regrades.apply, view.id)
    regrading.take_step(scene.session, scene.clock, judge, view.id)  # a job that comes twice
    events = scene.session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)).all()
    assert [event.kind for event in events] == ["grade.changed", "grade.changed", "regrade.applied"]
    assert {event.payload["student_id"] for event in events[:2]} == {person.user_id for person in people}
    assert events[0].payload["score_before"] == 0
    assert events[0].payload["score_after"] == 2


def test_a_new_version_never_lowers_unless_asked(answered: Answered, sessions: sessionmaker[Session]) -> None:
    scene = answered.scene
    lucky, unlucky = scene.add_person(), scene.add_person()
    answered.answer(lucky, RIGHT, "2*a + b + 1")
    answered.answer(unlucky, RIGHT, "2*a + b")
    before = answered.scores()
    kind = view = dry_run(answered, sessions, basis=Basis.VERSION)
    directions = {change.student_id: change.direction for change in view.changes}
    assert directions == {lucky.user_id: "up", unlucky.user_id: "same"}
    assert {line.kept for change in view.changes for line in change.lines} == {Kept.NOT, Kept.LOWER}
    exact = dry_run(answered, sessions, basis=Basis.VERSION, policy=RegradePolicy.EXACT)
    directions = {change.student_id: change.direction for change in exact.changes}
    assert directions == {lucky.user_id: "up", unlucky.user_id: "down"}
    turn(answered, sessions, regrades.apply, exact.id)
    assert answered.scores() == {lucky.user_id: before[unlucky.user_id], unlucky.user_id: before[lucky.user_id]}
    late = turn(answered, sessions, regrades.apply, kind.id)
    assert late.counts.outdated == 2, "what was graded since the dry run is left alone, and named"
    turn(answered, sessions, regrades.undo, exact.id)
    assert answered.scores() == before


def test_a_version_with_other_numbers_is_not_judged_by(answered: Answered, sessions: sessionmaker[Session]) -> None:
    scene = answered.scene
    answered.answer(scene.add_person(), RIGHT, "2*a + b + 1")
    other = source_of(load_problem(OTHER_NUMBERS.replace('"2*a + b"', '"2*a + b + 1"')))
    wanted = Request(RegradePolicy.EXACT, Basis.VERSION)
    found = regrades.propose(scene.session, scene.clock, scene.teacher, answered.assignment.id, wanted, lambda _: other)
    worker(sessions, scene).run_once()
    assert seen(answered, found).changes == ()


def test_a_persons_mark_is_kept_and_listed(answered: Answered, sessions: sessionmaker[Session]) -> None:
    scene = answered.scene
    people = [scene.add_person() for _ in range(2)]
    sent = [answered.answer(person, CHAINED) for person in people]
    accept(answered)
    mark = {"slope": Given("0.5", "Half a point for the idea.", "agreed in the meeting")}
    marking.mark(scene.session, scene.clock, scene.teacher, sent[0].id, mark)
    before = answered.scores()
    view = dry_run(answered, sessions)
    kept = {change.student_id: [line.kept for line in change.lines] for change in view.changes}
    assert kept == {people[0].user_id: [Kept.MARKED], people[1].user_id: [Kept.NOT]}
    assert view.counts.kept_marked == 1
    turn(answered, sessions, regrades.apply, view.id)
    after = answered.scores()
    assert after[people[0].user_id] == before[people[0].user_id]
    assert after[people[1].user_id] == 4


def test_undo_leaves_what_was_marked_since(answered: Answered, sessions: sessionmaker[Session]) -> None:
    scene = answered.scene
    people = [scene.add_person() for _ in range(2)]
    sent = [answered.answer(person, CHAINED) for person in people]
    accept(answered)
    view = dry_run(answered, sessions)
    turn(answered, sessions, regrades.apply, view.id)
    mark = {"slope": Given("1", "Not quite.", "looked at again")}
    marking.mark(scene.session, scene.clock, scene.teacher, sent[0].id, mark)
    view = turn(answered, sessions, regrades.undo, view.id)
    states = {change.student_id: change.state for change in view.changes}
    assert states == {people[0].user_id: "changed", people[1].user_id: "undone"}
    assert view.counts.changed_since == 1
    assert answered.scores() == {people[0].user_id: 2, people[1].user_id: 0}


def test_two_who_apply_at_once(answered: Answered, sessions: sessionmaker[Session]) -> None:
    scene = answered.scene
    answered.answer(scene.add_person(), CHAINED)
    accept(answered)
    view = dry_run(answered, sessions)
    scene.session.commit()
    outcomes: list[str] = []
    barrier = Barrier(2)

    def press() -> None:
        with sessions() as own:
            barrier.wait()
            try:
                regrades.apply(own, scene.clock, scene.teacher, view.id)
                outcomes.append("applied")
            except Conflict:
                outcomes.append("refused")

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["applied", "refused"]
    worker(sessions, scene).run_once()
    causes = scene.session.scalars(select(Grading.cause)).all()
    assert sorted(causes) == ["judged", "regraded"]


def test_a_worker_that_was_killed_is_followed_by_another(answered: Answered, sessions: sessionmaker[Session]) -> None:
    scene = answered.scene
    for person in [scene.add_person() for _ in range(3)]:
        answered.answer(person, CHAINED)
    accept(answered)
    args = (scene.session, scene.clock)
    found = regrades.propose(*args, scene.teacher, answered.assignment.id, Request())
    regrading.take_step(*args, judge, found)
    regrading.take_step(*args, judge, found)
    regrades.apply(*args, scene.teacher, found)
    doing = worker(sessions, scene)
    scene.clock.advance(minutes=5)
    doing.run_once()
    assert seen(answered, found).state == "applied"
    assert len(scene.session.scalars(select(Grading.id).where(Grading.cause == "regraded")).all()) == 3


@pytest.mark.parametrize("role", ["student", "assistant", "stranger", "read-only token"])
def test_who_may(answered: Answered, sessions: sessionmaker[Session], role: str) -> None:
    scene = answered.scene
    answered.answer(scene.add_person(), CHAINED)
    accept(answered)
    view = dry_run(answered, sessions)
    if role == "read-only token":
        actor = Actor(scene.teacher.user_id, frozenset(SCOPES) - {"results:write"})
    else:
        actor = Actor(scene.add_person(role).user_id) if role != "stranger" else Actor(10**9)
    refused: type[GraderError] = NotFound if role == "stranger" else Forbidden
    hidden: type[GraderError] = NotFound if role in ("student", "stranger") else Forbidden
    args = (scene.session, scene.clock, actor)
    with pytest.raises(refused):
        regrades.propose(*args, answered.assignment.id, Request())
    for act in (regrades.apply, regrades.undo):
        with pytest.raises(hidden):
            act(*args, view.id)
    if role in ("student", "stranger"):
        with pytest.raises(NotFound):
            regrades.regrade(scene.session, actor, view.id)
    else:
        assert regrades.regrade(scene.session, actor, view.id).state == "ready"
    with pytest.raises(Conflict):
        regrades.undo(scene.session, scene.clock, scene.teacher, view.id)


POINTS = (Fraction(2), Fraction(1))
OUTCOMES = ("equal", "different", "invalid", "undecided", "unanswered", "wrong-form")


@st.composite
def results(draw: st.DrawFn) -> Result:
    parts = []
    for name, worth in zip("ab", POINTS, strict=True):
        outcome = draw(st.sampled_from(OUTCOMES))
        share = Fraction(draw(st.integers(0, 4)), 4) if outcome == "different" else Fraction(outcome == "equal")
        entries = (EntryResult((1,), "different"),) if share and outcome == "different" else ()
        parts.append(PartResult(name, worth * share, worth, outcome, entries=entries))
    return Result.of(tuple(parts))


PAIRS = st.lists(st.tuples(results(), results(), st.integers(0, 3)), min_size=1, max_size=6)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(PAIRS, st.sampled_from([Fraction(0), Fraction(1, 4), Fraction(1)]), st.booleans())
def test_never_lower_lowers_no_mark(
    pairs: list[tuple[Result, Result, int]], penalty: Fraction, every_counts: bool
) -> None:
    rules = Policy(due=START + timedelta(days=2), penalty=penalty)

    def standing(sent: Sequence[tuple[datetime, Result]]) -> Standing:
        marks = [[Mark.of(part) for part in result.parts] for _, result in sent]
        return reckon(marks, penalty, [rules.share(created) for created, _ in sent], every_counts=every_counts)

    judgements = [
        Judgement(place, START + timedelta(days=day), before, after) for place, (before, after, day) in enumerate(pairs)
    ]
    kind = plan(judgements, RegradePolicy.NEVER_LOWER, standing)
    assert kind.after.score >= kind.before.score
    stood = {part.id: part for part in kind.before.parts}
    for part in kind.after.parts:
        assert part.score >= stood[part.id].score
        assert part.is_right or not stood[part.id].is_right
    for judgement in judgements:
        if judgement.submission_id in kind.results:
            old = {part.id: part.score for part in judgement.before.parts}
            assert all(part.score >= old[part.id] for part in kind.results[judgement.submission_id].parts)
    exact = plan(judgements, RegradePolicy.EXACT, standing)
    assert {(line.submission_id, line.part) for line in exact.lines} == {
        (line.submission_id, line.part) for line in kind.lines
    }


def test_who_looks_again_and_again_reads_no_results(
    answered: Answered, sessions: sessionmaker[Session], engine: Engine
) -> None:
    scene = answered.scene
    people = [scene.add_person() for _ in range(3)]
    for person in people:
        answered.answer(person, CHAINED)
        answered.answer(person, RIGHT)
    answered.answer(people[2], RIGHT, "2*a + b")
    accept(answered)
    view = dry_run(answered, sessions, policy=RegradePolicy.EXACT, basis=Basis.VERSION)
    kept = Counter(line.kept for change in view.changes for line in change.lines)
    assert len(view.changes) == 3
    assert [view.counts.kept_lower, view.counts.kept_marked] == [kept[Kept.LOWER], kept[Kept.MARKED]]
    assert view.counts.kept_undecided == kept[Kept.UNDECIDED]
    assert view.counts.up + view.counts.down + view.counts.same == 3
    with counted_statements(engine) as sent:
        assert seen(answered, view.id).changes == view.changes
    assert sent
    assert not any("regrade_changes.results" in each or "regrade_changes.applied" in each for each in sent)
    regrades.apply(scene.session, scene.clock, scene.teacher, view.id)
    scene.session.commit()
    with counted_statements(engine) as sent:
        polled = regrades.regrade(scene.session, scene.teacher, view.id, is_polled=True)
    assert (polled.state, polled.changes, polled.counts) == ("applying", (), view.counts)
    assert not any("regrade_changes.lines AS" in each for each in sent)
