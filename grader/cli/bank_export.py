"""`grader bank export`: problems to hand on, and variants for other systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import click

from grader.bank.packing import pack
from grader.bank.problem import Problem
from grader.bank.variant import Variant
from grader.bank.variants import make_variant
from grader.cli.choosing import as_json_option, bank_option, chosen_problems, named_problem
from grader.cli.printing import print_json
from grader.errors import BankErrors, Conflict, InvalidRequest
from grader.web.exchange.moodle import moodle_xml
from grader.web.exchange.qti import EDITIONS, qti_package
from grader.web.exchange.questions import Limit, limits_of

MOST_SEEDS = 1_000
FORMATS: Mapping[str, tuple[str, Callable[[Problem, tuple[Variant, ...]], bytes]]] = {
    "moodle-xml": (".xml", moodle_xml),
    "qti21": (".zip", partial(qti_package, edition=EDITIONS["qti21"])),
    "qti30": (".zip", partial(qti_package, edition=EDITIONS["qti30"])),
}
"""Format -> ending of the file, and what writes it."""


@click.command("export")
@click.argument("names", nargs=-1, required=True, metavar="[ID…] FILE")
@click.option(
    "--format", "format", type=click.Choice(list(FORMATS)), help="Variants of one problem for another system."
)
@click.option("--seeds", default="1", show_default=True, help="With --format: which variants, as 1,2,5 or 1-20.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
@bank_option
@as_json_option
def export_command(
    names: tuple[str, ...], format: str | None, seeds: str, overwrite: bool, folders: tuple[Path, ...], as_json: bool
) -> None:
    """Write problems into one file.

    Without --format, a zip file of problem files with a manifest, for `grader bank import`; without
    ID, of the whole bank. With --format, variants of one problem as Moodle XML or as a QTI package;
    what that format cannot say is listed.

    \b
      grader bank export calculus.zip
      grader bank export derivative-polynomial tangent-of-parabola two.zip
      grader bank export --format moodle-xml derivative-polynomial --seeds 1-10 moodle.xml
    """
    *ids, last = names
    if format is None:
        if Path(last).suffix != ".zip":
            raise InvalidRequest("The last word is the file to write, and ends in .zip.", "FILE")
        problems, errors = chosen_problems(tuple(ids), folders)
        if errors:
            raise BankErrors(errors)
        if not problems:
            raise InvalidRequest("There are no problems to export.", "ID")
        _write(Path(last), pack(problems), overwrite=overwrite)
        _say(Path(last), f"{len(problems)} problem{'s' * (len(problems) != 1)}", (), 0, as_json=as_json)
        return
    if len(names) != 2 or Path(last).suffix != FORMATS[format][0]:
        message = f"Name one problem and the file to write, which ends in {FORMATS[format][0]}."
        raise InvalidRequest(message, "ID FILE")
    problem = named_problem(ids[0], folders)
    variants = tuple(make_variant(problem, seed) for seed in _seeds(seeds))
    _write(Path(last), FORMATS[format][1](problem, variants), overwrite=overwrite)
    told = f"{len(variants)} variant{'s' * (len(variants) != 1)} of {problem.id}"
    _say(Path(last), told, limits_of(variants), len(variants), as_json=as_json)


def _seeds(text: str) -> tuple[int, ...]:
    """The seeds of a list such as 1,2,5-8."""
    found: dict[int, None] = {}
    for piece in text.split(","):
        low, dash, high = piece.strip().partition("-")
        if not (low.isascii() and low.isdigit() and (not dash or (high.isascii() and high.isdigit()))):
            raise InvalidRequest(f"{piece.strip()!r} is no seed. Write 1,2,5 or 1-20.", "--seeds")
        ends = int(low), int(high or low)
        if ends[1] - ends[0] >= MOST_SEEDS or ends[0] > ends[1]:
            raise InvalidRequest(f"{piece.strip()!r} is no range of at most {MOST_SEEDS} seeds.", "--seeds")
        found.update(dict.fromkeys(range(ends[0], ends[1] + 1)))
    if len(found) > MOST_SEEDS:
        raise InvalidRequest(f"These are more than {MOST_SEEDS} seeds.", "--seeds")
    return tuple(found)


def _write(path: Path, content: bytes, *, overwrite: bool) -> None:
    if not path.parent.is_dir():
        raise InvalidRequest(f"There is no folder {path.parent}.", "FILE")
    try:
        with path.open("wb" if overwrite else "xb") as file:
            file.write(content)
    except FileExistsError:
        raise Conflict(f"There is a file {path} already. With --overwrite it is replaced.", "FILE") from None


def _say(path: Path, what: str, limits: tuple[Limit, ...], variants: int, *, as_json: bool) -> None:
    if as_json:
        lost = [{"part": limit.part, "limit": limit.sentence, "seeds": list(limit.seeds)} for limit in limits]
        print_json({"file": str(path), "limits": lost})
        return
    click.echo(f"Written: {click.style(str(path), bold=True)}, {what}.")
    if limits:
        click.echo("What this format cannot say:")
    for limit in limits:
        some = "" if len(limit.seeds) == variants else f" (variants {', '.join(map(str, limit.seeds[:6]))})"
        click.secho(f"  {limit}{some}", fg="yellow")
