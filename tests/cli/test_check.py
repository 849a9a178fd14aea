"""`grader check`: one pair, in words or as JSON."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["check", *arguments], catch_exceptions=False)


OUTCOMES = [
    (("12x^2 - 5", "12*x**2 - 5"), "equal"),
    (("-x^2", "-(x*x)"), "equal"),
    (("-x", "x"), "different"),
    (("--x", "x"), "equal"),
    (("x +", "x"), "invalid"),
    (("y", "x", "--var", "x"), "invalid"),
    (("2 ln x", "ln(x^2)"), "different"),
    (("2 ln x", "ln(x^2)", "--var", "x in (0, oo)"), "equal"),
    (("(-1)^(2n)", "1", "--var", "n integer"), "equal"),
    (("[[2x, 0], [0, 2y]]", "[2x 0; 0 2y]", "--type", "matrix"), "equal"),
    (("0.333", "1/3", "--type", "number", "--tolerance", "absolute=0.001"), "equal"),
    ((r"\frac{x}{2}", "x/2", "--notation", "latex"), "equal"),
    (("2x", r"x \cdot 2", "--answer-notation", "latex"), "equal"),
    ((r"\frac{x}{2", "x/2", "--notation", "latex"), "invalid"),
    (("0.33", "1/3", "--type", "number", "--tolerance", "significant_figures=3"), "different"),
]
CODES = {"equal": 0, "different": 1, "invalid": 3, "undecided": 4, "ambiguous": 5, "wrong-form": 6}


@pytest.mark.parametrize(("arguments", "outcome"), OUTCOMES)
def test_the_outcome_comes_first(arguments: tuple[str, ...], outcome: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == outcome


@pytest.mark.parametrize(("arguments", "outcome"), OUTCOMES)
def test_exit_code_tells_the_outcome_when_asked(arguments: tuple[str, ...], outcome: str) -> None:
    assert run(*arguments, "--exit-code").exit_code == CODES[outcome]


def test_json_is_one_object() -> None:
    out = json.loads(run("2x", "x*2", "--json").stdout)
    assert (out["outcome"], out["evidence"]) == ("equal", "proved")
    assert set(out) == {"id", "outcome", "evidence", "message", "read_as", "elapsed_ms"}


def test_the_fault_is_marked_under_the_response() -> None:
    lines = run("2x + y", "2x", "--var", "x").stdout.splitlines()
    assert lines[1] == "  2x + y"
    assert lines[2] == "       ^"


def test_a_response_alone_is_read() -> None:
    assert run("2x sin x").stdout.splitlines()[0] == "read"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "RESPONSE and an ANSWER"),
        (("x", "x", "--var", "x in nowhere"), "interval"),
        (("x", "x", "--var", "x", "--var", "x in (0, 1)"), "declared twice"),
        (("x", "x", "--tolerance", "near=3"), "no kind of tolerance"),
        (("x", "x", "--tolerance", "absolute=much"), "not a number"),
        (("x", "x", "x"), "unexpected extra argument"),
        (("x", "x", "--batch", "-"), "either --batch"),
        (("--batch", "no-such-file.jsonl"), "No such file"),
    ],
)
def test_a_wrong_call_says_what_to_do(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
