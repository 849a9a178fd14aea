"""`grader check`: one pair judged in words, or a file of pairs as JSON Lines."""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import fields
from typing import Any, BinaryIO

import click

from grader.answers import tolerance
from grader.answers.base import READERS
from grader.checking.domain import parse_declaration
from grader.checking.verdict import Outcome, Unreadable
from grader.cli.batch import judge_line, lines
from grader.cli.pool import judge_all
from grader.errors import AnswerError, InvalidRequest
from grader.pairs import Judgement, judge, pair_from_json

NOTATIONS = tuple(READERS)
TOLERANCES = tuple(field.name for field in fields(tolerance.Tolerance))
WHOLE_TOLERANCES = ("significant_figures", "decimal_places")
COLOURS: dict[str, str] = {
    Outcome.EQUAL: "green",
    Outcome.DIFFERENT: "red",
}  # the others are yellow: nobody is wrong yet
LINE_WIDTH = 100  # a longer response would be broken, and the mark under it with it
EXIT_CODES: dict[str, int] = {
    Outcome.EQUAL: 0,
    Outcome.DIFFERENT: 1,
    Outcome.INVALID: 3,
    Outcome.UNDECIDED: 4,
    Outcome.AMBIGUOUS: 5,
    Outcome.WRONG_FORM: 6,
}


class Declaration(click.ParamType[tuple[str, Any]]):
    """`x`, `x in (0, oo)` or `n integer`: a variable and where it lives."""

    name = "declaration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Any]:
        """The name and its domain as JSON."""
        try:
            return parse_declaration(value)
        except (AnswerError, InvalidRequest) as error:
            self.fail(str(error), param, ctx)


