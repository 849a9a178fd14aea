"""Submitting: stored first, judged once, tries counted, whatever happens in between."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from grader.errors import BankError, Conflict, InvalidRequest, NoTriesLeft
from grader.grading import Result
from grader.services import attempts, submissions
from grader.services.access import Actor
from grader.services.policies import Policy, Progress
from grader.services.submissions import LEASE, SubmissionView, judge_stored
from grader.store.gradings import Grading
from grader.store.intake import Intake, intake
from grader.store.submissions import MAX_CLAIMS, Submission
from tests.factories import Scene, SteadyClock, counted_statements, grade_words, outcomes

ROOT = Path(__file__).parents[2]


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


class Killed(BaseException):
    """The process ends while it judges."""


def die(*_: Any) -> Result:
    raise Killed


def send(scene: Scene, who: Actor, attempt_id: int, words: str, key: str | None = None) -> SubmissionView:
    responses = {part: word for part, word in zip("ab", words.split(), strict=True) if word != "-"}
    return submissions.submit(scene.session, scene.clock, grade_words, who, attempt_id, responses, key)


def how_many(session: Session, row: type[Submission | Grading]) -> int:
    return session.scalars(select(func.count()).select_from(row)).one()


def test_a_submission_is_kept_word_for_word_with_its_result(scene: Scene) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada)
    typed = {"a": " wrong ", "b": "null \x00 \ud800"}
    sent = submissions.submit(scene.session, scene.clock, grade_words, ada, attempt.id, typed)
    assert (sent.state, sent.number, sent.responses, sent.score, sent.engine) == ("judged", 1, typed, 0, "text 1")
    assert outcomes(sent) == {"a": "different", "b": "different"}
    again = submissions.submission(scene.session, scene.clock, ada, sent.id)
    assert again == sent
    view = attempts.attempt(scene.session, scene.clock, ada, attempt.id)
    assert view.submissions == (sent,)
    assert [part.failed_tries for part in view.parts] == [1, 1]


def test_the_story_of_an_attempt(scene: Scene) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada, Policy(tries=3, penalty=Fraction(1, 4)))
    story = [
        # responses, counted, tries left, points, progress
        ("? -", False, 3, "0", Progress.STARTED),
        ("wrong -", True, 2, "0", Progress.TRIED),
        ("right ?", True, 1, "3/2", Progress.TRIED),
        ("right hard", False, 1, "3/2", Progress.TRIED),
        ("- right", True, 0, "5/2", Progress.SOLVED),
    ]
    for words, counted, left, points, progress in story:
        sent = send(scene, ada, attempt.id, words)
        view = attempts.attempt(scene.session, scene.clock, ada, attempt.id)
        assert (view.submissions[0].counted, view.tries_left, view.points, view.progress) == (
            counted,
            left,
            Fraction(points),
            progress,
        ), words
        assert view.submissions[0].id == sent.id
    with pytest.raises(NoTriesLeft):
        send(scene, ada, attempt.id, "right right")
    assert how_many(scene.session, Submission) == len(story)


def test_no_transaction_is_open_while_judging(scene: Scene, sessions: sessionmaker[Session]) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada)
    seen = []

    def look(source: str, seed: int, responses: Mapping[str, str]) -> Result:
        seen.append(scene.session.in_transaction())
        with sessions() as other:
            seen.append(other.scalars(select(Submission.state)).one())
        return grade_words(source, seed, responses)

    submissions.submit(scene.session, scene.clock, look, ada, attempt.id, {"a": "right"})
    assert seen == [False, "stored"]


@pytest.mark.parametrize(
    ("responses", "key", "field"),
    [
        ({"c": "x"}, None, "responses.c"),
        ({"a": "x" * 20_001}, None, "a"),
        ({str(number): "x" for number in range(101)}, None, "responses"),
        ({"a": "x"}, "", "key"),
        ({"a": "x"}, "k" * 201, "key"),
        ({"a": "x"}, "k\x00", "key"),
        ({"a": "x"}, "k\ud800", "key"),
    ],
)
def test_what_cannot_be_taken_is_not_stored(
    scene: Scene, responses: dict[str, str], key: str | None, field: str
) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada)
    with pytest.raises(InvalidRequest) as caught:
        submissions.submit(scene.session, scene.clock, grade_words, ada, attempt.id, responses, key)
    assert caught.value.field == field
    assert how_many(scene.session, Submission) == 0


def test_the_same_key_gives_the_first_submission(scene: Scene) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada, Policy(tries=1, due=scene.clock() + timedelta(hours=1)))
    first = send(scene, ada, attempt.id, "wrong wrong", key="one")
    scene.clock.advance(hours=2)
    assert send(scene, ada, attempt.id, "wrong wrong", key="one") == first
    with pytest.raises(Conflict, match="idempotency key"):
        send(scene, ada, attempt.id, "right right", key="one")
    other = scene.open(scene.add_person())
    assert send(scene, Actor(other.student_id), other.id, "wrong wrong", key="one").id != first.id


def test_many_clicks_at_once_are_one_submission(scene: Scene, sessions: sessionmaker[Session]) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada, Policy(tries=2))
    scene.session.commit()
    together = Barrier(8, timeout=30)

    def click(_: int) -> int:
        with sessions() as session:
            together.wait()
            responses = {"a": "wrong"}
            return submissions.submit(session, scene.clock, grade_words, ada, attempt.id, responses, "one").id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(click, range(8), timeout=60))) == 1
    assert how_many(scene.session, Submission) == how_many(scene.session, Grading) == 1
    assert attempts.attempt(scene.session, scene.clock, ada, attempt.id).tries_used == 1


@pytest.mark.parametrize("tries", [1, 3])
def test_eight_at_once_never_exceed_the_tries(scene: Scene, sessions: sessionmaker[Session], tries: int) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada, Policy(tries=tries))
    scene.session.commit()
    together = Barrier(8, timeout=30)

    def try_out(number: int) -> bool:
        with sessions() as session:
            together.wait()
            responses = {"a": "wrong", "b": f"wrong {number}"}
            try:
                submissions.submit(session, scene.clock, grade_words, ada, attempt.id, responses)
            except (NoTriesLeft, Conflict):
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_out, range(8), timeout=60)) == tries
    view = attempts.attempt(scene.session, scene.clock, ada, attempt.id)
    assert (view.tries_used, view.tries_left, len(view.submissions)) == (tries, 0, tries)
    assert [one.number for one in view.submissions] == list(range(tries, 0, -1))


def test_a_waiting_submission_holds_its_try(scene: Scene, sessions: sessionmaker[Session]) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada, Policy(tries=1))
    submissions.store(scene.session, scene.clock(), ada, attempt.id, {"a": "?"})
    with pytest.raises(Conflict, match="still being judged"):
        send(scene, ada, attempt.id, "right right")
    assert judge_stored(sessions, scene.clock, grade_words, at_start=True) == 1
    assert send(scene, ada, attempt.id, "right right").counted  # the first could not be read: no try was used up


def test_order_of_judging_does_not_change_the_marks(scene: Scene) -> None:
    ada = scene.add_person()
    marks = []
    for reverse in (False, True):
        attempt = scene.open(ada, Policy(tries=5, penalty=Fraction(1, 3)))
        waiting = [
            submissions.store(scene.session, scene.clock(), ada, attempt.id, {"a": word, "b": "half"})[0]
            for word in ("wrong", "half", "right")
        ]
        for one in sorted(waiting, reverse=reverse):
            assert submissions.judge(scene.session, scene.clock, grade_words, one)
        view = attempts.attempt(scene.session, scene.clock, ada, attempt.id)
        marks.append((view.points, view.tries_used, view.parts))
    assert marks[0] == marks[1]


def test_stored_while_the_judge_dies_then_judged_once(scene: Scene, sessions: sessionmaker[Session]) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada)
    with pytest.raises(Killed):
        submissions.submit(scene.session, scene.clock, die, ada, attempt.id, {"a": "right"})
    scene.session.rollback()
    (waiting,) = attempts.attempt(scene.session, scene.clock, ada, attempt.id).submissions
    assert (waiting.state, waiting.result, waiting.responses) == ("stored", None, {"a": "right"})
    assert judge_stored(sessions, scene.clock, grade_words) == 0  # its claim still holds
    scene.clock.advance(seconds=LEASE.total_seconds())
    assert judge_stored(sessions, scene.clock, grade_words) == 1
    assert judge_stored(sessions, scene.clock, grade_words, at_start=True) == 0
    scene.session.rollback()
    assert submissions.submission(scene.session, scene.clock, ada, waiting.id).score == 2


CHILD = """
import sys
from datetime import UTC, datetime
from grader.services.access import Actor
from grader.services.submissions import submit
from grader.store.database import open_engine, open_sessions

