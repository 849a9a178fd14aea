"""Stored answers judged again: a planted change of verdict is found, marks by people and regrades are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.cli import cli
from grader.errors import BankError
from grader.grading import Result, grade
from grader.services import assignments, attempts, marking, replaying, submissions
from grader.services.access import Actor
from grader.services.assignments import ChosenProblem
from grader.services.gradings import record
from grader.services.marking import Given
from grader.services.problems import source_of
from grader.services.proofs import PROVED
from grader.services.regrading import REGRADED
from grader.services.replaying import NO_VERDICT, Judges, Replayed, Scope
from grader.store import quarantine, schema
from grader.store.attempts import lock
from grader.store.database import writing
from grader.store.quarantine import HELD_FROM, Fault
from grader.store.replays import Replay, ReplayChange
from grader.store.submissions import work as stored_work
from tests.factories import Scene, SteadyClock, grade_words

ALL = Scope()
SAME = Judges(grade_words, grade_words)


def stricter(source: str, seed: int, responses: Mapping[str, str]) -> Result:
    """The judge of the next version: what was half right is wrong."""
    typed = {part: "wrong" if text == "half" else text for part, text in responses.items()}
    return replace(grade_words(source, seed, typed), engine="text 2")


NEXT = Judges(stricter, stricter)


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def send(scene: Scene, student: Actor, *answers: dict[str, str]) -> list[int]:
    attempt = scene.open(student)
    sent = []
    for typed in answers:
        sent.append(submissions.submit(scene.session, scene.clock, grade_words, student, attempt.id, typed).id)
        scene.clock.advance(hours=1)
    scene.session.commit()
    return sent


def found(sessions: sessionmaker[Session], judges: Judges, scope: Scope = ALL, **more: Any) -> list[Replayed]:
    return list(replaying.replay(sessions, judges, scope, **more))


def test_a_planted_change_is_found_and_nothing_is_written(scene: Scene, sessions: sessionmaker[Session]) -> None:
    ada, ben = scene.add_person(), scene.add_person()
    first = send(scene, ada, {"a": "right", "b": "wrong"}, {"a": "half", "b": "right"})
    second = send(scene, ben, {"a": "half"}, {"a": "hard"})
    before = everything(scene.session)
    assert [each.changes for each in found(sessions, SAME)] == [()] * 4
    done = found(sessions, NEXT, jobs=3)
    assert [each.submission_id for each in done] == [*first, *second]
    changes = [change for each in done for change in each.changes]
    assert [(change.answer.submission_id, change.part) for change in changes] == [(first[1], "a"), (second[0], "a")]
    change = changes[0]
    assert (change.before.score, change.before.engine) == ("1", "text 1")
    assert (change.after.score, change.after.outcome, change.after.engine) == ("0", "different", "text 2")
    assert change.answer.responses["a"] == "half"
    assert everything(scene.session) == before


def everything(session: Session) -> list[str]:
    session.rollback()
    tables = schema.metadata.sorted_tables
    return [str(row) for table in tables for row in session.execute(select(table)).all()]


def test_only_what_is_asked_for_is_judged(scene: Scene, sessions: sessionmaker[Session]) -> None:
    ada = scene.add_person()
    mine = send(scene, ada, {"a": "half"}, {"a": "half"}, {"a": "half"})
    other = Scene(scene.session, scene.clock)
    theirs = send(other, other.add_person(), {"a": "half"})
    ids = [each.submission_id for each in found(sessions, NEXT, Scope(course_id=other.course_id))]
    assert ids == theirs
    late = Scope(since=scene.clock() - timedelta(hours=2))
    assert [each.submission_id for each in found(sessions, NEXT, late)] == [mine[2], *theirs]
    assert [each.submission_id for each in found(sessions, NEXT, after=mine[1])] == [mine[2], *theirs]
    with sessions() as session:
        assert replaying.count(session, Scope(), mine[1]) == 2
        assert replaying.count(session, late) == 2


def test_marks_of_people_and_regrades_are_no_changes(scene: Scene, sessions: sessionmaker[Session]) -> None:
    session, clock = scene.session, scene.clock
    sent = send(scene, scene.add_person(), {"a": "right"}, {"a": "half"}, {"a": "half"})
    marking.mark(session, clock, scene.teacher, sent[0], {"a": Given("0", "Copied.", "seen")})
    taken = submissions.submission(session, clock, scene.teacher, sent[1])
    with writing(session):
        lock(session, taken.attempt_id)
        record(session, clock(), sent[1], taken.attempt_id, REGRADED, stricter("id: x", 0, {"a": "half"}))
    assert [each.changes for each in found(sessions, SAME)] == [()] * 3
    assert [len(each.changes) for each in found(sessions, NEXT)] == [0, 0, 1]


def test_what_only_a_slow_proof_decided_is_proved_again(scene: Scene, sessions: sessionmaker[Session]) -> None:
    session, clock = scene.session, scene.clock
    (sent,) = send(scene, scene.add_person(), {"a": "hard", "b": "right"})
    view = submissions.submission(session, clock, scene.teacher, sent)
    with writing(session):
        lock(session, view.attempt_id)
        record(session, clock(), sent, view.attempt_id, PROVED, grade_words("id: x", 0, {"a": "right", "b": "right"}))
    (each,) = found(sessions, SAME)
    assert [(change.before.outcome, change.after.outcome) for change in each.changes] == [("equal", "undecided")]

    def patient(source: str, seed: int, responses: Mapping[str, str]) -> Result:
        return grade_words(source, seed, {**responses, "a": "right"})

    assert found(sessions, Judges(grade_words, patient))[0].changes == ()


def test_what_stops_a_judge_is_not_judged_by_the_patient_one_either(
    scene: Scene, sessions: sessionmaker[Session]
) -> None:
    session, clock, ada = scene.session, scene.clock, scene.add_person()
    (sent,) = send(scene, ada, {"a": "right", "b": "hard"})
    view = submissions.submission(session, clock, scene.teacher, sent)
    work = stored_work(session, sent)
    fault = Fault("a", "right", HELD_FROM, "the process died")
    with writing(session):
        lock(session, view.attempt_id)
        record(session, clock(), sent, view.attempt_id, PROVED, grade_words("id: x", 0, {"a": "right", "b": "right"}))
        quarantine.strike(session, clock(), sent, (work.problem_version_id, work.seed), fault)
    asked: list[Mapping[str, str]] = []

    def patient(source: str, seed: int, responses: Mapping[str, str]) -> Result:
        asked.append(responses)
        return grade_words(source, seed, responses)

    found(sessions, Judges(grade_words, patient))
    assert asked == [{"b": "hard"}]


def test_what_cannot_be_judged_any_more_is_told(scene: Scene, sessions: sessionmaker[Session]) -> None:
    sent = send(scene, scene.add_person(), {"a": "right"}, {"a": "half"})

    def broken(source: str, seed: int, responses: Mapping[str, str]) -> Result:
        if responses["a"] == "half":
            raise BankError("The problem is not understood any more.")
        return grade_words(source, seed, responses)

    good, bad = found(sessions, Judges(broken, broken))
    assert (good.changes, bad.submission_id) == ((), sent[1])
    assert {(change.after.outcome, change.after.why) for change in bad.changes} == {
        (NO_VERDICT, "The problem is not understood any more.")
    }


def test_a_report_is_stored_and_gone_on_with(scene: Scene, sessions: sessionmaker[Session]) -> None:
    session, clock = scene.session, scene.clock
    sent = send(scene, scene.add_person(), {"a": "half"}, {"a": "right"}, {"a": "half"})
    number = replaying.begin_record(session, clock, Scope(course_id=scene.course_id))
    run = replaying.replay(sessions, NEXT, Scope(course_id=scene.course_id))
    replaying.record(session, clock, number, [next(run), next(run)], at_end=False)
    run.close()
    assert replaying.unended_record(session) == (number, Scope(course_id=scene.course_id), sent[1])
    rest = found(sessions, NEXT, Scope(course_id=scene.course_id), after=sent[1])
    replaying.record(session, clock, number, rest, at_end=True)
    assert replaying.unended_record(session) is None
    row = session.get_one(Replay, number)
    assert (row.judged, row.cursor, row.ended) == (3, sent[2], clock())
    changes = session.scalars(select(ReplayChange).order_by(ReplayChange.id)).all()
    assert [(each.submission_id, each.before["score"], each.after["score"]) for each in changes] == [
        (sent[0], "1", "0"),
        (sent[2], "1", "0"),
    ]


PROBLEM = """
id: twice
title: Twice
topic: derivatives
family: "2.1"
level: drill
variables:
  x: {}
