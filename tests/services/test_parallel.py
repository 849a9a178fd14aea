"""Fifty clients at once on the real server: what must hold, holds by constraints and atomic statements.

The server is the application itself, with threads, on SQLite and on PostgreSQL; each client has a connection
of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from threading import Barrier, Thread
from typing import Any, TypeVar

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from grader import queue
from grader.bank.loading import Bank
from grader.config import load_config
from grader.errors import Conflict, Forbidden, NotFound
from grader.metrics import Metrics
from grader.services import attempts, courses, invitations, people, regrades, submissions, tokens, users
from grader.services.access import INSTRUCTOR, STUDENT, Actor
from grader.services.admission import Desk
from grader.services.lti_grades import Courier
from grader.services.policies import Policy
from grader.services.rosters import Roster, RosterRow
from grader.store.attempts import Attempt
from grader.store.database import writing
from grader.store.gradings import Grading
from grader.store.submissions import Submission
from grader.web.app import Served, create_app
from grader.worker import EmbeddedWorker
from tests import servers
from tests.factories import Scene, SteadyClock, grade_words
from tests.lti.passback import Begin, begin
from tests.services.regrading import Answered, worker
from tests.services.test_regrades import CHAINED, accept, dry_run

__all__ = ["begin"]  # a fixture

CLIENTS = 50
TRIES = 3
ENOUGH = 120
T = TypeVar("T")


def at_once(work: Callable[[int], T], many: int = CLIENTS) -> list[T]:
    """What so many threads get that begin together."""
    together = Barrier(many, timeout=ENOUGH)

    def begin_together(number: int) -> T:
        together.wait()
        return work(number)

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(begin_together, range(many), timeout=ENOUGH))


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


@pytest.fixture
def address(sessions: sessionmaker[Session], database_url: str, clock: SteadyClock) -> Iterator[str]:
    """The server, with eight places at the judge's desk: the others queue."""
    config = load_config({"GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": "s" * 40})
    port = servers.free_port()
    with Desk(sessions, clock, grade_words, places=8, seconds=60) as desk:
        served = Served(desk, Metrics())
        app = create_app(config, sessions, Bank({}, ()), grade_words, clock, served=served)
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{port}/api/v1"
        server.shutdown()
        thread.join()
        server.server_close()


