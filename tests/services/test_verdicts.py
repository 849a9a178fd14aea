"""The same answer to the same variant is judged once; another engine, seed or version judges for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from grader.engine import present_engine
from grader.grading import Result
from grader.services import attempts, submissions, verdicts
from grader.services.policies import Policy
from grader.store.verdicts import KnownVerdict
from tests.factories import Scene, SteadyClock, grade_words, outcomes


class Judge:
    """Counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, str]] = []

    def __call__(self, source: str, seed: int, responses: Mapping[str, str]) -> Result:
        self.asked.append(responses)
        return replace(grade_words(source, seed, responses), engine=present_engine())


def send_all(scene: Scene, judge: Judge, policy: Policy, words: str, students: int = 3) -> list[str]:
    view = scene.add_assignment(policy)
    found = []
    for _ in range(students):
        student = scene.add_person()
        (attempt,) = attempts.open_attempts(scene.session, scene.clock, student, view.id)
        responses = dict(zip("ab", words.split(), strict=True))
        sent = submissions.submit(scene.session, scene.clock, judge, student, attempt.id, responses)
        found.append(f"{outcomes(sent)} {sent.score}")
    return found


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


@pytest.mark.parametrize(
    ("one_variant", "words", "times"),
    [(True, "right wrong", 1), (False, "right wrong", 3), (True, "right hard", 3), (True, "? wrong", 3)],
)
def test_what_all_are_asked_is_judged_once(scene: Scene, one_variant: bool, words: str, times: int) -> None:
    judge = Judge()
    found = send_all(scene, judge, Policy(one_variant=one_variant), words)
    assert len(set(found)) == 1
    assert len(judge.asked) == times


def test_another_engine_judges_anew(scene: Scene) -> None:
    judge, view = Judge(), scene.add_assignment(Policy(one_variant=True))
    ada = scene.add_person()
    (attempt,) = attempts.open_attempts(scene.session, scene.clock, ada, view.id)
    for engine in (present_engine(), present_engine(), "older"):
        scene.session.execute(update(KnownVerdict).values(engine=engine))
        scene.session.commit()
        submissions.submit(scene.session, scene.clock, judge, ada, attempt.id, {"a": "wrong", "b": " "})
    assert len(judge.asked) == 2
    assert sorted(scene.session.scalars(select(KnownVerdict.engine))) == sorted([present_engine(), "older"])
    verdicts.forget_others(scene.session)
    assert scene.session.scalars(select(KnownVerdict.engine)).all() == [present_engine()]