def judge(source, seed, responses):
    print("judging", flush=True)
    sys.stdin.read()

with open_sessions(open_engine(sys.argv[1]))() as session:
    submit(session, lambda: datetime.now(UTC), judge, Actor(int(sys.argv[2])), int(sys.argv[3]), {"a": "right"}, "k")
"""


def test_kill_9_between_stored_and_judged(scene: Scene, sessions: sessionmaker[Session], database_url: str) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada, Policy(tries=1))
    scene.session.commit()
    arguments = [sys.executable, "-c", CHILD, database_url, str(ada.user_id), str(attempt.id)]
    with subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "judging\n"
        server.kill()
    assert server.returncode == -9
    with ThreadPoolExecutor(2) as pool:  # two servers come back at once
        restarted = list(pool.map(lambda _: judge_stored(sessions, scene.clock, grade_words, at_start=True), range(2)))
    assert sum(restarted) == 1
    assert how_many(scene.session, Grading) == 1
    view = attempts.attempt(scene.session, scene.clock, ada, attempt.id)
    assert (view.tries_used, view.points) == (1, 2)
    scene.session.commit()
    repeated = submissions.submit(scene.session, scene.clock, die, ada, attempt.id, {"a": "right"}, "k")
    assert repeated == view.submissions[0]


def test_a_slow_judge_and_the_sweeper_record_one_result(scene: Scene, sessions: sessionmaker[Session]) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada)
    scene.session.commit()
    begun, swept = Event(), Event()

    def slow(source: str, seed: int, _: Mapping[str, str]) -> Result:
        begun.set()
        assert swept.wait(30)
        return grade_words(source, seed, {"a": "wrong"})

    def submit() -> SubmissionView:
        with sessions() as session:
            return submissions.submit(session, scene.clock, slow, ada, attempt.id, {"a": "right"})

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(submit)
        assert begun.wait(30)
        assert judge_stored(sessions, scene.clock, grade_words, at_start=True) == 1
        swept.set()
        assert late.result(30).score == 2
    assert how_many(scene.session, Grading) == 1


def test_many_workers_judge_each_submission_once(scene: Scene, sessions: sessionmaker[Session]) -> None:
    for _ in range(12):
        student = scene.add_person()
        attempt = scene.open(student)
        submissions.store(scene.session, scene.clock(), student, attempt.id, {"a": "right"})
    scene.clock.advance(seconds=LEASE.total_seconds())
    judged: list[int] = []

    def note(source: str, seed: int, responses: Mapping[str, str]) -> Result:
        judged.append(seed)
        return grade_words(source, seed, responses)

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: judge_stored(sessions, scene.clock, note), range(6), timeout=60))
    assert sum(done) == len(judged) == len(set(judged)) == 12


def test_one_that_cannot_be_judged_does_not_hold_up_the_others(
    scene: Scene, sessions: sessionmaker[Session], caplog: pytest.LogCaptureFixture
) -> None:
    for word in ("broken", "right", "right"):
        student = scene.add_person()
        submissions.store(scene.session, scene.clock(), student, scene.open(student).id, {"a": word})

    def sometimes(source: str, seed: int, responses: Mapping[str, str]) -> Result:
        if responses["a"] == "broken":
            raise ZeroDivisionError
        return grade_words(source, seed, responses)

    done = []
    for _ in range(MAX_CLAIMS + 2):
        scene.clock.advance(days=1)
        done.append(judge_stored(sessions, scene.clock, sometimes))
    assert done == [2] + [0] * (MAX_CLAIMS + 1)
    assert (
        len([record for record in caplog.records if record.exc_info]) == MAX_CLAIMS - 1
    )  # storing was the first claim
    scene.session.rollback()
    assert sorted(scene.session.scalars(select(Submission.state))) == ["judged", "judged", "stored"]


def test_pauses_grow(scene: Scene, sessions: sessionmaker[Session]) -> None:
    ada = scene.add_person()
    submissions.store(scene.session, scene.clock(), ada, scene.open(ada).id, {"a": "right"})
    tried: list[float] = []

    def fail(*_: Any) -> Result:
        tried.append((scene.clock() - began) / LEASE)
        raise BankError("The machine is too busy.")

    began = scene.clock()
    for _ in range(16):
        judge_stored(sessions, scene.clock, fail)
        scene.clock.advance(seconds=LEASE.total_seconds())
    assert tried == [1, 3, 7, 15]


def test_what_cannot_be_judged_now_is_left_to_the_worker(
    scene: Scene, sessions: sessionmaker[Session], caplog: pytest.LogCaptureFixture
) -> None:
    def busy(*_: Any) -> Result:
        raise BankError("The problem could not be prepared.")

    ada = scene.add_person()
    attempt = scene.open(ada)
    sent = submissions.submit(scene.session, scene.clock, busy, ada, attempt.id, {"a": "right"})
    assert sent.state == "stored"
    assert "left to the worker" in caplog.text
    scene.clock.advance(seconds=LEASE.total_seconds())
    assert judge_stored(sessions, scene.clock, grade_words) == 1


def test_a_page_shows_the_newest_fifty(scene: Scene) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada)
    for _ in range(52):
        send(scene, ada, attempt.id, "wrong -")
    view = attempts.attempt(scene.session, scene.clock, ada, attempt.id)
    assert [one.number for one in view.submissions] == list(range(52, 2, -1))
    assert view.tries_used == 52


STEPS: dict[str, Callable[[Scene, Actor, int], Any]] = {
    "submit": lambda scene, ada, attempt: send(scene, ada, attempt, "wrong wrong"),
    "attempt": lambda scene, ada, attempt: attempts.attempt(scene.session, scene.clock, ada, attempt),
}


@pytest.mark.parametrize(("step", "most"), [("submit", 8), ("attempt", 7)])
def test_number_of_statements_does_not_grow(scene: Scene, engine: Engine, step: str, most: int) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada)
    sent = []
    for _ in range(6):
        send(scene, ada, attempt.id, "right wrong")
        scene.session.commit()
        with counted_statements(engine) as statements:
            STEPS[step](scene, ada, attempt.id)
        sent.append(len([one for one in statements if not one.startswith("BEGIN")]))
    assert len(set(sent)) == 1
    assert sent[0] <= most, statements


def test_what_was_read_before_another_one_came_in_is_read_again(
    scene: Scene, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on PostgreSQL, where a lock may be had after another transaction that the statement has not seen."""
    ada = scene.add_person()
    attempt = scene.open(ada, Policy(tries=3))
    asked: list[bool] = []

    def stale(session: Session, attempt_id: int, user_id: int, maker: str, *, waits: bool) -> Intake | None:
        asked.append(waits)
        found = intake(session, attempt_id, user_id, maker, waits=waits)
        return found if found is None or waits else found._replace(sent=0, tries_used=3 * (len(asked) > 2))

    monkeypatch.setattr(submissions, "intake", stale)
    assert send(scene, ada, attempt.id, "wrong wrong").number == 1
    assert send(scene, ada, attempt.id, "wrong wrong").number == 2  # its number was taken
    assert send(scene, ada, attempt.id, "right wrong").number == 3  # it seemed that no try was left
    assert asked == [False, False, True, False, True]
    with pytest.raises(NoTriesLeft):
        send(scene, ada, attempt.id, "right right")
    assert how_many(session, Submission) == 3
