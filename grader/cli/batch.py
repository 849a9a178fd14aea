"""JSON Lines in, JSON Lines out: one line out for each line in, in the same order, whatever it holds."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator
from typing import Any, BinaryIO

from grader.errors import GraderError
from grader.pairs import judge, pair_from_json

MAX_LINE = 1_000_000  # bytes; a pair of the longest texts that are read takes a hundredth of it
CHUNK = 65_536

LOG = logging.getLogger(__name__)


def lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines without their ends; None for one that is too long, which is read past and not kept."""
    while line := stream.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(CHUNK)) and not rest.endswith(b"\n"):
                pass
            yield None
        else:
            yield line.removesuffix(b"\n").removesuffix(b"\r")


def judge_line(line: bytes | None, number: int, *, prove: bool = False) -> str:
    """The line out: a verdict, or what is wrong with the line in."""
    given: Any = None
    try:
        given = _parse(line)
        return _write(judge(pair_from_json(given), prove=prove).to_json())
    except GraderError as error:
        return _error_line(given, number, str(error))
    except Exception:
        # The outer edge of one line: a defect in judging it must not cost the lines after it.
        identifier = uuid.uuid4().hex[:12]
        LOG.exception("defect %s while judging line %s", identifier, number)
        return _error_line(given, number, f"A defect of grader, logged as {identifier}.")


def lost_line(line: bytes | None, number: int, reason: str) -> str:
    """The line out for a line whose judging had to be given up."""
    try:
        given = _parse(line)
    except GraderError:
        given = None
    return _error_line(given, number, reason)


class Unparsable(GraderError):
    """A line that is no JSON object."""


def _parse(line: bytes | None) -> dict[str, Any]:
    """The JSON object of a line."""
    if line is None:
        raise Unparsable(f"The line is longer than {MAX_LINE} bytes.")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unparsable(f"Byte {error.start + 1} of the line is not UTF-8.") from None
    if not text.strip():
        raise Unparsable("The line is empty.")
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unparsable(f"The line is not JSON: {error.msg} at character {error.pos + 1}.") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, thousands of brackets
        raise Unparsable("The line holds a number too long or brackets too deep to read.") from None
    if not isinstance(given, dict):
        raise Unparsable("The line must be a JSON object, {…}.")
    return given


def _error_line(given: Any, number: int, message: str) -> str:
    """A line out that says what is wrong; its `id` is the one given, where one was."""
    identifier = given.get("id") if isinstance(given, dict) else None
    if not isinstance(identifier, str | int):
        identifier = None
    return _write({"id": identifier, "line": number, "error": message})


def _write(value: dict[str, Any]) -> str:
    """One line of JSON; ASCII, so that no character in it can be taken for the end of a line."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False)
