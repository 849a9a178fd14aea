"""The log: JSON lines with the request they belong to, and nothing that lets somebody in."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from grader import logs

LOG = logging.getLogger("grader.somewhere")

pytestmark = pytest.mark.usefixtures("logging_as_before")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.contextvars.clear_contextvars()


def test_one_object_a_line_with_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", for_person=False)
    structlog.contextvars.bind_contextvars(request_id="abc")
    LOG.debug("not shown")
    LOG.info("submission %d is judged", 7, extra={"route": "/x", "status": 200})
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        LOG.exception("a defect")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first.pop("timestamp")
    assert first == {
        "event": "submission 7 is judged",
        "level": "info",
        "logger": "grader.somewhere",
        "request_id": "abc",
        "route": "/x",
        "status": 200,
    }
    assert "ZeroDivisionError" in second["exception"]


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("no answer from postgresql://grader:hunter22@host/name", "hunter22"),
        ("no answer from redis://:hunter22@host/0", "hunter22"),
        ("sent Authorization: Bearer hunter22hunter22", "hunter22"),
        ("GET /x?token=hunter22&y=1", "hunter22"),
    ],
)
def test_secrets_are_hidden(capsys: pytest.CaptureFixture[str], line: str, secret: str) -> None:
    logs.configure("info", for_person=False)
    LOG.warning(line)
    try:
        raise ConnectionError(line)
    except ConnectionError:
        LOG.exception("it failed")
    structlog.contextvars.bind_contextvars(api_key=secret, client_secret=secret)
    LOG.warning("with fields")
    printed = capsys.readouterr().err
    assert printed.count("\n") == 3
    assert secret not in printed
