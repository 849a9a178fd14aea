"""`grader doctor`: every fault that it knows is planted once and found, with its repair."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from grader.cli import cli, examining_database, examining_machine
from grader.cli.examining_database import database_checks, reached
from grader.cli.findings import FAULT, Ailment
from grader.cli.installation import Installation
from grader.config import Config, load_config
from grader.isolation import Isolation, Limits
from grader.services import attempts
from grader.services.sealing import sealed
from grader.store.database import writing
from grader.store.jobs import Job
from grader.store.lti_platforms import LtiOwnKey
from grader.store.submissions import MAX_CLAIMS, Submission
from grader.store.webhooks import DELETED, Webhook, WebhookDelivery
from grader.web.assets import Assets
from tests.factories import Scene, SteadyClock
from tests.servers import free_port

SECRET = "b5e1f0a97c3d42688a4b6c5d7e8f9012"
OTHER = "29f1c6e7a8b04d5d9c3e2f1a0b7c8d6e"


def config(url: str, **given: str) -> Config:
    named = {f"GRADER_{name.upper()}": value for name, value in given.items()}
    return load_config({"GRADER_DATABASE_URL": url, "GRADER_SECRET_KEY": SECRET} | named)


def told(found: Iterable[Ailment]) -> list[str]:
    kept = list(found)
    assert all(ailment.repair.endswith(".") and ailment.message.endswith(".") for ailment in kept)
    return [f"{ailment.severity} {ailment.message}" for ailment in kept]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/grader.sqlite3"


@pytest.mark.parametrize("key", ["s" * 40, "change-me-change-me-change-me-9374", "0123456789" * 4])
def test_a_weak_secret_key(url: str, key: str) -> None:
    assert "can be guessed" in told(examining_machine.secret_key(config(url, secret_key=key)))[0]
    assert told(examining_machine.secret_key(config(url))) == []


def test_sqlite_with_workers_elsewhere(url: str) -> None:
    assert "SQLite" in told(examining_machine.one_machine(config(url, broker_url="redis://host")))[0]
    shared = config("postgresql://host/name", broker_url="redis://host")
    assert told(examining_machine.one_machine(shared)) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, []),
        ({"host": "0.0.0.0"}, ["warning GRADER_PUBLIC_URL is not set"]),
        ({"public_url": "http://grader.example.org"}, ["fault GRADER_PUBLIC_URL is not https"]),
        ({"public_url": "http://127.0.0.1:8000"}, []),
        ({"public_url": "https://g.example.org", "proxies": "1"}, ["fault GRADER_COOKIE_SECURE is no although"]),
        ({"public_url": "https://g.example.org", "cookie_secure": "yes"}, ["fault GRADER_PROXIES is 0"]),
        ({"public_url": "https://g.example.org", "cookie_secure": "yes", "proxies": "1"}, []),
        ({"proxies": "1"}, ["warning GRADER_COOKIE_SECURE is no behind"]),
    ],
)
def test_what_crosses_a_network_in_the_clear(url: str, given: dict[str, str], words: list[str]) -> None:
    found = told(examining_machine.https(config(url, **given)))
    assert len(found) == len(words)
    assert all(each.startswith(begin) for each, begin in zip(found, words, strict=True)), found


def test_a_disk_that_is_full_or_closed(tmp_path: Path) -> None:
    assert told(examining_machine.disk(tmp_path / "missing"))[0].startswith("fault Nothing can be written")
    size = 10**12
    assert told(examining_machine.free_space(tmp_path, size, 10**8))[0].startswith("fault 95 MiB")
    assert told(examining_machine.free_space(tmp_path, size, size // 20))[0].startswith("warning")
    assert told(examining_machine.free_space(tmp_path, size, size // 5)) == []


def test_files_that_are_missing(url: str, tmp_path: Path) -> None:
    assert "does not know time zones" in told(examining_machine.time_zones("Nowhere/Atlantis"))[0]
    assert told(examining_machine.time_zones(examining_machine.ZONE)) == []
    found = told(examining_machine.browser_files(Assets({}, {})))
    assert [each.split()[0] for each in found] == ["fault", "warning"]
    assert told(examining_machine.browser_files(Assets({"style.css": "1"}, {"main": "x.js"}))) == []
    (tmp_path / "bad.yaml").write_text("id: [", encoding="utf-8")
    found = told(examining_machine.problems(config(url, problems=str(tmp_path))))
    assert found[0].startswith("fault There are no problems")
    assert "bad.yaml:1" in found[1]


def test_a_broker_that_does_not_answer() -> None:
    port = free_port()
    address = f"redis://127.0.0.1:{port}/0"
    assert f"127.0.0.1:{port} does not answer" in told(examining_machine.broker(address))[0]
    with socket.create_server(("127.0.0.1", port)):
        assert told(examining_machine.broker(address)) == []
    assert told(examining_machine.broker("")) == []


def test_judging_that_does_not_work_or_has_no_limits() -> None:
    assert told(examining_machine.judge(Limits(mebibytes=300))) == []
    found = told(examining_machine.judging(Isolation()))  # not started
    assert "Judging does not work" in found[0]


def test_a_database_that_cannot_be_used(tmp_path: Path, database_url: str, database_kind: str) -> None:
    closed = reached(config(f"postgresql://nobody@127.0.0.1:{free_port()}/none"))
    assert isinstance(closed, Ailment)
    assert "does not answer" in closed.message
    if database_kind == "sqlite":
        (tmp_path / "broken.sqlite3").write_bytes(b"no database" * 1000)
        broken = reached(config(f"sqlite:///{tmp_path}/broken.sqlite3"))
        assert isinstance(broken, Ailment)
        bare = reached(config(f"sqlite:///{tmp_path}/bare.sqlite3"))
        assert isinstance(bare, Ailment)
        assert "grader db upgrade" in bare.repair
    found = reached(config(database_url))
    assert isinstance(found, Installation)
    with found.engine.begin() as connection:
        before = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    found.engine.dispose()
    newer = reached(config(database_url))
    assert isinstance(newer, Ailment)
    assert "newer version" in newer.message
    with Installation(config(database_url), found.engine, found.sessions).engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})
    found.engine.dispose()


def test_what_waits_for_too_long(
    database_url: str, session: Session, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    installation = Installation(config(database_url), session.get_bind(), sessions)  # type: ignore[arg-type]

    def found() -> list[str]:
        return told(ailment for check in database_checks(installation, now)[1:] for ailment in check.look())

    now = clock()
    assert found() == []
    scene = Scene(session, clock)
    ada = scene.add_person()
    attempt = scene.open(ada)
    clock.advance(hours=1)
    begun, now = clock.now, clock.now + timedelta(minutes=30)
    common = {"responses": {}, "submitted_by": ada.user_id, "created": begun, "state": "stored", "counted": False}
    with writing(session):
        for number, claims in ((1, 0), (2, MAX_CLAIMS)):
            row = Submission(attempt_id=attempt.id, number=number, claims=claims, claimed_until=begun, **common)
            session.add(row)
        for state in ("waiting", "dead"):
            session.add(Job(kind="x", payload={}, state=state, due=begun, taken=0, created=begun))
        hook = Webhook(course_id=scene.course_id, author_id=scene.teacher.user_id, url="https://x.example", kinds=[])
        hook.secret, hook.reason, hook.created, hook.disabled = "", "the receiver answered 410 Gone", begun, begun
        deleted = Webhook(course_id=hook.course_id, author_id=hook.author_id, url=hook.url, kinds=[], secret="")
        deleted.reason, deleted.created, deleted.disabled = DELETED, begun, begun  # that is no fault
        session.add_all([hook, deleted])
        session.flush()
        waiting = WebhookDelivery(webhook_id=hook.id, message_id="m", kind="x", body="", state="waiting", tries=0)
        waiting.due, waiting.status, waiting.reason, waiting.created = begun, 0, "", begun
        session.add(waiting)
        session.add(LtiOwnKey(kid="k", sealed=sealed("pem", OTHER), created=now - timedelta(days=500)))
    said = found()
    for begin in (
        "fault 1 submissions wait for the judge, the first one for 30 minutes",
        "fault 1 submissions were begun again and again",
        "warning 1 jobs failed",
        "fault 3 jobs are overdue",  # with those that make variants
        "fault 1 webhook messages are overdue",
        f"warning Nothing is sent to webhook {hook.id} any more: the receiver answered 410 Gone",
        "fault Our own key for learning platforms cannot be read",
        "warning Our own key for learning platforms is older",
    ):
        assert any(each.startswith(begin) for each in said), (begin, said)
    assert len(said) == 8
    assert attempts.attempt(session, clock, ada, attempt.id).id == attempt.id  # nothing was changed


def test_clocks_that_differ(database_url: str, session: Session, sessions: sessionmaker[Session]) -> None:
    installation = Installation(config(database_url), session.get_bind(), sessions)  # type: ignore[arg-type]
    now = datetime.now(UTC)
    assert told(examining_database.clock(installation, now)) == []
    later = told(examining_database.clock(installation, now + timedelta(hours=1)))
    assert bool(later) is ("postgresql" in database_url)


def test_the_command(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "grader.sqlite3")
    problem = next((Path(__file__).parents[2] / "problems" / "derivatives").glob("*.yaml"))
    shutil.copy(problem, tmp_path / "one.yaml")
    given = {
        "GRADER_DATABASE_URL": f"sqlite:///{tmp_path}/grader.sqlite3",
        "GRADER_PROBLEMS": str(tmp_path),
        "GRADER_SECRET_KEY": "",
    }
    done = CliRunner(env=given).invoke(cli, ["doctor"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert FAULT not in done.output.replace("0 faults", "")
    done = CliRunner(env=given | {"GRADER_PORT": "many"}).invoke(cli, ["doctor", "--json"], catch_exceptions=False)
    (found,) = json.loads(done.output)
    assert (done.exit_code, found["check"], "GRADER_PORT" in found["message"]) == (1, "settings", True)
