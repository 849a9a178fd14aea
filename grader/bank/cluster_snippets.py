"""A cluster as an author would write it: a mistake of the problem's own, for the `mistakes:` of a part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from grader.bank.cluster_rules import Ground, Rule
from grader.bank.problem import Expression, Part
from grader.errors import InvalidRequest
from grader.mistakes.patterns import ABOVE, KEY
from grader.reading.printing import to_text
from grader.reading.tree import Tree, names_in, substitute

WIDTH = 4096
"""Lines are never folded: what an author wrote on one line stays on it."""


@dataclass(frozen=True, slots=True)
class OwnMistakeText:
    """A mistake as it stands in a problem file, and the quantities that it needs beside those there are."""

    id: str
    answer: str
    feedback: str
    derived: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    def to_yaml(self, part_id: str) -> str:
        """The lines to put into the file."""
        lines = []
        if self.derived:
            lines += ["derived:", *(f"  {name}: {_flow(value)}" for name, value in self.derived), ""]
        lines += ["parts:", f"  - id: {part_id}", "    mistakes:", f"      - id: {self.id}"]
        lines += [f"        answer: {_quoted(self.answer)}", f"        feedback: {_quoted(self.feedback)}"]
        return "\n".join(lines) + "\n"


def own_mistake_of(rule: Rule, on: Ground, id: str, feedback: str) -> OwnMistakeText | None:
    """The cluster as a mistake of the problem's own; None where it cannot be said in the problem's quantities."""
    pattern = rule.pattern
    if pattern is None:
        return None
    if pattern.changed:
        answer = _changed(on.part, dict(pattern.changed))
        return None if answer is None else OwnMistakeText(id, answer, feedback)
    names = frozenset().union(*(names_in(tree) for tree in pattern.entries)) if pattern.entries else frozenset()
    if ABOVE in names or len(pattern.entries) != len(on.situation.key.leaves):
        return None
    given, derived = _keys(on, sorted(name for name in names if name.startswith(KEY)))
    if given is None:
        return None
    entries = [substitute(tree, given) for tree in pattern.entries]
    tree = _as_key(on.variant.key, entries)
    return None if tree is None else OwnMistakeText(id, to_text(tree), feedback, derived)


def inserted(source: str, part_id: str, mistake: OwnMistakeText) -> str:
    """The problem's text with the mistake in it, all else as it was; InvalidRequest where it has no such part."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        data = yaml.load(source)
        part = next(each for each in data["parts"] if each["id"] == part_id)
        part.setdefault("mistakes", []).append(
            {"id": mistake.id, "answer": mistake.answer, "feedback": mistake.feedback}
        )
        for name, value in mistake.derived:
            data.setdefault("derived", {})[name] = dict(value)
    except (YAMLError, KeyError, TypeError, AttributeError, StopIteration):
        raise InvalidRequest("The mistake cannot be put into this text. Copy the lines into it.", "source") from None
    text = StringIO()
    yaml.dump(data, text)
    return text.getvalue()


def _changed(part: Part, change: Mapping[str, Tree]) -> str | None:
    """The answer with other quantities put in, where it is written out in them."""
    answer = part.answer
    if not isinstance(answer, Expression) or not set(change) <= names_in(answer.tree):
        return None
    return to_text(substitute(answer.tree, change))


def _keys(on: Ground, names: list[str]) -> tuple[dict[str, Tree] | None, tuple[tuple[str, Mapping[str, Any]], ...]]:
    """What stands in the file for entries of the key: the answer itself, or an entry of the quantity that it is."""
    if not names:
        return {}, ()
    answer = on.part.answer
    if not isinstance(answer, Expression):
        return None, ()
    if on.variant.key.kind not in {"vector", "matrix"}:
        return {names[0]: answer.tree}, ()
    if answer.tree.kind != "name":
        return None, ()
    derived = []
    columns = on.situation.key.columns
    for name in names:
        row, column = divmod(int(name.removeprefix(KEY)) - 1, columns)
        index = [row + 1] if on.variant.key.kind == "vector" else [row + 1, column + 1]
        derived.append((name, {"entry": answer.tree.value, "index": index}))
    return {name: Tree("name", (), name) for name in names}, tuple(derived)


def _as_key(key: Tree, entries: list[Tree]) -> Tree | None:
    """Entries in the shape of the key."""
    if key.kind == "vector":
        return Tree("vector", tuple(entries), key.value)
    if key.kind == "matrix":
        columns = len(key.args[0].args)
        rows = [tuple(entries[at : at + columns]) for at in range(0, len(entries), columns)]
        return Tree("matrix", tuple(Tree("row", row) for row in rows))
    return entries[0] if len(entries) == 1 else None


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _flow(value: Mapping[str, Any]) -> str:
    return (
        "{"
        + ", ".join(f"{key}: {json.dumps(each) if isinstance(each, list) else each}" for key, each in value.items())
        + "}"
    )
