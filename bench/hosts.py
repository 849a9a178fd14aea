"""Two web machines and two workers behind nginx: a student's browser goes on while one of each is killed.

    .venv/bin/python bench/hosts.py                       # about two minutes

The web machines are 127.0.0.2 and 127.0.0.3, the workers two processes without an address; PostgreSQL and Redis are
of their own. Chromium plays a student who submits answers through nginx, others use the API; in each round a web
machine and a worker are killed (kill -9, with their judging processes) while the answer is on its way, and started
anew. Where the page says that the answer was not taken, the student presses the button again, as it says.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from threading import Event, Thread

from chaos import PROBLEM, Student, Told, faults_in, kill_group, students_of, wait_until_settled
from cluster import Cluster
from learning_platform import LearningPlatform, link_to
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Engine, text
from stack import GRADER, Stack, database, end, free_port, heed_termination, make_place, wait_for

from grader.services.passwords import hashed
from grader.services.policies import Policy
from grader.store.database import open_engine

HOSTS = ("127.0.0.2", "127.0.0.3")
PASSWORD = "a password of some length"
CHROMIUM = "/usr/bin/chromium"
PATIENCE = 120_000
"""Milliseconds that a page may take on a machine that is busy with other things."""
BREATHER = 1000
PROXY = """
daemon off; worker_processes 1; {user} pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream web {{ {machines} }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://web; proxy_connect_timeout 2s; proxy_read_timeout 60s; proxy_buffering off;
      proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $http_host;
    }}
  }}
}}
"""


class Machines:
    """The web machines and the workers, and nginx before them."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.port = free_port()
        self.inner = free_port()
        self.webs = {host: self.web(host) for host in HOSTS}
        self.workers = [stack.work(), stack.work()]
        for host in HOSTS:
            wait_for(self.readiness(host), self.webs[host])
        machines = " ".join(f"server {host}:{self.inner} max_fails=1 fail_timeout=2s;" for host in HOSTS)
        user = "user root;" if os.geteuid() == 0 else ""
        settings = PROXY.format(user=user, folder=folder, machines=machines, port=self.port)
        (folder / "nginx.conf").write_text(settings, encoding="utf-8")
        stack.start("nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"))
        wait_for(f"http://127.0.0.1:{self.port}/readyz")

    def web(self, host: str) -> subprocess.Popen[bytes]:
        """Start a web machine."""
        return self.stack.start(*GRADER, "serve", "--host", host, "--port", str(self.inner), "--processes", "1")

    def readiness(self, host: str) -> str:
        """Where a web machine says that it can answer."""
        return f"http://{host}:{self.inner}/readyz"

    def kill(self, number: int) -> None:
        """One web machine and one worker, in turn."""
        kill_group(self.webs[HOSTS[number % 2]])
        kill_group(self.workers[number % 2])

    def restore(self, number: int) -> None:
        """Others in the place of those that were killed, ready before the next are."""
        host = HOSTS[number % 2]
        self.webs[host] = self.web(host)
        self.workers[number % 2] = self.stack.work()
        wait_for(self.readiness(host), self.webs[host])


class Reader:
    """A student at a browser."""

    def __init__(self, browser: Browser, address: str, attempt_id: int) -> None:
        self.page: Page = browser.new_context().new_page()
        self.page.set_default_timeout(PATIENCE)
        self.address = address
        self.path = f"{address}/attempts/{attempt_id}"
        self.pressed = 0

    def log_in(self, login: str) -> None:
        """With name and password."""
        self.page.goto(f"{self.address}/login")
        self.page.locator("[name=login]").fill(login)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("[name=password]").press("Enter")
        self.page.wait_for_url(lambda url: "/login" not in url)
        self.page.goto(self.path)

    def submit(self, responses: dict[str, str]) -> None:
        """Type and press until the answer is taken, then follow the page until it is judged."""
        for part, typed in responses.items():
            self.page.locator(f'[name="answer.{part}"]').fill(typed)
        self.page.evaluate("document.body.dataset.old = '1'")
        taken = self.page.locator("body:not([data-old]) #result")
        refused = self.page.locator("[data-submit-note]:visible")
        self.press()
        expect(taken.or_(refused)).to_be_visible()
        while refused.count():
            self.page.wait_for_timeout(BREATHER)
            self.press()
            expect(taken.or_(refused)).to_be_visible()
        expect(self.page.locator("body:not([data-old]):not(:has([data-queued])) #result")).to_be_visible()

    def press(self) -> None:
        """The button, once more where the answer was not taken."""
        self.pressed += 1
        self.page.get_by_role("button", name="Submit answer").last.click()


