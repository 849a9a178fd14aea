"""`grader bank schema`: the JSON Schema of problem files, with which an editor completes and explains."""

from __future__ import annotations

import click

from grader.bank.json_schema import problem_schema
from grader.cli.printing import print_json


@click.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of problem files.

    With it an editor completes keys, explains them and marks slips as you type: save it, and begin
    a problem file with a line that names it.

    \b
      grader bank schema > problem.schema.json
      # yaml-language-server: $schema=problem.schema.json
    """
    print_json(problem_schema())
