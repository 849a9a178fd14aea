"""`grader bank`: look at, check and try the problems of the bank."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.bank.findings import ERROR, Finding
from grader.bank.linting import LintReport, lint
from grader.bank.loading import SUFFIXES, Bank, load_bank, load_file
from grader.bank.problem import Problem
from grader.bank.variant import Variant, points_to_json, variant_to_json
from grader.bank.variants import make_variant
from grader.config import load_config
from grader.errors import BankError, BankErrors, InvalidRequest
from grader.grading import Result, grade
from grader.sweep import ProblemSweep
from grader.sweep import sweep as sweep_problems

FOUND = 1
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
bank_option = click.option(
    "--bank",
    "folders",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Folders or files of problems (default: the setting GRADER_PROBLEMS).",
)


@click.group()
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
    folders = _existing(paths or _configured())
    with _progress("Linting", None) as advance:
        beside = load_bank(path for path in _configured() if path.exists()) if paths else None
        report = lint(folders, grade, lambda _: advance(1), beside)
    if not report.bank.files:
        raise InvalidRequest(f"There is no .yaml file in {', '.join(map(str, folders))}.", "PATH")
    if as_json:
        _print_json({"problems": len(report.bank.problems), "findings": [each.to_json() for each in report.findings]})
    else:
        _print_findings(report.findings)
        click.echo(_lint_summary(report))
    if report.errors or (strict and report.findings):
        sys.exit(FOUND)


@bank.command("sweep")
@click.argument("ids", nargs=-1)
@click.option("--seeds", type=click.IntRange(1, 100_000), default=200, show_default=True, help="How many seeds.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@bank_option
@as_json_option
def sweep_command(ids: tuple[str, ...], seeds: int, jobs: int, folders: tuple[Path, ...], as_json: bool) -> None:
    """Check problems over many seeds: keys, examples, and what a variant may do wrong.

    ID names problems, or files or folders of them; without any, all of the bank. Exits with 1 if
    anything must be mended.

    \b
      grader bank sweep jacobian-polynomial-map --seeds 500
      grader bank sweep drafts/my-problem.yaml
    """
    problems, errors = _chosen(ids, folders)
    broken = tuple(Finding.of(error, "file") for error in errors)
    with _progress("Sweeping", len(problems) * seeds) as advance:
        sweeps = sweep_problems(problems, seeds, jobs, lambda _id, count: advance(count))
    is_clean = not broken and all(each.is_clean for each in sweeps)
    if as_json:
        files = [finding.to_json() for finding in broken]
        _print_json({"clean": is_clean, "files": files, "problems": [each.to_json() for each in sweeps]})
    else:
        _print_findings(broken)
        _print_sweeps(sweeps, broken)
    if not is_clean:
        sys.exit(FOUND)


@bank.command("show")
@click.argument("id")
@click.option("--seed", type=int, default=0, show_default=True, help="Which variant.")
@bank_option
@as_json_option
def show_command(id: str, seed: int, folders: tuple[Path, ...], as_json: bool) -> None:
    """Print one variant: prompt, parts, answers, solution.

    ID names a problem, or the file of one.

    \b
      grader bank show jacobian-polynomial-map --seed 7
      grader bank show drafts/my-problem.yaml
    """
    variant = make_variant(_problem(id, folders), seed)
    if as_json:
        _print_json(variant_to_json(variant))
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
    variant = make_variant(_problem(id, folders), seed)
    result = grade(variant, _responses(responses))
    if as_json:
        _print_json(result.to_json())
        return
    _print_result(result)


def _configured() -> tuple[Path, ...]:
    return load_config(os.environ).problems


def _existing(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """The paths, all of which must be there: a slip in a path is no clean bank."""
    for path in paths:
        if not path.exists():
            raise InvalidRequest(f"There is no file or folder {path}.", "PATH")
    return paths


def _is_path(name: str) -> bool:
    """Whether a problem is named by its file or folder: no id holds a slash or ends in .yaml."""
    return "/" in name or os.sep in name or Path(name).suffix in SUFFIXES or Path(name).is_dir()


def _chosen(names: tuple[str, ...], folders: tuple[Path, ...]) -> tuple[list[Problem], tuple[BankError, ...]]:
    """The problems with these ids or in these files, all without any; and the faults of files that are broken."""
    paths = tuple(Path(name) for name in names if _is_path(name))
    listed = load_bank(_existing(paths))
    if names and len(paths) == len(names):
        return list(listed.problems.values()), listed.errors
    found = load_bank(_existing(folders or _configured()))
    if not names:
        return list(found.problems.values()), found.errors
    named = [found.problem(name) for name in names if not _is_path(name)]
    return [*named, *listed.problems.values()], listed.errors


def _problem(id: str, folders: tuple[Path, ...]) -> Problem:
    """The problem with an id or in a file; if its own file is broken, the faults of that file."""
    if _is_path(id):
        (path,) = _existing((Path(id),))
        if path.is_dir():
            raise InvalidRequest(f"{path} is a folder. Name one file.", "ID")
        return load_file(path)
    found: Bank = load_bank(_existing(folders or _configured()))
    if id not in found.problems:
        faults = tuple(error for error in found.errors if Path(error.file).stem == id)
        if faults:
            raise BankErrors(faults)
    return found.problem(id)


def _responses(given: tuple[str, ...]) -> dict[str, str]:
    responses: dict[str, str] = {}
    for text in given:
        part, equals, response = text.partition("=")
        if not equals or not part.strip():
            raise InvalidRequest(f"{text!r} is not of the form PART=TEXT.", "--response")
        responses[part.strip()] = response
    return responses


@contextmanager
def _progress(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar where a person watches, nothing where a program does."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda count: bar.advance(task, count)


def _print_json(data: object) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def _print_findings(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        click.secho(str(finding), fg="red" if finding.severity == ERROR else "yellow")


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
        _print_findings(each.findings)
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
    for part in variant.parts:
        points = points_to_json(part.points)
        click.echo(f"{click.style(part.id, bold=True)} ({part.type}, {points} point{'s' * (points != 1)}): {part.ask}")
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
