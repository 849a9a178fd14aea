"""`grader check --batch`: one line out for each line in, whatever it holds."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli.batch import MAX_LINE, judge_line, lines

GOOD = b'{"id": "a", "response": "2x", "answer": "x + x"}'
PROGRAM = [sys.executable, "-c", "from grader.cli import main; main()", "check", "--batch"]

# Line in -> the words that its error line must hold.
BROKEN = {
    "empty": (b"", "empty"),
    "spaces": (b"   ", "empty"),
    "no JSON": (b"response=2x", "not JSON"),
    "half an object": (b'{"id": "1", "response": "2x"', "not JSON"),
    "a list": (b"[1, 2]", "object"),
    "a number": (b"7", "object"),
    "null": (b"null", "object"),
    "not UTF-8": (b'{"id": "1", "response": "\xff\xfe"}', "Byte 26"),
    "UTF-16": ('{"id": "1"}'.encode("utf-16"), "UTF-8"),
    "zero bytes": (b"\x00\x00", "not JSON"),
    "thousands of brackets": (b"[" * 100_000, "too deep"),
    "thousands of nested objects": (b'{"a":' * 100_000, "too deep"),
    "thousands of digits": (b'{"id": ' + b"9" * 5000 + b"}", "too long"),
    "no response": (b'{"id": "1", "answer": "x"}', "response"),
    "response of the wrong kind": (b'{"id": "1", "response": 3, "answer": "x"}', "response"),
    "unknown type": (b'{"id": "1", "response": "x", "answer": "x", "type": "poem"}', "type"),
    "variables of the wrong kind": (b'{"id": "1", "response": "x", "answer": "x", "variables": 3}', "variables"),
    "unreadable answer": (b'{"id": "1", "response": "x", "answer": "(("}', "answer"),
}


def run(given: bytes, *options: str) -> list[dict[str, object]]:
    done = subprocess.run([*PROGRAM, "-", *options], input=given, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.decode("ascii").splitlines()]


@pytest.mark.parametrize(("line", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_line_says_what_is_wrong(line: bytes, words: str) -> None:
    out = json.loads(judge_line(line, 7))
    assert out["line"] == 7
    assert words in out["error"]
    assert set(out) == {"id", "line", "error"}


def test_an_error_line_keeps_the_id() -> None:
    assert json.loads(judge_line(b'{"id": "q9", "response": "x", "type": "poem"}', 1))["id"] == "q9"
    assert json.loads(judge_line(b'{"id": {"a": 1}, "response": "x"}', 1))["id"] is None


def test_a_line_that_is_too_long_is_read_past() -> None:
    long = b'{"response": "' + b"x" * MAX_LINE + b'"}'
    assert list(lines(io.BytesIO(GOOD + b"\n" + long + b"\n" + GOOD))) == [GOOD, None, GOOD]
    assert "longer than" in json.loads(judge_line(None, 2))["error"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (b"", []),
        (b"a", [b"a"]),
        (b"a\n", [b"a"]),
        (b"a\n\nb\r\n", [b"a", b"", b"b"]),
        ("a\u2028b\x85c\x0bd\n".encode(), ["a\u2028b\x85c\x0bd".encode()]),
        (b"x" * MAX_LINE + b"\nb", [b"x" * MAX_LINE, b"b"]),
        (b"x" * (MAX_LINE + 1), [None]),
    ],
    ids=[
        "nothing",
        "no end",
        "one",
        "empty line and CRLF",
        "only newlines end a line",
        "longest",
        "too long at the end",
    ],
)
def test_lines_end_at_newlines_only(text: bytes, parts: list[bytes | None]) -> None:
    assert list(lines(io.BytesIO(text))) == parts


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_order_and_number_of_lines_are_kept(jobs: str) -> None:
    broken = [line for line, _ in BROKEN.values()]
    given, wanted = [], []
    for number in range(60):
        given += [
            f'{{"id": "n{number}", "response": "{number}x", "answer": "6x"}}'.encode(),
            broken[number % len(broken)],
        ]
        wanted.append((f"n{number}", "equal" if number == 6 else "different"))
    out = run(b"\n".join(given) + b"\n", "--jobs", jobs)
    assert len(out) == len(given)
    assert [(one["id"], one["outcome"]) for one in out[::2]] == wanted
    assert [one["line"] for one in out[1::2]] == list(range(2, len(given) + 1, 2))
    assert all(one["error"] for one in out[1::2])


def test_a_file_is_read_like_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD + b"\n" + GOOD)
    done = subprocess.run([*PROGRAM, str(file)], capture_output=True, check=True)
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["equal", "equal"]


def test_each_line_is_answered_before_the_next_is_given() -> None:
    with subprocess.Popen([*PROGRAM, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for number in range(3):
            program.stdin.write(b'{"id": "%d", "response": "x"}\n' % number)
            program.stdin.flush()
            assert json.loads(program.stdout.readline())["id"] == str(number)
        program.stdin.close()
        assert program.wait(timeout=30) == 0


def test_a_reader_that_goes_away_is_no_defect() -> None:
    many = (GOOD + b"\n") * 2000
    with subprocess.Popen(
        [*PROGRAM, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdin.write(many[: 60 * (len(GOOD) + 1)])
        program.stdin.flush()
        program.stdout.readline()
        program.stdout.close()
        try:
            program.stdin.write(many)
            program.stdin.close()
        except BrokenPipeError:
            pass
        assert b"defect" not in program.stderr.read()
        program.wait(timeout=30)


def test_fields_of_one_s_own_are_left_alone() -> None:
    out = json.loads(judge_line(b'{"id": "1", "response": "2x", "answer": "x+x", "expect": "equal"}', 1))
    assert out["outcome"] == "equal"
    assert set(out) >= {"id", "outcome", "evidence", "message", "read_as", "elapsed_ms"}


def test_a_surrogate_comes_back_as_one_line_of_ascii() -> None:
    out = judge_line(b'{"id": "\\ud800", "response": "\\ud800", "answer": "x"}', 1)
    assert out.isascii()
    assert json.loads(out)["id"] == "\ud800"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_prove_waits_for_slow_proofs(jobs: str) -> None:
    pairs = [("x cos(2pi/5)", "x (sqrt(5) - 1)/4"), ("floor(floor(x))", "floor(x)"), ("2x", "3x")]
    given = "\n".join(json.dumps({"response": response, "answer": answer}) for response, answer in pairs).encode()
    evidence = [[line["evidence"] for line in run(given, "--jobs", jobs, *options)] for options in ((), ("--prove",))]
    assert evidence == [["agreement", "agreement", "counterexample"], ["proved", "proved", "counterexample"]]
