"""`grader bank`: look at, check and try the problems of the bank."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from grader.bank.findings import Finding
from grader.bank.linting import LintReport, lint
from grader.bank.loading import load_bank
from grader.bank.measuring import measures_to_json
from grader.bank.variant import Variant, points_to_json, variant_to_json
from grader.bank.variants import make_variant
from grader.bank.wording import ENGLISH, LANGUAGES, say
from grader.cli import Entry, LazyGroup
from grader.cli.choosing import (
    as_json_option,
    bank_option,
    chosen_problems,
    configured_folders,
    existing,
    named_problem,
)
from grader.cli.printing import print_findings, print_json, progress
from grader.cli.sweep_files import measured, require_writable, write_report
from grader.errors import InvalidRequest
from grader.grading import Result, grade
from grader.sweep import ProblemSweep
from grader.sweep import sweep as sweep_problems

FOUND = 1

MORE: Mapping[str, Entry] = {
    "preview": Entry("grader.cli.bank_preview:preview_command", "Show a problem on a page while you write it."),
    "new": Entry("grader.cli.bank_new:new_command", "Write a new problem file, to change as you like."),
    "diff": Entry("grader.cli.bank_diff:diff_command", "Compare two states of problems."),
    "export": Entry(
        "grader.cli.bank_export:export_command", "Write problems, or variants for other systems, into a file."
    ),
    "import": Entry("grader.cli.bank_import:import_command", "Take the problems of a package."),
    "schema": Entry("grader.cli.bank_schema:schema_command", "Print the JSON Schema of problem files."),
}
"""Commands of this group that stand in modules of their own, loaded when they are asked for."""


@click.group(cls=LazyGroup, table=MORE)
def bank() -> None:
    """Look at, check and try the problems of the bank.

    \b
      grader bank lint                              every fault as file:line:column
      grader bank sweep --seeds 200                 every problem over 200 seeds
      grader bank show jacobian-polynomial-map --seed 7
      grader bank grade derivative-polynomial --seed 7 --response derivative="12x^2 - 5"
    """


@bank.command("lint")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@as_json_option
def lint_command(paths: tuple[Path, ...], strict: bool, as_json: bool) -> None:
    """Report what is wrong with problem files, as file:line:column with the repair.

    PATH is a file or folder; without any, the whole bank. Three variants of each problem are made
    and their keys checked. Exits with 1 if anything must be mended.

    \b
      grader bank lint problems/jacobians
    """
    folders = existing(paths or configured_folders())
    with progress("Linting", None) as advance:
        beside = load_bank(path for path in configured_folders() if path.exists()) if paths else None
        report = lint(folders, grade, lambda _: advance(1), beside)
    if not report.bank.files:
        raise InvalidRequest(f"There is no .yaml file in {', '.join(map(str, folders))}.", "PATH")
    if as_json:
        print_json({"problems": len(report.bank.problems), "findings": [each.to_json() for each in report.findings]})
    else:
        print_findings(report.findings)
        click.echo(_lint_summary(report))
    if report.errors or (strict and report.findings):
        sys.exit(FOUND)


@bank.command("sweep")
@click.argument("ids", nargs=-1)
@click.option("--seeds", type=click.IntRange(1, 100_000), default=200, show_default=True, help="How many seeds.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@click.option(
    "--report", type=click.Path(path_type=Path), help="Write a page with plots of every problem to this file."
)
@bank_option
@as_json_option
def sweep_command(
    ids: tuple[str, ...], seeds: int, jobs: int, report: Path | None, folders: tuple[Path, ...], as_json: bool
) -> None:
    """Check problems over many seeds: keys, examples, and what a variant may do wrong.

    ID names problems, or files or folders of them; without any, all of the bank. Exits with 1 if
    anything must be mended. With --report also measures every variant, and plots which parameters
    were drawn, how long and large answers are, and how much work they take.

    \b
      grader bank sweep jacobian-polynomial-map --seeds 500
      grader bank sweep drafts/my-problem.yaml
      grader bank sweep --report sweep.html
    """
    require_writable(report)
    problems, errors = chosen_problems(ids, folders)
    broken = tuple(Finding.of(error, "file") for error in errors)
    with progress("Sweeping", len(problems) * seeds) as advance:
        sweeps = sweep_problems(problems, seeds, jobs, lambda _id, count: advance(count))
    is_clean = not broken and all(each.is_clean for each in sweeps)
    told = [each.to_json() for each in sweeps]
    if report is not None:
        with progress("Measuring", len(problems) * seeds) as advance:
            measures = measured(problems, seeds, jobs, advance)
        write_report(report, problems, sweeps, measures, broken, seeds)
        told = [{**each, "measures": measures_to_json(found)} for each, found in zip(told, measures, strict=True)]
    if as_json:
        files = [finding.to_json() for finding in broken]
        print_json({"clean": is_clean, "files": files, "problems": told})
    else:
        print_findings(broken)
        _print_sweeps(sweeps, broken)
    if not is_clean:
        sys.exit(FOUND)


@bank.command("show")
@click.argument("id")
@click.option("--seed", type=int, default=0, show_default=True, help="Which variant.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default=ENGLISH, help="Where it is translated.")
@bank_option
@as_json_option
def show_command(id: str, seed: int, language: str, folders: tuple[Path, ...], as_json: bool) -> None:
    """Print one variant: prompt, parts, answers, solution.

    ID names a problem, or the file of one.

    \b
      grader bank show jacobian-polynomial-map --seed 7
      grader bank show drafts/my-problem.yaml
    """
    variant = make_variant(named_problem(id, folders), seed, language=language)
    if as_json:
        print_json(variant_to_json(variant))
        return
    _print_variant(variant)


@bank.command("grade")
@click.argument("id")
@click.option("--seed", type=int, required=True, help="Which variant.")
@click.option("--response", "responses", multiple=True, metavar="PART=TEXT", help="The answer to a part (repeat).")
@bank_option
@as_json_option
def grade_command(id: str, seed: int, responses: tuple[str, ...], folders: tuple[Path, ...], as_json: bool) -> None:
    """Grade answers to one variant, without a database.

    ID names a problem, or the file of one.

    \b
      grader bank grade derivative-polynomial --seed 7 --response derivative="12x^2 - 5"
    """
    variant = make_variant(named_problem(id, folders), seed)
    result = grade(variant, _responses(responses))
    if as_json:
        print_json(result.to_json())
        return
    _print_result(result)


def _responses(given: tuple[str, ...]) -> dict[str, str]:
    responses: dict[str, str] = {}
    for text in given:
        part, equals, response = text.partition("=")
        if not equals or not part.strip():
            raise InvalidRequest(f"{text!r} is not of the form PART=TEXT.", "--response")
        responses[part.strip()] = response
    return responses


def _lint_summary(report: LintReport) -> str:
    count = report.bank.files
    problems = f"{count} problem{'s' * (count != 1)}"
    if not report.findings:
        return f"{problems}, nothing to mend."
    errors, warnings = len(report.errors), len(report.warnings)
    return f"{problems}, {errors} fault{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}."


def _print_sweeps(sweeps: tuple[ProblemSweep, ...], broken: tuple[Finding, ...]) -> None:
    for each in sweeps:
        mark = click.style("ok", fg="green") if each.is_clean else click.style("--", fg="red")
        click.echo(f"{mark} {each.id}: {each.distinct} different variants from {each.seeds} seeds")
        print_findings(each.findings)
    unread = len({finding.file for finding in broken})
    bad = sum(not each.is_clean for each in sweeps) + unread
    count = len(sweeps) + unread
    problems = f"{count} problem{'s' * (count != 1)}"
    click.echo(f"{problems}, {bad} with faults." if bad else f"{problems}, all clean.")


def _print_variant(variant: Variant) -> None:
    click.echo(click.style(variant.title, bold=True) + f"   ({variant.problem_id}, seed {variant.seed})")
    if variant.parameters:
        click.echo(", ".join(f"{name} = {value}" for name, value in variant.parameters.items()))
    click.echo(f"\n{variant.prompt.strip()}\n")
    if variant.given:
        click.echo(f"{say('given', variant.language)}: {'; '.join(variant.given)}\n")
    for part in variant.parts:
        points = points_to_json(part.points)
        click.echo(f"{click.style(part.id, bold=True)} ({part.type}, {points} point{'s' * (points != 1)}): {part.ask}")
        for note in part.notes:
            click.echo(f"    {note}")
        for option, text in part.options:
            click.echo(f"    {option}: {text}")
        click.echo(f"    answer: {click.style(part.answer_text, fg='green')}")
        if part.solution:
            click.echo(f"    {part.solution.strip()}")
    for number, hint in enumerate(variant.hints, 1):
        click.echo(f"\nHint {number}: {hint.strip()}")
    if variant.solution:
        click.echo(f"\nSolution\n{variant.solution.strip()}")


def _print_result(result: Result) -> None:
    for part in result.parts:
        colour = "green" if part.score == part.max_score else "yellow" if part.score else "red"
        score = f"{points_to_json(part.score)}/{points_to_json(part.max_score)}"
        click.echo(f"{click.style(part.id, bold=True)}  {click.style(score, fg=colour)}  {part.outcome}")
        if part.read_as:
            click.echo(f"    read as {part.read_as}")
        for sentence in part.feedback:
            click.echo(f"    {sentence}")
    click.echo(f"Score {points_to_json(result.score)} of {points_to_json(result.max_score)}")
