"""Variants are made ahead, each once, and beginning an assignment writes its attempts and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, sessionmaker

from grader import queue
from grader.bank.keeping import pack, unpack
from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.errors import BankError
from grader.grading import Result, grade
from grader.isolation import JudgeStopped
from grader.services import assignments, attempts, ready_variants, submissions
from grader.services.assignment_edits import set_visibility
from grader.services.assignments import AssignmentView, ChosenProblem
from grader.services.policies import Policy
from grader.services.problems import source_of
from grader.store.jobs import Job
from grader.store.ready_variants import ReadyVariant
from grader.worker import EmbeddedWorker
from tests.bank.samples import SOUND
from tests.factories import START, Scene, SteadyClock, counted_statements, grade_words


@dataclass
class Maker:
    """Counts what it is asked to make; fails for texts that hold `broken`, and stops where it is told to."""

    broken: str = "\0"
    stop_after: int | None = None
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, source: str, seed: int) -> Mapping[str, bytes]:
        if self.stop_after == len(self.asked):
            raise JudgeStopped("the judge was stopped")
        self.asked.append((source, seed))
        if self.broken in source:
            raise BankError("No draw meets all conditions.")
        return {"en": b"body"}


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


@pytest.fixture
def maker() -> Maker:
    return Maker()


def work(sessions: sessionmaker[Session], scene: Scene, maker: Maker) -> None:
    """What a worker does until nothing is due: a job for all asks for one of each assignment."""
    scene.session.commit()
    handlers = {ready_variants.READY: ready_variants.handler(scene.clock, maker)}
    worker = EmbeddedWorker(sessions, scene.clock, grade_words, handlers)
    for _ in range(2):
        scene.clock.advance(seconds=ready_variants.SETTLING.total_seconds())
        worker.run_once()


def kept(session: Session) -> list[tuple[int, int]]:
    session.rollback()
    return sorted(session.execute(select(ReadyVariant.problem_version_id, ReadyVariant.seed)))


def written(sent: list[str]) -> list[str]:
    return [each.split()[2] for each in sent if each.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_a_start_writes_its_attempts_and_nothing_else(
    scene: Scene, sessions: sessionmaker[Session], engine: Engine, maker: Maker
) -> None:
    students = [scene.add_person() for _ in range(3)]
    view = scene.add_assignment(problems=4)
    work(sessions, scene, maker)
    before = kept(scene.session)
    assert len(maker.asked) == len(set(maker.asked)) == len(before) == 12
    seeds = set()
    for student in students:
        scene.session.rollback()
        with counted_statements(engine) as sent:
            opened = attempts.open_attempts(scene.session, scene.clock, student, view.id)
        assert written(sent) == ["attempts"]
        assert len(sent) <= 18
        seeds |= {one.seed for one in opened}
    assert seeds == {seed for _, seed in before}
    work(sessions, scene, maker)
    assert len(maker.asked) == 12


def test_who_comes_later_and_what_is_set_later_is_made_too(
    scene: Scene, sessions: sessionmaker[Session], maker: Maker
) -> None:
    scene.add_person()
    scene.add_assignment(problems=2)
    work(sessions, scene, maker)
    scene.add_person()
    work(sessions, scene, maker)
    assert len(maker.asked) == len(set(maker.asked)) == 4
    scene.add_assignment(Policy(one_variant=True), problems=3)
    work(sessions, scene, maker)
    assert len(set(maker.asked)) == len(maker.asked) == 4 + 3


def test_what_has_been_begun_or_is_over_is_not_made(
    scene: Scene, sessions: sessionmaker[Session], maker: Maker
) -> None:
    ada = scene.add_person()
    scene.add_person()
    view = scene.add_assignment(Policy(due=START + timedelta(hours=1)))
    attempts.open_attempts(scene.session, scene.clock, ada, view.id)
    gone = scene.add_assignment()
    set_visibility(scene.session, scene.clock, scene.teacher, gone.id, "deleted")
    work(sessions, scene, maker)
    assert len(maker.asked) == 1
    scene.add_person()
    scene.clock.advance(hours=2)
    work(sessions, scene, maker)
    assert len(maker.asked) == 1


def test_a_later_assignment_is_tried_for_some_and_made_before_it_opens(
    scene: Scene, sessions: sessionmaker[Session], maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready_variants, "PROBED", 2)
    scene.add_assignment(Policy(opens=START + timedelta(days=10)))
    work(sessions, scene, maker)
    assert len(maker.asked) == 2  # there is no student yet
    for _ in range(3):
        scene.add_person()
    work(sessions, scene, maker)
    assert len(maker.asked) == 4
    scene.clock.advance(days=7)
    work(sessions, scene, maker)
    assert len(set(maker.asked)) == len(maker.asked) == 5


def test_a_hidden_assignment_is_made_once_it_is_shown(
    scene: Scene, sessions: sessionmaker[Session], maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready_variants, "PROBED", 1)
    for _ in range(2):
        scene.add_person()
    view = scene.add_assignment()
    set_visibility(scene.session, scene.clock, scene.teacher, view.id, "hidden")
    work(sessions, scene, maker)
    assert len(maker.asked) == 1
    set_visibility(scene.session, scene.clock, scene.teacher, view.id, "shown")
    work(sessions, scene, maker)
    assert len(maker.asked) == 2


def test_a_piece_at_a_time_and_each_once(
    scene: Scene, sessions: sessionmaker[Session], maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready_variants, "CHUNK", 2)
    for _ in range(5):
        scene.add_person()
    view = scene.add_assignment()
    prepare = partial(ready_variants.prepare, scene.session, scene.clock, maker, view.id)
    with pytest.raises(queue.Unfinished):
        prepare()
    assert len(kept(scene.session)) == 2
    maker.stop_after = 3
    with pytest.raises(JudgeStopped):
        prepare()
    assert len(kept(scene.session)) == 3  # what was made before the stop is kept
    maker.stop_after = None
    work(sessions, scene, maker)
    assert len(set(maker.asked)) == len(maker.asked) == 5
    assert scene.session.scalars(select(Job.kind)).all() == []


def test_another_engine_makes_anew(
    scene: Scene, sessions: sessionmaker[Session], maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.add_person()
    scene.add_assignment()
    work(sessions, scene, maker)
    ((source, seed),) = maker.asked
    monkeypatch.setattr(ready_variants, "present_engine", lambda: "another")
    assert ready_variants.find(scene.session, source, seed) is None
    ready_variants.ask_for_all(scene.session, scene.clock)
    work(sessions, scene, maker)
    assert len(maker.asked) == 2
    assert len(kept(scene.session)) == 1
    assert scene.session.scalars(select(ReadyVariant.maker)).all() == ["another"]


def test_a_problem_that_fails_is_told_before_it_opens_and_left_alone(
    scene: Scene, sessions: sessionmaker[Session], maker: Maker
) -> None:
    for _ in range(8):
        scene.add_person()
    view = scene.add_assignment(Policy(opens=START + timedelta(days=10)), problems=2)
    maker.broken = view.problems[1].problem_id
    work(sessions, scene, maker)
    assert len(maker.asked) == 8 + ready_variants.MOST_FAULTS
    (told,) = faulty(scene, view)
    assert told == (view.problems[1].title, "No draw meets all conditions.")
    ready_variants.ask_for_all(scene.session, scene.clock)
    work(sessions, scene, maker)
    assert len(maker.asked) == 8 + ready_variants.MOST_FAULTS
    scene.clock.advance(hours=2)
    maker.broken = "\0"  # it was the machine
    ready_variants.ask_for_all(scene.session, scene.clock)
    work(sessions, scene, maker)
    assert len(kept(scene.session)) == 16
    assert faulty(scene, view) == []


def faulty(scene: Scene, view: AssignmentView) -> list[tuple[str, str]]:
    found = ready_variants.faulty_among(scene.session, {line.version: line.title for line in view.problems})
    return [(each.title, each.reason) for each in found]


def test_a_worker_that_is_told_goes_on_until_all_is_made(
    scene: Scene, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a broker: each piece rings for the next, so that no worker has to find it."""
    monkeypatch.setattr(ready_variants, "CHUNK", 2)
    rung: list[tuple[str, int]] = []
    scene.session.info[queue.BELL] = ring = lambda table, row_id: rung.append((table, row_id))
    telling = sessionmaker(scene.session.get_bind(), info={queue.BELL: ring})
    for _ in range(5):
        scene.add_person()
    scene.add_assignment()
    scene.session.commit()
    handlers = {ready_variants.READY: ready_variants.handler(scene.clock, maker)}
    worker = EmbeddedWorker(telling, scene.clock, grade_words, handlers, grace=timedelta(hours=1))
    scene.clock.advance(seconds=ready_variants.SETTLING.total_seconds())
    rung.extend((queue.JOB, number) for number in scene.session.scalars(select(Job.id)))
    scene.session.commit()
    for message in rung:  # grows while it is read
        worker.look(*message)
        worker.look(*message)  # doubled
    assert len(set(maker.asked)) == len(maker.asked) == 5


