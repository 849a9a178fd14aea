"""Faults at random under load: every answer that was taken has one result, the one that it would have had in peace.

    .venv/bin/python bench/chaos.py --minutes 10
    .venv/bin/python bench/chaos.py --seconds 12 --students 6     # the short form, which the tests run

Servers, workers and judging processes are killed (kill -9), Redis and PostgreSQL (both of its own) are restarted, also
as after a failure of power, connections to PostgreSQL are cut, messages are dropped and doubled. Each student's grade
must have reached the learning platform in the end; grades that it was told twice are counted. The short form does not
restart PostgreSQL.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from pathlib import Path
from random import Random
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

import httpx
import redis
from cluster import Cluster
from learning_platform import LearningPlatform, link_to
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from stack import (
    GRADER,
    SERVER,
    Place,
    Stack,
    children_of,
    database,
    descendants_of,
    end,
    free_port,
    heed_termination,
    make_place,
    wait_for,
)

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.grading import grade
from grader.services.policies import Policy
from grader.store.database import open_engine

PROBLEM = "derivative-chain-power"
RETRY_SECONDS = 0.3
SETTLE_SECONDS = 240
ROUNDED = Fraction(1, 10**6)
BREATHER = (0.5, 3.0)
SHORT = 60
"""Seconds up to which it is the short form: one server, one worker, and the PostgreSQL that is there."""


@dataclass
class Told:
    """What the clients were told: id of each submission that was acknowledged -> what had been sent."""

    lock: Lock = field(default_factory=Lock)
    acknowledged: dict[int, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Student:
    """One student's program: sends answers, and the same again with the same key until they are taken."""

    attempt_id: int
    token: str
    answers: tuple[Mapping[str, str], ...]

    def send(self, ports: list[int], told: Told, stopped: Event, pause: float) -> None:
        """Send until told to stop; what is on its way then is finished."""
        for number in count():
            if stopped.wait(pause):
                return
            responses = self.answers[number % len(self.answers)]
            submission_id = self._until_taken(ports, responses, f"key-{number}", told)
            with told.lock:
                told.acknowledged[submission_id] = (self.attempt_id, responses)

    def _until_taken(self, ports: list[int], responses: Mapping[str, str], key: str, told: Told) -> int:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        until = monotonic() + SETTLE_SECONDS
        for turn in count(self.attempt_id):
            address = f"http://127.0.0.1:{ports[turn % len(ports)]}/api/v1/attempts/{self.attempt_id}/submissions"
            try:
                reply = httpx.post(address, json={"responses": responses}, headers=headers, timeout=20)
            except httpx.HTTPError as fault:
                what = type(fault).__name__
            else:
                if reply.status_code in (201, 202):
                    return int(reply.json()["id"])
                what = str(reply.status_code)
            with told.lock:
                told.refused[what] += 1
            if monotonic() > until:
                raise SystemExit(f"An answer was not taken for {SETTLE_SECONDS} s: {what}")
            Event().wait(RETRY_SECONDS)
        raise AssertionError


