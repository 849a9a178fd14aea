"""Texts of authors: what makes one a draft, limits in a process of its own, sweeps that are given up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader import queue
from grader.errors import Forbidden, InvalidRequest, NotFound
from grader.isolation import GivenUp, JudgeStopped, Limits
from grader.services import authoring, sweeps
from grader.services.authoring import Stale
from grader.services.examining import LONGEST_SOURCE, SEEDS_BEFORE_SAVING, Workshop, examine, examine_within
from grader.services.sweeps import Swept
from grader.store.problem_saves import ProblemSweep
from tests.bank.samples import SOUND, spoiled
from tests.factories import Scene, SteadyClock

KEY = "slope-of-a-parabola"


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def add(scene: Scene, source: str = SOUND) -> authoring.OwnProblem:
    return authoring.add_problem(
        scene.session, scene.clock, scene.teacher, scene.course_id, source, examine(source, 1), {"taken"}
    )


def save(scene: Scene, source: str, base: int) -> authoring.OwnProblem:
    seen = examine(source, 1)
    return authoring.save_problem(scene.session, scene.clock, scene.teacher, scene.course_id, KEY, source, base, seen)


def test_a_fault_that_shows_on_a_later_seed_only_makes_a_draft() -> None:
    texts = (spoiled("at: {x: 1}}", f'at: {{x: "1/(b - {number})"}}}}') for number in range(-4, 3))
    hidden = [text for text in texts if examine(text, 1).is_sound]
    assert hidden, "some number is drawn by none of the seeds that lint looks at"
    for text in hidden:
        seen = examine(text, 1, SEEDS_BEFORE_SAVING)
        assert not seen.is_sound
        assert "zero" in str(seen.findings[0])


@pytest.mark.parametrize("source", ["", "id: [", "x" * (LONGEST_SOURCE + 1), "- a", "\x00", "id: a\n" * 5000])
def test_whatever_is_typed_is_looked_at(source: str) -> None:
    seen = examine(source, 1)
    assert (seen.is_sound, bool(seen.findings)) == (False, True)


def test_a_text_that_takes_too_long_is_a_finding() -> None:
    with Workshop(Limits(seconds=1)) as workshop:
        seen = examine_within(workshop, SOUND, 1, seeds=100_000)
        assert not seen.is_sound
        assert "could not be looked at" in seen.findings[0].message
    with Workshop(Limits()) as workshop:
        assert examine_within(workshop, SOUND, 7).variant == examine(SOUND, 7).variant


@pytest.mark.parametrize(
    ("source", "field"),
    [("title: none\n", "id"), ("id: taken\n", "id"), ("id: Not An Id\n", "id")],
)
def test_a_new_problem_needs_a_free_id(scene: Scene, source: str, field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        add(scene, source)
    assert caught.value.field == field


def test_versions_come_from_sound_texts_only(scene: Scene) -> None:
    first = add(scene)
    draft = save(scene, spoiled("level: drill", "levl: drill"), first.save_id)
    assert (draft.is_draft, draft.version, draft.title) == (True, first.version, first.title)
    renamed = save(scene, SOUND.replace(f"id: {KEY}", "id: other"), draft.save_id)
    assert (renamed.is_draft, renamed.version) == (True, first.version)
    second = save(scene, SOUND.replace("Look to", "Turn to"), renamed.save_id)
    assert (second.is_draft, second.version == first.version) == (False, False)
    back = save(scene, SOUND, second.save_id)
    assert (back.is_draft, back.version) == (False, first.version)
    source = authoring.sources_of(scene.session, scene.course_id, [KEY])[KEY]
    assert (source.source, source.version, source.course_id) == (SOUND, first.version, scene.course_id)
    assert save(scene, SOUND, 1).save_id == back.save_id, "the same text again is no new save"
    with pytest.raises(Stale):
        save(scene, SOUND.replace("Look to", "Go to"), first.save_id)
    assert len(authoring.saves(scene.session, scene.teacher, scene.course_id, KEY)) == 5


def test_problems_of_a_course_are_its_own(scene: Scene) -> None:
    made, other = add(scene), Scene(scene.session, scene.clock)
    assert add(other).id != made.id
    with pytest.raises(NotFound):
        authoring.own_problem(scene.session, other.teacher, scene.course_id, KEY)
    helper = scene.add_person("assistant")
    assert not authoring.own_problem(scene.session, helper, scene.course_id, KEY).may_edit
    with pytest.raises(Forbidden):
        authoring.save_problem(
            scene.session, scene.clock, helper, scene.course_id, KEY, "x", made.save_id, examine("x", 1)
        )
    with pytest.raises(Forbidden):
        authoring.own_problem(scene.session, scene.add_person(), scene.course_id, KEY)


def test_a_sweep_is_noted_while_it_runs_and_given_up(scene: Scene) -> None:
    add(scene)
    asked = sweeps.ask_for_sweep(scene.session, scene.clock, scene.teacher, scene.course_id, KEY, SOUND, 20)

    def failing(source: str, seeds: int) -> Iterator[Swept]:
        assert (source, seeds) == (SOUND, 20)
        yield 10, 9, ()
        raise GivenUp("it took longer than 40 seconds", "time")

    job = queue.take(scene.session, scene.clock(), [sweeps.SWEEP])
    assert job is not None
    sweeps.handler(scene.clock, failing)(scene.session, job.payload)
    found = sweeps.newest_sweep(scene.session, scene.teacher, scene.course_id, KEY)
    assert found is not None
    assert (found.id, found.done, found.distinct, found.is_over) == (asked.id, 10, 9, True)
    assert "took longer than 40 seconds" in found.failure


def test_a_judge_that_stops_says_nothing_about_a_text(scene: Scene) -> None:
    """A server that is restarted hands a sweep on, and keeps no sound text as a draft."""
    with Workshop(Limits()) as workshop:
        pass
    with pytest.raises(JudgeStopped):
        examine_within(workshop, SOUND, 1)
    add(scene)
    sweeps.ask_for_sweep(scene.session, scene.clock, scene.teacher, scene.course_id, KEY, SOUND, 20)

    def stopping(_source: str, _seeds: int) -> Iterator[Swept]:
        yield 10, 9, ()
        raise JudgeStopped("the judge was stopped")

    job = queue.take(scene.session, scene.clock(), [sweeps.SWEEP])
    assert job is not None
    with pytest.raises(JudgeStopped):
        sweeps.handler(scene.clock, stopping)(scene.session, job.payload)
    found = sweeps.newest_sweep(scene.session, scene.teacher, scene.course_id, KEY)
    assert found is not None
    assert (found.failure, found.is_over) == ("", False)


def test_a_newer_sweep_ends_an_older_one(scene: Scene) -> None:
    add(scene)
    seen = []

    def asking(source: str, seeds: int) -> Iterator[Swept]:
        for done in (5, 10):
            seen.append(done)
            sweeps.ask_for_sweep(scene.session, scene.clock, scene.teacher, scene.course_id, KEY, source, seeds)
            yield done, done, ()

    first = sweeps.ask_for_sweep(scene.session, scene.clock, scene.teacher, scene.course_id, KEY, SOUND, 10)
    sweeps.run_sweep(scene.session, scene.clock, asking, first.id)
    assert seen == [5]
    newest = sweeps.newest_sweep(scene.session, scene.teacher, scene.course_id, KEY)
    assert newest is not None
    assert (newest.done, scene.session.scalars(select(ProblemSweep.id)).all()) == (0, [newest.id])
    for seeds in (0, 10**6):
        with pytest.raises(InvalidRequest):
            sweeps.ask_for_sweep(scene.session, scene.clock, scene.teacher, scene.course_id, KEY, SOUND, seeds)