class Tolerance(click.ParamType[dict[str, Any]]):
    """`absolute=0.01`, `relative=0.001`, `significant_figures=3` or `decimal_places=2`."""

    name = "kind=number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """The tolerance as JSON."""
        kind, _, number = str(value).partition("=")
        if kind not in TOLERANCES:
            self.fail(f"{kind!r} is no kind of tolerance; write one of {', '.join(TOLERANCES)}, as in absolute=0.01.")
        try:
            return {kind: int(number) if kind in WHOLE_TOLERANCES else float(number)}
        except ValueError:
            self.fail(f"{number!r} is not a number for {kind}.", param, ctx)


class Task(click.ParamType[dict[str, Any]]):
    """`{"derivative": "x^2*sin(x)", "by": "x"}`: JSON that stands in place of an answer."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """The task as JSON data."""
        try:
            task = json.loads(str(value))
        except (ValueError, RecursionError):
            self.fail('This is no JSON; write it like {"derivative": "x^2", "by": "x"}.', param, ctx)
        if not isinstance(task, dict):
            self.fail("A task is a JSON object, {…}.", param, ctx)
        return task


# Responses such as "-x^2" begin with a minus, so unknown options are taken for texts
# and this command has no options of one letter, which could occur in such a text.
@click.command(context_settings={"ignore_unknown_options": True, "max_content_width": 100})
@click.argument("response", required=False)
@click.argument("answer", required=False)
@click.option("--var", "declarations", type=Declaration(), multiple=True, help="Declare a variable (repeat).")
@click.option("--type", "kind", help="The kind of answer, such as matrix; an expression unless said.")
@click.option("--task", type=Task(), help='What the answer is derived from: {"derivative": "x^2", "by": "x"}.')
@click.option("--notation", type=click.Choice(NOTATIONS), default="text", show_default=True, help="Of RESPONSE.")
@click.option("--answer-notation", type=click.Choice(NOTATIONS), default="text", show_default=True, help="Of ANSWER.")
@click.option("--tolerance", type=Tolerance(), help="How near is right, such as absolute=0.01.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 different, 3 invalid, 4 undecided, 5 ambiguous, 6 form.")
@click.option("--batch", type=click.File("rb"), help="Judge a file of JSON Lines; - is standard input.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes for --batch.")
@click.option("--prove", is_flag=True, help="Wait for slow proofs instead of resting on agreement.")
def check(  # one argument for each option
    response: str | None,
    answer: str | None,
    declarations: tuple[tuple[str, Any], ...],
    batch: BinaryIO | None,
    **options: Any,
) -> None:
    """Say whether RESPONSE equals ANSWER, and on what evidence.

    \b
    Texts are written as students write them:
      grader check "12x^2 - 5" "12*x**2 - 5"
      grader check "2 ln x" "ln(x^2)"                        different: ln(x^2) lives on x < 0 too
      grader check "2 ln x" "ln(x^2)" --var "x in (0, oo)"   equal
      grader check "[[2x, 0], [0, 2y]]" "[2x 0; 0 2y]" --type matrix
      grader check "0.333" "1/3" --type number --tolerance absolute=0.001
      grader check "2x cos(x)" --task '{"derivative": "x^2 sin(x)", "by": "x"}'     names the mistake
      grader check '\\frac{x}{2}' "x/2" --notation latex

    Without any --var, whatever names occur are real variables; with one, no other name is allowed.
    With RESPONSE alone the command shows how it is read.

    \b
    A file of pairs, one JSON object a line, gives one line out for each line in:
      grader check --batch pairs.jsonl --jobs 4 > verdicts.jsonl
      echo '{"id": "1", "response": "2x", "answer": "x+x"}' | grader check --batch -
    """
    if batch is not None:
        if response is not None:
            message = "Give either --batch FILE or a RESPONSE and an ANSWER."
            raise click.UsageError(message)
        _judge_batch(batch, options["jobs"], prove=options["prove"])
        return
    if response is None:
        message = "What is to be checked? Give a RESPONSE and an ANSWER, or --batch FILE."
        raise click.UsageError(message)
    judgement = _judge_one(response, answer, declarations, options)
    if options["as_json"]:
        click.echo(json.dumps(judgement.to_json(), ensure_ascii=False))
    else:
        click.echo(_words(judgement, response))
    if options["exit_code"]:
        sys.exit(EXIT_CODES.get(judgement.outcome, 0))


def _judge_batch(batch: BinaryIO, jobs: int, *, prove: bool) -> None:
    """Print one line for each line of the file, as soon as it is there."""
    gc.freeze()  # what is loaded by now stays loaded: no collection needs to look at it again
    if jobs > 1:
        for judged in judge_all(lines(batch), jobs, prove=prove):
            click.echo(judged)
        return
    for number, line in enumerate(lines(batch), start=1):
        click.echo(judge_line(line, number, prove=prove))


def _judge_one(
    response: str, answer: str | None, declarations: tuple[tuple[str, Any], ...], options: dict[str, Any]
) -> Judgement:
    """The judgement on one pair, by the same road as a line of a batch."""
    given: dict[str, Any] = {
        "id": "1",
        "response": response,
        "answer": answer,
        "type": options["kind"],
        "task": options["task"],
    }
    if declarations:
        given["variables"] = _variables(declarations)
    given |= {name: options[name] for name in ("notation", "answer_notation")}
    if options["tolerance"] is not None:
        given["tolerance"] = options["tolerance"]
    return judge(pair_from_json(given), prove=options["prove"])


def _variables(declarations: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """The declarations together; two of one name would contradict each other unnoticed."""
    variables = dict(declarations)
    if len(variables) < len(declarations):
        names = [name for name, _ in declarations]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"{twice} is declared twice."
        raise click.UsageError(message)
    return variables


def _words(judgement: Judgement, response: str) -> str:
    """The verdict for a person: the outcome, why, and where in the response."""
    outcome = judgement.outcome
    said = [click.style(str(outcome), fg=COLOURS.get(outcome, "yellow"), bold=True)]
    evidence = judgement.evidence
    if isinstance(evidence, Unreadable) and response.isprintable() and len(response) <= LINE_WIDTH:
        said += [f"  {response}", "  " + " " * evidence.start + "^" * max(1, evidence.end - evidence.start)]
    if judgement.message:
        said.append(f"  {judgement.message}")
    if judgement.read_as and judgement.read_as != response:
        said.append(click.style(f"  Read as {judgement.read_as}", dim=True))
    return "\n".join(said)