@dataclass
class Chaos:
    """The processes, and what may happen to them."""

    stack: Stack
    engine: Engine
    redis_port: int
    folder: Path
    rng: Random
    cluster: Cluster | None = None
    ports: list[int] = field(default_factory=list)
    servers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    redis: subprocess.Popen[bytes] | None = None
    happened: Counter[str] = field(default_factory=Counter)

    def start(self, servers: int, workers: int) -> None:
        """Start everything."""
        self.start_redis()
        for _ in range(servers):
            port = free_port()
            self.ports.append(port)
            self.start_server(port)
        self.workers = [self.stack.work() for _ in range(workers)]
        for port in self.ports:
            wait_for(f"http://127.0.0.1:{port}/readyz")

    def start_server(self, port: int) -> None:
        """A server of two processes."""
        self.servers[port] = self.stack.start(*GRADER, "serve", "--port", str(port), "--processes", "2")

    def start_redis(self) -> None:
        """A Redis of its own, which forgets everything when it ends."""
        options = ["--port", str(self.redis_port), "--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.redis = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)

    def kill_server(self) -> None:
        """A whole web machine, with its judging processes; another takes its place."""
        port = self.rng.choice(self.ports)
        kill_group(self.servers[port])
        self.start_server(port)

    def kill_server_process(self) -> None:
        """One process of a server: gunicorn starts another."""
        server = self.servers[self.rng.choice(self.ports)]
        self._kill_one([one for one in children_of(server.pid) if is_grader(one)])

    def kill_worker(self) -> None:
        """A worker, with its judging processes; another takes its place."""
        place = self.rng.randrange(len(self.workers))
        kill_group(self.workers[place])
        self.workers[place] = self.stack.work()

    def kill_judging(self) -> None:
        """A process in which an answer may just be judged."""
        owners = [one.pid for one in (*self.servers.values(), *self.workers)]
        self._kill_one([one for owner in owners for one in descendants_of(owner) if is_judging(one)])

    def restart_redis(self) -> None:
        """All messages are lost, and for a moment nobody can ring."""
        assert self.redis is not None
        self.redis.kill()
        self.redis.wait()
        Event().wait(self.rng.uniform(0, 2))
        self.start_redis()

    def cut_postgres(self) -> None:
        """All connections to the database are cut, as by its restart."""
        with suppress(SQLAlchemyError), self.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid != pg_backend_pid()"
                )
            )

    def restart_postgres(self) -> None:
        """The database is away for a moment; after an immediate stop it recovers from its log."""
        assert self.cluster is not None
        self.cluster.stop(self.rng.choice(("fast", "immediate")))
        Event().wait(self.rng.uniform(0, 3))
        self.cluster.start()

    def drop_messages(self) -> None:
        """What waits at the broker is lost."""
        with suppress(redis.RedisError), redis.Redis(port=self.redis_port) as broker:
            broker.delete("grader")

    def double_messages(self) -> None:
        """What waits at the broker comes twice, and so do messages of what was done long ago."""
        with suppress(redis.RedisError), redis.Redis(port=self.redis_port) as broker:
            for message in broker.lrange("grader", 0, 100):
                broker.lpush("grader", message)

    def _kill_one(self, numbers: list[int]) -> None:
        if numbers:
            with suppress(ProcessLookupError):
                os.kill(self.rng.choice(numbers), signal.SIGKILL)

    def wreak(self, seconds: float) -> None:
        """One fault after the other."""
        faults: tuple[Callable[[], None], ...] = (
            self.kill_server,
            self.kill_server_process,
            self.kill_worker,
            self.kill_judging,
            self.kill_judging,
            self.restart_redis,
            self.cut_postgres,
            self.drop_messages,
            self.double_messages,
            *((self.restart_postgres,) if self.cluster else ()),
        )
        until = monotonic() + seconds
        order: list[Callable[[], None]] = []
        while monotonic() < until:
            order = order or self.rng.sample(faults, len(faults))
            fault = order.pop()
            fault()
            self.happened[fault.__name__] += 1
            Event().wait(self.rng.uniform(*BREATHER))

    def close(self) -> None:
        """End what is left."""
        self.stack.close()
        if self.redis is not None:
            end(self.redis)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """A process with all its children, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def command_of(number: int) -> str:
    """The command line of a process."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def is_judging(number: int) -> bool:
    """Whether it is a child of the judge."""
    return "spawn_main" in command_of(number)


def is_grader(number: int) -> bool:
    """Whether it is one of our own processes."""
    return "grader.cli" in command_of(number)