parameters:
  a: {integer: [2, 9]}
prompt: |
  Let $f(x) = {{ f }}$.
derived:
  f: "a*x^2"
parts:
  - id: slope
    ask: "$f'(x)$"
    type: expression
    answer: {derivative: f, by: x}
    points: 2
solution: |
  $2 \\cdot {{ a }} x$.
examples:
  - seed: 1
    responses: {slope: "x"}
    marks: {slope: 0}
"""


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_command(session: Session, clock: SteadyClock, database_url: str) -> None:
    scene = Scene(session, clock)
    ada, problem = scene.add_person(), source_of(load_problem(PROBLEM))
    chosen = [ChosenProblem(problem)]
    view = assignments.create_assignment(session, clock, scene.teacher, scene.course_id, "Sheet 1", chosen)
    attempt = attempts.open_attempt(session, clock, ada, view.id, problem.id)
    planted: list[str] = []

    def judge(source: str, seed: int, responses: Mapping[str, str]) -> Result:
        variant = make_variant(load_problem(source), seed)
        typed = {**responses, "slope": "0*x + 1"} if planted else responses
        return replace(grade(variant, typed), engine="0")

    right = {"slope": f"2*{make_variant(load_problem(PROBLEM), attempt.seed).parameters['a']}*x"}
    submissions.submit(session, clock, judge, ada, attempt.id, {"slope": "x"})
    run = CliRunner(env={"GRADER_DATABASE_URL": database_url})
    done = run.invoke(cli, ["replay", "--jobs", "1"], catch_exceptions=False)
    assert (done.exit_code, "1 answer judged again" in done.output) == (0, True), done.output
    planted.append("a verdict that is wrong")
    submissions.submit(session, clock, judge, ada, attempt.id, right)
    done = run.invoke(cli, ["replay", "--jobs", "1", "--after", "1", "--record"], catch_exceptions=False)
    assert done.exit_code == 1, done.output
    assert "Sheet 1 / twice" in done.output
    assert "was different, 0 of 2 (engine 0)" in done.output
    assert "now equal, 2 of 2" in done.output
    assert "1 verdict changed. Stored as report 1." in done.output
    done = run.invoke(cli, ["replay", "--resume"], catch_exceptions=False)
    assert (done.exit_code, "No stored report" in done.output) == (2, True)


def test_memory_is_bounded_by_what_is_in_hand(scene: Scene, sessions: sessionmaker[Session]) -> None:
    """No more answers are begun than are in hand, however many are stored."""
    send(scene, scene.add_person(), *[{"a": "right"}] * 12)
    begun: list[int] = []

    def counting(source: str, seed: int, responses: Mapping[str, str]) -> Result:
        begun.append(seed)
        return grade_words(source, seed, responses)

    run = replaying.replay(sessions, Judges(counting, counting), Scope(), jobs=1)
    next(run)
    run.close()
    assert len(begun) <= replaying.AHEAD