def judged(engine: Engine, attempt_id: int) -> dict[int, tuple[int, dict[str, str]]]:
    """The submissions of an attempt that have a result, as clients of the API would have noted them."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT id, responses FROM submissions WHERE attempt_id = :id AND state = 'judged' ORDER BY number"),
            {"id": attempt_id},
        )
        return {row[0]: (attempt_id, json.loads(row[1])) for row in rows}


def play(machines: Machines, engine: Engine, student: Student, login: str, rounds: int, rng: Random) -> list[str]:
    """The story; what was not as it should be."""
    found: list[str] = []
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        reader = Reader(browser, f"http://127.0.0.1:{machines.port}", student.attempt_id)
        reader.log_in(login)
        for number in range(1, rounds + 1):
            responses = {part: f"{typed} + {number} - {number}" for part, typed in student.answers[1].items()}
            killing = Thread(target=strike, args=(machines, number, rng.uniform(0, 0.3)))
            killing.start()
            reader.submit(responses)
            killing.join()
            stored = list(judged(engine, student.attempt_id).values())
            if len(stored) != number or stored[-1][1] != responses:
                found.append(f"after answer {number} of the browser {len(stored)} are judged")
            machines.restore(number)
            print(f"answer {number}: judged, {reader.pressed} clicks so far", flush=True)
        browser.close()
    return found


def strike(machines: Machines, number: int, pause: float) -> None:
    """Kill a little later, while the answer is on its way."""
    Event().wait(pause)
    machines.kill(number)


def run(rounds: int, others: int, seed: int) -> bool:
    """The whole story; whether nothing was lost."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="grader-hosts-")))
        cluster = opened.enter_context(Cluster())
        url = opened.enter_context(database("grader_hosts", cluster.url))
        engine = open_engine(url)
        opened.callback(engine.dispose)
        place = make_place(engine, PROBLEM, others + 1, Policy())
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE users SET password_hash = :hash WHERE login = 'student-0'"),
                {"hash": hashed(PASSWORD)},
            )
        platform = opened.enter_context(LearningPlatform())
        link_to(engine, place, platform)
        broker = free_port()
        redis = subprocess.Popen(
            ["redis-server", "--port", str(broker), "--save", "", "--dir", str(folder)], stdout=subprocess.DEVNULL
        )
        opened.callback(end, redis)
        settings = {"GRADER_GRADING_PROCESSES": "1", "GRADER_ANSWERS_AT_ONCE": "1", "GRADER_PROXIES": "1"}
        stack = Stack(url, f"redis://127.0.0.1:{broker}", settings, folder / "log")
        opened.callback(stack.close)
        machines = Machines(stack, folder)
        first, *rest = students_of(engine, place, machines.port)
        told = Told()
        found = play_among(machines, engine, first, rest, told, rounds, seed)
        told.acknowledged |= judged(engine, first.attempt_id)
        wait_until_settled(engine, platform, others + 1)
        found += faults_in(engine, place, told, platform)
        print(
            f"{rounds} answers in the browser while {rounds} web machines and {rounds} workers were killed, "
            f"{len(told.acknowledged) - rounds} answers over the API; not as it should be: {len(found)}"
        )
        for sentence in found[:50]:
            print(f"  {sentence}")
        return not found


def play_among(
    machines: Machines, engine: Engine, first: Student, rest: Sequence[Student], told: Told, rounds: int, seed: int
) -> list[str]:
    """The story, while others use the API."""
    stopped = Event()
    clients = [Thread(target=one.send, args=([machines.port], told, stopped, 0.5)) for one in rest]
    for client in clients:
        client.start()
    try:
        return play(machines, engine, first, "student-0", rounds, Random(seed))
    finally:
        stopped.set()
        for client in clients:
            client.join()


def main() -> None:
    """Run; exit 1 where something was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--others", type=int, default=6, help="students who use the API meanwhile")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    heed_termination()
    for needed in ("nginx", "redis-server", CHROMIUM):
        if shutil.which(needed) is None:
            raise SystemExit(f"{needed} is not installed.")
    sys.exit(0 if run(given.rounds, given.others, given.seed) else 1)


if __name__ == "__main__":
    main()