def students_of(engine: Engine, place: Place, port: int) -> list[Student]:
    """Each student begins the assignment, and has right and wrong answers in hand."""
    found = []
    for student_id, token in place.students:
        address = f"http://127.0.0.1:{port}/api/v1/assignments/{place.assignment_id}/students/{student_id}/attempts"
        reply = httpx.post(address, json={}, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        reply.raise_for_status()
        attempt_id = int(reply.json()["items"][0]["id"])
        with engine.connect() as connection:
            seed = connection.scalar(
                text("SELECT v.seed FROM variants v JOIN attempts a ON a.variant_id = v.id WHERE a.id = :id"),
                {"id": attempt_id},
            )
        variant = make_variant(load_problem(place.source), seed)
        written = ("x", "({})*1 + 1", "2*({})", "{} +", "({})*1")
        answers = tuple({part.id: form.format(part.answer_text) for part in variant.parts} for form in written)
        found.append(Student(attempt_id, token, answers))
    return found


def wait_until_settled(engine: Engine, platform: LearningPlatform, students: int) -> None:
    """Return once nothing waits any more."""
    until = monotonic() + SETTLE_SECONDS
    left: Any = None
    while monotonic() < until:
        with suppress(SQLAlchemyError), engine.connect() as connection:
            left = connection.execute(
                text(
                    "SELECT (SELECT count(*) FROM submissions WHERE state = 'stored'), "
                    "(SELECT count(*) FROM lti_grades WHERE state = 'waiting'), "
                    "(SELECT count(*) FROM jobs WHERE kind != 'variants')"  # these are not hurried
                )
            ).one()
            if not any(left) and len(platform.grades) == students:
                return
        Event().wait(0.3)
    raise SystemExit(f"After {SETTLE_SECONDS} s (submissions, grades, jobs) still wait: {left}")


def faults_in(engine: Engine, place: Place, told: Told, platform: LearningPlatform) -> list[str]:
    """What is not as it should be, in sentences."""
    found = []
    problem = load_problem(place.source)
    peaceful: dict[str, Any] = {}
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT s.id, s.attempt_id, v.seed, s.responses, s.state, "
                "(SELECT count(*) FROM gradings g WHERE g.submission_id = s.id AND g.cause = 'judged'), "
                "(SELECT g.result FROM gradings g WHERE g.submission_id = s.id ORDER BY g.id DESC LIMIT 1) "
                "FROM submissions s JOIN attempts a ON a.id = s.attempt_id JOIN variants v ON v.id = a.variant_id"
            )
        ).all()
        grades = connection.execute(
            text("SELECT p.subject, a.score, a.max_score FROM attempts a JOIN lti_people p ON p.user_id = a.student_id")
        ).all()
    stored = {row[0]: row for row in rows}
    for submission_id, (attempt_id, responses) in told.acknowledged.items():
        if submission_id not in stored:
            found.append(f"submission {submission_id} was acknowledged and is lost")
        elif (stored[submission_id][1], json.loads(stored[submission_id][3])) != (attempt_id, responses):
            found.append(f"submission {submission_id} is not what was sent")
    found += [f"submission {one} was stored and never acknowledged" for one in set(stored) - set(told.acknowledged)]
    for submission_id, _, seed, responses, _, gradings, result in rows:
        if gradings != 1:
            found.append(f"submission {submission_id} has {gradings} results")
            continue
        known = f"{seed} {responses}"
        if known not in peaceful:
            peaceful[known] = outcomes(grade(make_variant(problem, seed), json.loads(responses)).to_json())
        if outcomes(json.loads(result)) != peaceful[known]:
            found.append(f"submission {submission_id}: {outcomes(json.loads(result))}, in peace {peaceful[known]}")
    for subject, score, greatest in grades:
        share, told_share = Fraction(score) / Fraction(greatest), platform.grades.get(subject, Fraction(-1))
        if abs(share - told_share) > ROUNDED:
            found.append(f"{subject} has {share}, the platform was told {told_share}")
    return found + platform.faults()


def outcomes(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What a result says of each part."""
    return [(part["id"], str(part["score"]), part["outcome"]) for part in result["parts"]]


def run(seconds: float, students: int, seed: int, pause: float) -> bool:
    """The whole story; whether it ended well."""
    if shutil.which("redis-server") is None:
        raise SystemExit("redis-server is not installed.")
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="grader-chaos-")))
        is_short = seconds <= SHORT
        cluster = None if is_short else opened.enter_context(Cluster())
        url = opened.enter_context(database(f"grader_chaos_{os.getpid()}", cluster.url if cluster else SERVER))
        engine = open_engine(url)
        opened.callback(engine.dispose)
        place = make_place(engine, PROBLEM, students, Policy())
        platform = opened.enter_context(LearningPlatform())
        link_to(engine, place, platform)
        redis_port = free_port()
        stack = Stack(url, f"redis://127.0.0.1:{redis_port}", {"GRADER_GRADING_PROCESSES": "1"}, folder / "log")
        chaos = Chaos(stack, engine, redis_port, folder, Random(seed), cluster)
        opened.callback(chaos.close)
        chaos.start(servers=1 if is_short else 2, workers=1 if is_short else 2)
        told, stopped = Told(), Event()
        clients = [
            Thread(target=one.send, args=(chaos.ports, told, stopped, pause))
            for one in students_of(engine, place, chaos.ports[0])
        ]
        for client in clients:
            client.start()
        try:
            chaos.wreak(seconds)
        finally:
            stopped.set()
            for client in clients:
                client.join()
        print(f"faults: {dict(chaos.happened)}; refused meanwhile: {dict(told.refused)}")
        wait_until_settled(engine, platform, students)
        found = faults_in(engine, place, told, platform)
        print(
            f"{len(told.acknowledged)} answers acknowledged, {len(platform.told)} scores told to the platform, "
            f"{platform.repeated} of them again; "
            f"not as it should be: {len(found)}"
        )
        for sentence in found[:50]:
            print(f"  {sentence}")
        return not found and bool(told.acknowledged)


def main() -> None:
    """Run; exit 1 where something was lost, doubled or judged differently."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=0, help="instead of minutes")
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--pause", type=float, default=0.3, help="seconds between a student's answers")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    heed_termination()
    is_good = run(given.seconds or 60 * given.minutes, given.students, given.seed, given.pause)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