def test_what_was_made_is_found_and_nothing_else(scene: Scene, sessions: sessionmaker[Session]) -> None:
    problem = load_problem(SOUND, "sample.yaml")
    ada = scene.add_person()
    chosen = [ChosenProblem(source_of(problem))]
    view = assignments.create_assignment(scene.session, scene.clock, scene.teacher, scene.course_id, "A", chosen)

    def make(source: str, seed: int) -> Mapping[str, bytes]:
        assert source == problem.source
        return {"en": pack(make_variant(problem, seed)), "de": b"broken"}

    ready_variants.prepare(scene.session, scene.clock, make, view.id)
    (attempt,) = attempts.open_attempts(scene.session, scene.clock, ada, view.id)
    find = partial(ready_variants.find, scene.session, attempt.problem_source)
    look = ready_variants.shelf(sessions)
    assert find(attempt.seed) == find(attempt.seed, "fr") == make_variant(problem, attempt.seed)
    assert find(attempt.seed, "de") is None  # made anew
    assert look(SOUND, attempt.seed) == look(SOUND, attempt.seed) == make_variant(problem, attempt.seed)
    assert look(SOUND, attempt.seed + 1) is None
    assert look(SOUND + "#\n", attempt.seed) is None
    other = scene.session.scalars(select(ReadyVariant.body).filter_by(language="en")).one()
    assert unpack(other or b"").seed == attempt.seed
    with sessions() as session:  # a row that is not what it should be
        session.execute(update(ReadyVariant).values(seed=ReadyVariant.seed + 1))
        session.commit()
    assert find(attempt.seed + 1) is None


