"""`grader bank new`: a few questions, and a problem file that is sound from the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import click

from grader.bank.loading import Bank, load_bank
from grader.bank.starting import KINDS, Header, header_fault, slug_of, started, usual_header
from grader.cli.choosing import as_json_option, configured_folders
from grader.cli.printing import print_json
from grader.errors import Conflict, InvalidRequest

LEVELS = ("drill", "standard", "stretch")
QUESTIONS = {
    "title": "Title, as students see it",
    "id": "Id, lower-case words with hyphens",
    "topic": "Topic, the name of its folder",
    "family": "Family, the row of docs/curriculum.md whose skill it practises",
    "level": "Level (drill, standard, stretch)",
}
Ask = Callable[[str, str, str], str]
"""The answer to a question, given its key, its words and its default."""


@click.command("new")
@click.option("--kind", type=click.Choice(list(KINDS)), help="What kind of answer is asked for.")
@click.option("--title", help="What students see above the problem.")
@click.option("--id", "id", help="The id, and the name of the file (default: from the title).")
@click.option("--topic", help="The folder of the problem (default: the usual one of its kind).")
@click.option("--family", help='The skill that it practises, such as "2.1": a row of docs/curriculum.md.')
@click.option("--level", type=click.Choice(LEVELS), help="How hard it is.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("drafts"),
    show_default=True,
    help="The folder of the topics.",
)
@click.option("--defaults", is_flag=True, help="Ask nothing: take the defaults of what is not given.")
@as_json_option
def new_command(into: Path, defaults: bool, as_json: bool, kind: str | None, **given: str | None) -> None:
    """Write a new problem file, whole and commented, to change as you like.

    Asks for what is not given as an option. The file has nothing to mend: lint and sweep find it
    clean, so that whatever they say later is about your changes. A file that is there is never
    overwritten.

    \b
      grader bank new
      grader bank new --kind gradient --title "Gradient of a bowl" --defaults
    """
    ask: Ask = (lambda _key, _words, default: default) if defaults else _asked
    kind = kind or _kind(is_asked=not defaults)
    header = _header(kind, given, ask, into)
    path = into / header.topic / f"{header.id}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(started(kind, header))
    except FileExistsError:
        raise Conflict(f"There is a file {path} already; it stays as it is.", "--id") from None
    if as_json:
        print_json({"file": str(path), "id": header.id, "kind": kind})
        return
    click.echo(f"Written: {click.style(str(path), bold=True)}")
    for words, command in (("Look at it", "preview"), ("Check it", "lint"), ("Try it on many", "sweep")):
        click.echo(f"  {words + ':':15} grader bank {command} {path}")


def _kind(*, is_asked: bool) -> str:
    """The kind of answer, from a list with a line about each."""
    first = next(iter(KINDS))
    if not is_asked:
        return first
    click.echo("What is asked for?")
    for name, meaning in KINDS.items():
        click.echo(f"  {click.style(name, bold=True)}{' ' * (18 - len(name))}{meaning}")
    kind: str = click.prompt("Kind", default=first, type=click.Choice(list(KINDS)), show_choices=False)
    return kind


def _header(kind: str, given: dict[str, str | None], ask: Ask, into: Path) -> Header:
    """The header: what was given, and what is asked for; the id is one that is free."""
    usual = usual_header(kind)
    bank = load_bank(path for path in (*configured_folders(), into) if path.exists())
    found: dict[str, str] = {}
    for key, words in QUESTIONS.items():
        default = _free(bank, slug_of(found["title"]) or usual.id) if key == "id" else getattr(usual, key)
        value = given.get(key)
        if value is None:
            value = ask(key, words, default)
        fault = header_fault(key, value)
        if fault:
            raise InvalidRequest(fault, f"--{key}")
        found[key] = value
    if found["id"] in bank.problems:
        taken = bank.problems[found["id"]].file
        raise Conflict(f"The id {found['id']!r} is taken by {taken}. Choose another one.", "--id")
    return Header(**{field.name: found[field.name] for field in fields(Header)})


def _free(bank: Bank, id: str) -> str:
    """The id, with a number behind it where it is taken."""
    number, free = 1, id
    while free in bank.problems:
        number += 1
        free = f"{id}-{number}"
    return free


def _asked(key: str, words: str, default: str) -> str:
    """What a person answers, asked again until it can be used."""

    def checked(value: str) -> str:
        fault = header_fault(key, value)
        if fault:
            raise click.BadParameter(fault)
        return value

    answer: str = click.prompt(words, default=default, value_proc=checked)
    return answer
