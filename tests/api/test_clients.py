"""Clients that others' generators make from docs/openapi.json lead a whole course at the real server."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from tests import servers
from tests.api.live import ROOT, new_database, serving, token_of_the_demo
from tests.webhooks.receiver import Receiver, receiving

HERE = Path(__file__).parent / "clients"
BIN = ROOT / ".venv-clients" / "bin"
DOCUMENT = ROOT / "docs" / "openapi.json"
PATIENCE = 300
GENERATORS = {
    "openapi_python_client": ["openapi-python-client", "generate", "--meta", "none", "--output-path", "made", "--path"],
    "openapi_generator": [
        *("openapi-generator-cli", "generate", "-g", "python", "--additional-properties", "packageName=made"),
        *("--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false", "-o", ".", "-i"),
    ],
}


def document_for(generator: str, home: Path) -> str:
    """The description; openapi-generator writes no types for the section `webhooks`, so it gets the routes alone."""
    described = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    if generator == "openapi_generator":
        del described["webhooks"]
    file = home / "openapi.json"
    file.write_text(json.dumps(described), encoding="utf-8")
    return str(file)


def run(command: list[str], home: Path) -> str:
    environment = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(home)}
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[str, str, Receiver]]:
    """The API, a token, and somebody who listens to webhooks."""
    if not (BIN / "python").exists():
        servers.missing("clients", "run `make clients` to install the generators")
    with new_database() as url, receiving() as receiver:
        token = token_of_the_demo(url)
        with serving(url, GRADER_WEBHOOK_PRIVATE_TARGETS="yes") as address:
            yield address, token, receiver


@pytest.mark.live
@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.parametrize("generator", GENERATORS)
def test_a_generated_client_leads_a_course(generator: str, place: tuple[str, str, Receiver], tmp_path: Path) -> None:
    address, token, receiver = place
    run([*GENERATORS[generator], document_for(generator, tmp_path)], tmp_path)
    story = HERE / f"course_by_{generator}.py"
    said: dict[str, Any] = json.loads(
        run(["python", str(story), str(tmp_path), address, token, receiver.url], tmp_path)
    )
    secret = said.pop("secret")
    assert said == {
        "same": True,
        "tries": [5, 9],
        "refused": 412,
        "score": [6, 6],
        "state": "judged",
        "mark": [1, "Ines Instructor"],
        "regrade": "applied",
        "points": 4,
        "deliveries": 3,
    }
    assert any(is_signed(secret, body, headers) for body, headers in receiver.requests)


def is_signed(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        return bool(Verifier(secret).verify(body, headers))
    except WebhookVerificationError:
        return False