def test_a_variant_that_is_read_along_with_an_answer_is_at_hand(
    scene: Scene, sessions: sessionmaker[Session], engine: Engine
) -> None:
    problem = load_problem(SOUND, "sample.yaml")
    ada, looked = scene.add_person(), []
    chosen = [ChosenProblem(source_of(problem))]
    view = assignments.create_assignment(scene.session, scene.clock, scene.teacher, scene.course_id, "A", chosen)
    ready_variants.prepare(
        scene.session, scene.clock, lambda _, seed: {"en": pack(make_variant(problem, seed))}, view.id
    )
    (attempt,) = attempts.open_attempts(scene.session, scene.clock, ada, view.id)
    look = ready_variants.shelf(sessions)

    def judge(source: str, seed: int, responses: Mapping[str, str]) -> Result:
        with counted_statements(engine) as sent:
            looked.append(look(source, seed))
        assert not sent
        return grade(make_variant(problem, seed), responses)

    submissions.submit(scene.session, scene.clock, judge, ada, attempt.id, {})
    assert looked == [make_variant(problem, attempt.seed)]
    ready_variants.offer(problem.version, attempt.seed + 1, pack(make_variant(problem, attempt.seed)))
    assert look(SOUND, attempt.seed + 1) is None, "it is not what it was offered as"