def sender(address: str, session: Session, clock: SteadyClock, student: Actor, attempt_id: int) -> Callable[..., Any]:
    """Sends answers as the student's own program does."""
    token, _ = tokens.create_token(session, clock, student, "test", ("submissions:write",))
    session.rollback()

    def send(word: str, key: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        body = {"responses": {"a": word}}
        return httpx.post(f"{address}/attempts/{attempt_id}/submissions", json=body, headers=headers, timeout=ENOUGH)

    return send


def test_tries_are_never_exceeded_and_every_answer_is_judged_once(
    scene: Scene, sessions: sessionmaker[Session], address: str
) -> None:
    policy = Policy(tries=TRIES, penalty=Fraction(1, 4))
    assignment = scene.add_assignment(policy)
    students = [scene.add_person() for _ in range(5)]
    views = [attempts.open_attempts(scene.session, scene.clock, one, assignment.id)[0] for one in students]
    send = [
        sender(address, scene.session, scene.clock, student, view.id)
        for student, view in zip(students, views, strict=True)
    ]
    workers = [EmbeddedWorker(sessions, scene.clock, grade_words, pause=0.01) for _ in range(2)]
    with workers[0], workers[1]:
        statuses = at_once(lambda number: send[number % 5](f"wrong {number}").status_code)
    for one in workers:
        one.run_once()
    told = Counter(statuses)
    assert told[201] + told[202] == 5 * TRIES
    assert told[409] == CLIENTS - 5 * TRIES
    for student, view in zip(students, views, strict=True):
        now = attempts.attempt(scene.session, scene.clock, student, view.id)
        assert (now.tries_used, now.tries_left) == (TRIES, 0)
        assert [one.number for one in now.submissions] == [3, 2, 1]
        assert {one.state for one in now.submissions} == {"judged"}
    assert per_submission(scene.session) == {1: 5 * TRIES}


def per_submission(session: Session) -> Counter[int]:
    """How many submissions have how many gradings."""
    session.rollback()
    numbers = session.scalars(
        select(func.count(Grading.id)).select_from(Submission).outerjoin(Grading).group_by(Submission.id)
    )
    return Counter(numbers)


def test_penalties_follow_the_order_in_which_answers_were_stored(
    scene: Scene, sessions: sessionmaker[Session], address: str
) -> None:
    assignment = scene.add_assignment(Policy(penalty=Fraction(1, 60)))
    ada, ben = scene.add_person(), scene.add_person()
    view, other = (attempts.open_attempts(scene.session, scene.clock, one, assignment.id)[0] for one in (ada, ben))
    words = ["right" if number == 25 else "wrong" for number in range(CLIENTS)]
    send = sender(address, scene.session, scene.clock, ada, view.id)
    assert set(at_once(lambda number: send(words[number]).status_code)) <= {201, 202}
    EmbeddedWorker(sessions, scene.clock, grade_words).run_once()
    scene.session.rollback()
    stored = scene.session.scalars(
        select(Submission).where(Submission.attempt_id == view.id).order_by(Submission.number)
    ).all()
    assert [row.number for row in stored] == list(range(1, CLIENTS + 1))
    for word in [row.responses["a"] for row in stored]:
        submissions.submit(scene.session, scene.clock, grade_words, ben, other.id, {"a": word})
    for_both = [attempts.attempt(scene.session, scene.clock, who, each.id) for who, each in ((ada, view), (ben, other))]
    assert for_both[0].points == for_both[1].points > 0
    assert for_both[0].tries_used == for_both[1].tries_used


def test_one_key_is_one_submission(scene: Scene, sessions: sessionmaker[Session], address: str) -> None:
    ada = scene.add_person()
    view = scene.open(ada, Policy(tries=1))
    send = sender(address, scene.session, scene.clock, ada, view.id)
    replies = at_once(lambda _: send("wrong", "one-key"))
    assert {reply.status_code for reply in replies} <= {201, 202}
    assert len({reply.json()["id"] for reply in replies}) == 1
    EmbeddedWorker(sessions, scene.clock, grade_words).run_once()
    assert per_submission(scene.session) == {1: 1}


def test_one_open_attempt(scene: Scene, sessions: sessionmaker[Session]) -> None:
    assignment = scene.add_assignment(Policy(practice=True))
    ada = scene.add_person()
    scene.session.commit()

    def start(_: int) -> int:
        with sessions() as own:
            return attempts.open_attempts(own, scene.clock, ada, assignment.id)[0].id

    (first,) = set(at_once(start))

    def renew(_: int) -> int:
        with sessions() as own:
            return attempts.new_practice_variant(own, scene.clock, ada, first).id

    (second,) = set(at_once(renew))
    scene.session.rollback()
    rows = scene.session.execute(select(Attempt.id, Attempt.state, Attempt.number).order_by(Attempt.number)).all()
    assert [tuple(row) for row in rows] == [(first, "closed", 1), (second, "open", 2)]


def test_a_regrade_is_applied_once(scene: Scene, sessions: sessionmaker[Session]) -> None:
    answered = Answered(scene)
    for student in [scene.add_person() for _ in range(4)]:
        answered.answer(student, CHAINED)
    accept(answered)
    found = dry_run(answered, sessions).id
    scene.session.rollback()

    def press(_: int) -> str:
        with sessions() as own:
            try:
                regrades.apply(own, scene.clock, scene.teacher, found)
            except Conflict:
                return "refused"
            return "applied"

    assert Counter(at_once(press)) == {"applied": 1, "refused": CLIENTS - 1}
    workers = [worker(sessions, scene) for _ in range(4)]
    for _ in range(3):
        at_once(lambda number: workers[number].run_once(), 4)
    scene.session.rollback()
    causes = Counter(scene.session.scalars(select(Grading.cause)))
    assert causes == {"judged": 4, "regraded": 4}


def test_each_grade_reaches_the_platform_once(begin: Begin, sessions: sessionmaker[Session]) -> None:
    story = begin()
    students = [story.student(f"student-{number}") for number in range(10)]
    for student in students:
        story.answer(student, "right")
    story.session.rollback()
    couriers = [Courier(sessions, story.clock, story.courier.client, story.courier.secret) for _ in range(8)]

    def carry(number: int) -> None:
        while couriers[number].send_next():
            pass

    at_once(carry, len(couriers))
    story.clock.advance(minutes=10)  # a column that another was making is there by now
    carry(0)
    assert Counter(user for (_, user), _ in story.book.grades.items()) == {f"student-{n}": 1 for n in range(10)}
    assert Counter(score["userId"] for _, score in story.book.scores) == {f"student-{n}": 1 for n in range(10)}
    assert set(story.states()) == {"sent"}
    assert len(story.book.items) == 1


def test_each_job_is_done_once(scene: Scene, sessions: sessionmaker[Session]) -> None:
    with writing(scene.session):
        for number in range(CLIENTS):
            queue.put(scene.session, scene.clock(), "mail", {"number": number})
    done: list[int] = []
    handlers = {"mail": lambda _session, payload: done.append(payload["number"])}
    workers = [EmbeddedWorker(sessions, scene.clock, grade_words, handlers) for _ in range(8)]
    at_once(lambda number: workers[number].run_once(), len(workers))
    assert sorted(done) == list(range(CLIENTS))


def test_a_link_of_ones_own_gives_one_password(sessions: sessionmaker[Session], scene: Scene) -> None:
    row = RosterRow(1, "zoe", "Zoe", "", STUDENT)
    person, _ = people.add_person(scene.session, scene.clock, scene.teacher, scene.course_id, row)
    link = invitations.invite_person(scene.session, scene.clock, scene.teacher, scene.course_id, person.id)
    scene.session.commit()

    def choose(number: int) -> str:
        with sessions() as session:
            try:
                invitations.choose_password(session, scene.clock, link, f"a long password {number}")
            except NotFound:
                return ""
            return f"a long password {number}"

    (chosen,) = filter(None, at_once(choose, 4))
    users.authenticate(scene.session, scene.clock, "zoe", chosen)


def by_role(session: Session, scene: Scene, actor: Actor, whom: int) -> None:
    people.change_role(session, scene.clock, actor, scene.course_id, whom, STUDENT)


def by_name(session: Session, scene: Scene, actor: Actor, whom: int) -> None:
    courses.enrol(session, scene.clock, actor, scene.course_id, users.user(session, whom).login, STUDENT)


def by_form(session: Session, scene: Scene, actor: Actor, whom: int) -> None:
    row = RosterRow(1, users.user(session, whom).login, "", "", STUDENT)
    people.add_person(session, scene.clock, actor, scene.course_id, row)


def by_list(session: Session, scene: Scene, actor: Actor, whom: int) -> None:
    row = RosterRow(1, users.user(session, whom).login, "", "", STUDENT)
    people.import_people(session, scene.clock, actor, scene.course_id, Roster((row,), ()))


@pytest.mark.parametrize("way", [by_role, by_name, by_form, by_list])
def test_two_instructors_cannot_leave_a_course_without_one(
    sessions: sessionmaker[Session], scene: Scene, way: Callable[[Session, Scene, Actor, int], None]
) -> None:
    row = RosterRow(1, "zoe", "Zoe", "", INSTRUCTOR)
    other, _ = people.add_person(scene.session, scene.clock, scene.teacher, scene.course_id, row)
    pair = (scene.teacher.user_id, other.id)
    scene.session.commit()

    def demote(number: int) -> bool:
        actor, whom = Actor(pair[number]), pair[1 - number]
        with sessions() as session:
            try:
                way(session, scene, actor, whom)
            except Forbidden:
                return False
            return True

    assert sorted(at_once(demote, 2)) == [False, True]
