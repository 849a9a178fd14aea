"""docs/api.md: everything on it runs, against a server with the demo course, and answers as it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from grader.bank.loading import Bank
from grader.config import Config
from grader.services.access import SCOPES
from grader.services.demo import create_demo
from grader.services.problems import source_of
from grader.web.api import ROUTES
from grader.web.api.checks import MOST_PAIRS
from grader.web.api.limits import CHECKS
from grader.web.app import create_app, utc_now
from grader.webhooks.signing import headers, new_secret
from tests.api.conftest import grade_here, judge_here

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"
MARK = "--- end of block ---"
ANYTHING = "…"
BLOCKS = re.findall(r"^```(sh|json|python)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def address(config: Config, sessions: sessionmaker[Session], bank: Bank) -> Iterator[str]:
    """Where a server with the demo course answers."""
    with sessions() as session:
        create_demo(session, utc_now, [source_of(one) for one in bank.problems.values()])
    app = create_app(config, sessions, bank, grade_here, utc_now, judge_here)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def script() -> str:
    """All commands of the page as one program, so that what one sets the next ones have."""
    lines = ["set -eu"]
    for kind, text in BLOCKS:
        if kind == "python":
            lines.append(f"python3 - <<'END'\n{text}END\n")
        if kind != "json":
            lines.append(f"{text if kind == 'sh' else ''}\necho; echo '{MARK}'")
    return "\n".join(lines)


def expected() -> list[Any]:
    """What the page says about the output of each command; None: nothing."""
    kinds = [kind for kind, _ in BLOCKS] + [""]
    return [
        json.loads(BLOCKS[place + 1][1]) if kinds[place + 1] == "json" else None
        for place, (kind, _) in enumerate(BLOCKS)
        if kind != "json"
    ]


def fits(said: Any, seen: Any) -> bool:
    """Whether all that is said is so; more may be there."""
    if said == ANYTHING:
        return seen is not None
    if isinstance(said, dict) and isinstance(seen, dict):
        return all(name in seen and fits(value, seen[name]) for name, value in said.items())
    if isinstance(said, list) and isinstance(seen, list):
        return len(said) == len(seen) and all(map(fits, said, seen))
    return bool(said == seen)


def test_the_tour(address: str, config: Config) -> None:
    bash = shutil.which("bash")
    assert bash
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GRADER_DATABASE_URL": config.database_url,
        "GRADER_SECRET_KEY": config.secret_key,
    }
    done = subprocess.run(
        [bash, "-c", script().replace(ADDRESS, address)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    outputs = [one.strip() for one in done.stdout.split(MARK)[:-1]]
    said = expected()
    assert len(outputs) == len(said)
    for words, output in zip(said, outputs, strict=True):
        if words is not None:
            assert fits(words, json.loads(output)), output
    assert outputs[-1] == "6 of 6"


def test_the_page_names_what_there_is() -> None:
    for scope, meaning in SCOPES.items():
        assert f"| `{scope}` | {meaning} |" in PAGE
    for route in ROUTES:
        path = re.sub(r"<[^:]+:(\w+)>", r"{\1}", route.path)
        assert f"| `{route.method} {path}` | {route.summary} | `{route.scope}` |" in PAGE
    assert f"up to {MOST_PAIRS} pairs" in PAGE
    assert f"Up to {CHECKS.amount} pairs a minute" in PAGE


def test_the_page_verifies_what_is_sent() -> None:
    """With one secret and with two; what was changed, is old or has another secret is refused."""
    (code,) = [text for kind, text in BLOCKS if kind == "python" and "def is_genuine" in text]
    names: dict[str, Any] = {}
    exec(code, names)
    old, new, other, body = new_secret(), new_secret(), new_secret(), b'{"type": "grade.changed"}'
    sent = headers("msg_1", utc_now(), body, [new, old])
    assert [names["is_genuine"](secret, sent, body) for secret in (old, new, other)] == [True, True, False]
    assert not names["is_genuine"](new, sent, body + b" ")
    assert not names["is_genuine"](new, headers("msg_1", utc_now() - timedelta(minutes=6), body, [new]), body)
