"""The `grader` command. Commands are loaded by name, so that `grader check` does not pay for the web."""

from __future__ import annotations

import importlib
import sys
import traceback
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

import click

from grader.cli.failures import DEFECT, Failure
from grader.errors import GraderError


class Entry(NamedTuple):
    """Where a command lives and what the list of commands says about it."""

    place: str
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "check": Entry("grader.cli.check:check", "Compare a response with an answer, or a file of them."),
    "bank": Entry("grader.cli.bank:bank", "Look at, check and try the problems of the bank."),
    "demo": Entry("grader.cli.demo:demo", "Serve a demo course with its log-ins."),
    "serve": Entry("grader.cli.serve:serve", "Serve the pages and the API."),
    "worker": Entry("grader.cli.worker:worker", "Judge what is waiting, apart from `serve`."),
    "db": Entry("grader.cli.db:db", "Prepare the database or bring it up to date."),
    "user": Entry("grader.cli.user:user", "Add people."),
    "course": Entry("grader.cli.course:course", "Make courses, enrol people, hand assignments on, print results."),
    "replay": Entry("grader.cli.replay:replay", "Judge stored answers again and list changed verdicts."),
    "quarantine": Entry("grader.cli.quarantine:quarantine", "List and retry answers that broke the judge."),
    "token": Entry("grader.cli.token:token", "Make and revoke tokens for programs."),
    "lti": Entry("grader.cli.lti:lti", "Connect learning platforms over LTI 1.3."),
    "retention": Entry("grader.cli.retention:retention", "Erase what courses keep no longer."),
    "doctor": Entry("grader.cli.doctor:doctor", "Look for common faults of this installation."),
    "config": Entry("grader.cli.config:config", "List every setting with its value, source and meaning."),
}


class LazyGroup(click.Group):
    """A group that imports a command of its table only when it is run or asked for help."""

    def __init__(self, *arguments: Any, table: Mapping[str, Entry] | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.table = table or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names: those defined with the group, then those of its table in their order."""
        del ctx
        return [*(name for name in self.commands if name not in self.table), *self.table]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command behind a name, imported now."""
        if cmd_name not in self.table:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.table[cmd_name].place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an expected fault becomes a sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except GraderError as error:
            raise Failure(error) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._summary(name)) for name in self.list_commands(ctx)])

    def _summary(self, name: str) -> str:
        return self.table[name].summary if name in self.table else self.commands[name].get_short_help_str(100)


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"max_content_width": 100})
@click.version_option(package_name="grader", prog_name="grader")
def cli() -> None:
    """Randomised calculus problems, typed answers, verdicts with evidence.

    \b
    A first look:
      grader check "2x + x" "3x"                  one verdict, in words
      grader check "ln(x^2)" "2 ln x" --var "x in (0, oo)"
      grader bank show jacobian-polynomial-map --seed 7
      grader demo                                 a course to click through

    `grader COMMAND --help` explains a command with examples.
    """


def main() -> None:
    """Run the command line; a defect gets an identifier, so that it is not taken for the caller's mistake."""
    try:
        cli(prog_name="grader")
    except Exception:  # noqa: BLE001 - the outer edge
        identifier = uuid.uuid4().hex[:12]
        click.echo(f"This is a defect of grader, not of what you typed. Its identifier is {identifier}.", err=True)
        click.echo(f"Please report it with these lines:\n\n{traceback.format_exc()}", err=True)
        sys.exit(DEFECT)
