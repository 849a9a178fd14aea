"""Better evidence in the background; contradictions and quarantine are for a person, never for the student."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.cluster_rules import Rule
from grader.checking.verdict import (
    Agreement,
    Contradiction,
    Counterexample,
    Evidence,
    Outcome,
    OutOfBudget,
    Proof,
    Verdict,
    against,
)
from grader.errors import Forbidden, NotFound
from grader.grading import EntryResult, PartResult, Result
from grader.services import attempts, gradings, proofs, quarantine, results, reviews, submissions
from grader.services.access import Actor
from grader.services.submissions import SubmissionView
from grader.store import submissions as stored
from grader.store.clusters import ClusterRule
from grader.store.database import writing
from grader.store.gradings import Grading
from grader.store.jobs import Job
from grader.worker import EmbeddedWorker
from tests.factories import Scene, SteadyClock, grade_words, outcomes

AGREES, PROVED = Agreement(20, 40), Proof("computer algebra")
DIFFERS = Counterexample((("x", "1"),), "2", "3")
SLOW, DEAD = OutOfBudget("it took longer than 2 seconds", "time"), OutOfBudget("the process ended", "process")
CLAIMS = Contradiction("Proved equal.", "At x = 1 the response is 2, the answer 3.")

JUDGED: Mapping[str, tuple[str, int, Evidence]] = {
    "agrees": (Outcome.EQUAL, 2, AGREES),
    "proved": (Outcome.EQUAL, 2, PROVED),
    "differs": (Outcome.DIFFERENT, 0, DIFFERS),
    "slow": (Outcome.UNDECIDED, 0, SLOW),
    "dead": (Outcome.UNDECIDED, 0, DEAD),
    "unsure": (Outcome.UNDECIDED, 0, OutOfBudget("too hard")),
    "contradicts": (Outcome.UNDECIDED, 0, CLAIMS),
}


class Judge:
    """A judge whose word about part a is what it is told, and that notes what it was given."""

    def __init__(self, says: str) -> None:
        self.says = says
        self.given: list[Mapping[str, str]] = []

    def __call__(self, source: str, seed: int, responses: Mapping[str, str]) -> Result:
        self.given.append(responses)
        plain = grade_words(source, seed, responses)
        if "a" not in responses:
            return plain
        outcome, score, evidence = JUDGED[self.says]
        part = PartResult("a", Fraction(score), Fraction(2), outcome, evidence)
        return replace(Result.of((part, *plain.parts[1:])), engine=plain.engine)


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def send(scene: Scene, judge: Judge, text: str = "f(x)") -> tuple[Actor, SubmissionView]:
    ada = scene.add_person()
    attempt = scene.open(ada)
    typed = {"a": text, "b": "wrong"}
    return ada, submissions.submit(scene.session, scene.clock, judge, ada, attempt.id, typed)


def work_off(scene: Scene, sessions: sessionmaker[Session], judge: Judge) -> int:
    """What a worker does now; how many jobs and submissions that were."""
    handlers = {gradings.PROVE: proofs.handler(scene.clock, judge)}
    scene.session.commit()  # what was read before is forgotten
    return EmbeddedWorker(sessions, scene.clock, judge, handlers).run_once()


def kinds(scene: Scene, who: Actor, submission_id: int) -> tuple[str | None, str]:
    view = submissions.submission(scene.session, scene.clock, who, submission_id)
    assert view.result is not None
    return view.result["parts"][0]["evidence"], outcomes(view)["a"]


def waits(scene: Scene) -> list[tuple[str, str]]:
    """What waits for a person: the part, and why."""
    found = reviews.list_reviews(scene.session, scene.teacher, scene.course_id, None)
    return [(line.part, line.kind) for line in found.lines]


def asked(session: Session) -> int:
    """How many proofs are asked for."""
    session.commit()
    return session.scalars(select(func.count()).select_from(Job).filter_by(kind=gradings.PROVE)).one()


def how_many(session: Session, row: Any) -> int:
    session.commit()
    return session.scalars(select(func.count()).select_from(row)).one()


@pytest.mark.parametrize(
    ("first", "then", "evidence", "outcome", "rows"),
    [
        ("agrees", "proved", "proved", "equal", 2),
        ("agrees", "agrees", "agreement", "equal", 1),
        ("agrees", "slow", "agreement", "equal", 1),
        ("unsure", "proved", "proved", "equal", 2),
        ("unsure", "differs", "counterexample", "different", 2),
        ("slow", "unsure", "budget", "undecided", 1),
        ("slow", "agrees", "agreement", "equal", 2),
    ],
)
def test_better_evidence_is_a_further_grading(
    scene: Scene, sessions: sessionmaker[Session], first: str, then: str, evidence: str, outcome: str, rows: int
) -> None:
    ada, sent = send(scene, Judge(first))
    later = Judge(then)
    assert work_off(scene, sessions, later) == 1
    assert later.given == [{"a": "f(x)"}]  # what rests on a proof is not judged again
    assert kinds(scene, ada, sent.id) == (evidence, outcome)
    assert outcomes(submissions.submission(scene.session, scene.clock, ada, sent.id))["b"] == "different"
    assert how_many(scene.session, Grading) == rows
    assert asked(scene.session) == 0
    points = attempts.attempt(scene.session, scene.clock, ada, sent.attempt_id).points
    assert points == (2 if outcome == "equal" else 0)
    assert waits(scene) == ([("a", "undecided")] if outcome == "undecided" else [])


def test_what_teachers_have_decided_about_a_cluster_holds_for_what_is_proved_later(
    scene: Scene, sessions: sessionmaker[Session]
) -> None:
    ada, sent = send(scene, Judge("unsure"))
    scene.session.commit()
    work = stored.work(scene.session, sent.id)
    with writing(scene.session):
        for part, answer in (("a", "f(x)"), ("b", "wrong")):  # of b nothing is proved: only a regrade changes it
            rule = {"rule": Rule(seed=work.seed, answer=answer).to_json(), "answers": [[work.seed, answer]]}
            row = ClusterRule(course_id=scene.course_id, problem_version_id=work.problem_version_id, part=part)
            row.mark, row.rule, row.feedback, row.share = "m", rule, "Nearly.", Fraction(1, 2)
            row.author_id, row.created = scene.teacher.user_id, scene.clock()
            scene.session.add(row)
    assert work_off(scene, sessions, Judge("differs")) == 1
    view = submissions.submission(scene.session, scene.clock, ada, sent.id)
    assert view.result is not None
    first, second = view.result["parts"]
    assert (view.score, first["outcome"], first["feedback"]) == (1, "different", ["Nearly."])
    assert second["feedback"] == []


def test_what_a_person_has_decided_stands(scene: Scene, sessions: sessionmaker[Session]) -> None:
    _, sent = send(scene, Judge("unsure"))
    with writing(scene.session):
        scene.session.scalars(select(Grading)).one().author_id = scene.teacher.user_id
    later = Judge("differs")
    work_off(scene, sessions, later)
    assert later.given == []
    proofs.prove(scene.session, scene.clock, later, sent.id + 1)  # a submission that is not there
    assert how_many(scene.session, Grading) == 1


def test_a_result_that_comes_late_is_thrown_away(scene: Scene) -> None:
    ada, sent = send(scene, Judge("agrees"))
    later = Judge("proved")

    def grade(source: str, seed: int, responses: Mapping[str, str]) -> Result:
        proofs.prove(scene.session, scene.clock, Judge("proved"), sent.id)  # another worker was faster
        return later(source, seed, responses)

    proofs.prove(scene.session, scene.clock, grade, sent.id)
    assert kinds(scene, ada, sent.id) == ("proved", "equal")
    assert how_many(scene.session, Grading) == 2


@pytest.mark.parametrize("says", ["proved", "differs"])
def test_what_is_certain_asks_for_no_proof(scene: Scene, says: str) -> None:
    send(scene, Judge(says))
    assert asked(scene.session) == 0


@pytest.mark.parametrize("then", ["differs", "contradicts"])
def test_a_contradiction_changes_nothing_and_is_for_a_person(
    scene: Scene, sessions: sessionmaker[Session], caplog: pytest.LogCaptureFixture, then: str
) -> None:
    ada, sent = send(scene, Judge("agrees"), "secret")
    with caplog.at_level(logging.ERROR):
        work_off(scene, sessions, Judge(then))
        proofs.prove(scene.session, scene.clock, Judge(then), sent.id)
    loud = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert loud == [f'contradiction {{"submission": {sent.id}, "part": "a", "engine": "text 1"}}']
    assert kinds(scene, ada, sent.id) == ("agreement", "equal")
    assert how_many(scene.session, Grading) == 1
    assert waits(scene) == [("a", "contradiction")]
    args = (scene.session, scene.clock)
    (concern,) = results.submission_detail(*args, scene.teacher, sent.id).concerns
    assert (concern.submission_id, concern.part, concern.kind) == (sent.id, "a", "contradiction")
    assert "the response is 2, the answer 3" in concern.words
    assert results.submission_detail(*args, ada, sent.id).concerns == ()


def test_a_contradiction_in_the_first_judgement_is_for_a_person(scene: Scene) -> None:
    _, sent = send(scene, Judge("contradicts"))
    assert outcomes(sent)["a"] == "undecided"
    assert waits(scene) == [("a", "contradiction")]
    assert asked(scene.session) == 0


@pytest.mark.parametrize(("first", "runs_before_it_is_held"), [("slow", 1), ("dead", 0)])
def test_what_does_harm_is_held_and_not_judged_again(
    scene: Scene, sessions: sessionmaker[Session], first: str, runs_before_it_is_held: int
) -> None:
    judge = Judge(first)
    text = "x\x00 \ud800"
    ada, sent = send(scene, judge, text)
    work_off(scene, sessions, judge)
    assert sum("a" in given for given in judge.given) == 1 + runs_before_it_is_held
    again = submissions.submit(scene.session, scene.clock, judge, ada, sent.attempt_id, {"a": text, "b": "right"})
    work_off(scene, sessions, judge)
    assert sum("a" in given for given in judge.given) == 1 + runs_before_it_is_held
    assert outcomes(again) == {"a": "undecided", "b": "equal"}
    assert again.result is not None
    assert again.result["parts"][0]["details"]["limit"] == "quarantine"
    (held,) = quarantine.list_quarantined(scene.session, scene.teacher, scene.course_id)
    assert (held.part, held.response, held.strikes) == ("a", text, 2)
    (concern,) = results.submission_detail(scene.session, scene.clock, scene.teacher, again.id).concerns
    assert (concern.kind, concern.part) == ("quarantine", "a")
    other = submissions.submit(scene.session, scene.clock, Judge("proved"), ada, sent.attempt_id, {"a": "another"})
    assert outcomes(other)["a"] == "equal"


def test_a_retry_judges_again_and_believes_what_comes(scene: Scene, sessions: sessionmaker[Session]) -> None:
    ada, sent = send(scene, Judge("dead"))
    work_off(scene, sessions, Judge("dead"))
    (held,) = quarantine.list_quarantined(scene.session, scene.teacher)
    with pytest.raises(NotFound):
        quarantine.retry(scene.session, scene.clock, ada, held.id)
    with pytest.raises(NotFound):
        quarantine.retry(scene.session, scene.clock, scene.teacher, held.id + 1)
    with pytest.raises(Forbidden):
        quarantine.list_quarantined(scene.session, ada)
    quarantine.retry(scene.session, scene.clock, scene.add_person("instructor"), held.id)
    assert quarantine.list_quarantined(scene.session, scene.teacher) == ()
    assert work_off(scene, sessions, Judge("proved")) == 1
    assert kinds(scene, ada, sent.id) == ("proved", "equal")


def part(outcome: str, evidence: Evidence, entries: tuple[tuple[str, Evidence], ...] = ()) -> PartResult:
    told = tuple(EntryResult((place,), said, why) for place, (said, why) in enumerate(entries, start=1))
    return PartResult("a", Fraction(int(outcome == "equal")), Fraction(1), outcome, evidence, entries=told)


EQ, NE, OPEN = ("equal", AGREES), ("different", DIFFERS), ("undecided", SLOW)


@pytest.mark.parametrize(
    ("before", "again", "expected"),
    [
        (part("equal", AGREES), part("equal", PROVED), PartResult),
        (part("equal", AGREES, (EQ, EQ)), part("equal", AGREES, (EQ, ("equal", PROVED))), PartResult),
        (part("equal", AGREES, (EQ,)), part("equal", AGREES, (EQ,)), type(None)),
        (part("different", DIFFERS, (EQ, NE)), part("different", DIFFERS, (NE, NE)), Contradiction),
        (part("undecided", SLOW, (EQ, OPEN)), part("different", DIFFERS, (NE, NE)), Contradiction),
        (part("undecided", SLOW, (EQ, OPEN)), part("different", DIFFERS, (EQ, NE)), PartResult),
        (part("equal", AGREES), part("different", DIFFERS), Contradiction),
        (part("different", DIFFERS), part("equal", PROVED), Contradiction),
        (part("equal", AGREES), part("undecided", SLOW), type(None)),
        (part("equal", AGREES), part("undecided", CLAIMS), Contradiction),
        (part("equal", AGREES), part("undecided", SLOW, (("undecided", CLAIMS),)), Contradiction),
    ],
)
def test_two_results_compared(before: PartResult, again: PartResult, expected: type) -> None:
    assert isinstance(proofs.compared(before, again), expected)


def test_a_counterexample_to_a_proof_is_believed_no_more_than_the_proof() -> None:
    found = against(PROVED, Verdict(Outcome.DIFFERENT, DIFFERS))
    assert found.outcome is Outcome.UNDECIDED
    assert isinstance(found.evidence, Contradiction)
    assert "computer algebra" in str(found)
    assert "At x = 1" in str(found)
