"""A task given from outside: its key, the type of answer that it asks for, and the question behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from grader.answers.base import Context, read_tree
from grader.answers.choice import options_tree
from grader.calculus.task_fields import TaskError
from grader.calculus.tasks import Solved, form_of, solve
from grader.checking.domain import Domain
from grader.errors import GraderError, InvalidRequest
from grader.mistakes.descents import is_last_point
from grader.mistakes.questions import Question, question_of
from grader.reading.names import Vocabulary, canonical
from grader.reading.printing import to_text
from grader.reading.text import read
from grader.reading.tree import Tree, names_in

MOST_CHARACTERS = 4_000
MOST_TEXTS = 200
MOST_DEPTH = 4
MOST_DERIVATIVES = 64
MOST_STEPS = 100
_SCALARS = ("expression", "number")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a task asks for: the key, the types that it may be given as, the usual one first.

    `shown` is the key as it is printed, `last` what is asked for where only the last point of a
    descent was given.
    """

    key: Tree
    types: tuple[str, ...]
    shown: str
    question: Question | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    is_exact: bool = True
    last: Asked | None = None

    def for_response(self, response: Tree) -> Asked:
        """What is asked for, given what was typed: a table, or the last point alone."""
        if self.last is None or self.question is None or not is_last_point(self.question, response):
            return self
        return self.last


def ask(task: Mapping[str, Any], read: Callable[[str], Tree], domain: Domain) -> Asked:
    """The task solved; raises TaskError, which names the key of the mapping at fault."""
    _refuse_large(task)
    form = form_of(task)
    _refuse_long_work(task, form)
    solved = solve(task, read, domain)
    question = question_of(task, read, domain)
    if question is not None and form == "descent":
        return _descent(task, read, domain, question)
    return _asked(solved, question)


def ask_as_given(task: Mapping[str, Any], context: Context) -> Asked:
    """The task of a caller solved; InvalidRequest names the field at fault."""
    vocabulary = vocabulary_of(task, context.domain)
    try:
        return ask(task, lambda text: read_tree(text, replace(context, vocabulary=vocabulary)).tree, context.domain)
    except TaskError as error:
        raise InvalidRequest(str(error), f"task.{error.key}" if error.key in task else "task") from None
    except GraderError as error:
        raise InvalidRequest(str(error), "task") from None


def vocabulary_of(task: Mapping[str, Any], domain: Domain) -> Vocabulary:
    """What the texts of a task may be made of: the declared names, and those to differentiate by."""
    vocabulary = domain.plain_vocabulary
    if vocabulary.names is None:
        return vocabulary
    by = task.get("by", ())
    listed = [by] if isinstance(by, str) else by if isinstance(by, list | tuple) else []
    return replace(vocabulary, names=vocabulary.names | {canonical(each.strip()) for each in listed if _is_text(each)})


def question_of_texts(task: Mapping[str, Any], domain: Domain) -> Question | None:
    """The question of a task that was solved and printed; None where its texts cannot be read again."""
    for vocabulary in (vocabulary_of(task, domain), Vocabulary()):
        try:
            return question_of(task, partial(_read, vocabulary), domain)
        except GraderError:
            # A symbol that is no variable: with the next vocabulary any name may occur.
            continue
    return None


def _read(vocabulary: Vocabulary, text: str) -> Tree:
    return read(text, vocabulary).tree


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _asked(solved: Solved, question: Question | None) -> Asked:
    key = options_tree((solved.key,)) if isinstance(solved.key, str) else solved.key
    shown = solved.key if isinstance(solved.key, str) else to_text(solved.key)
    types: tuple[str, ...] = (solved.type,)
    if solved.type in _SCALARS:
        types = ("expression",) if names_in(key) else (solved.type, *_SCALARS)
    return Asked(key, types, shown, question, is_exact=solved.is_exact)


def _descent(task: Mapping[str, Any], read: Callable[[str], Tree], domain: Domain, question: Question) -> Asked:
    """A table whose start row may be left out, or the last point."""
    only_last = task.get("last") is True
    plain = {name: value for name, value in task.items() if name not in {"last", "start_row"}}
    if question.steps == 0:
        raise TaskError("A descent has at least one step.", "steps")
    last = None
    if question.columns == ("x",):
        last = _asked(solve({**plain, "last": True}, read, domain), question)
    if only_last and last is not None:
        return last
    whole = solve({**plain, "start_row": True}, read, domain)
    table = _asked(whole, question)
    without_start = to_text(Tree("matrix", table.key.args[1:]))
    shown = table.shown if task.get("start_row") is True else without_start
    return replace(table, shown=shown, settings={"start_row": "optional"}, last=last)


def _refuse_large(task: Mapping[str, Any]) -> None:
    """Raise for a task that is larger, or nested deeper, than any that is meant."""
    for key, whole in task.items():
        level, texts, characters = [whole], 0, 0
        for _ in range(MOST_DEPTH):
            texts += len(level)
            characters += sum(len(value) for value in level if isinstance(value, str))
            if texts > MOST_TEXTS or characters > MOST_CHARACTERS:
                raise TaskError(f"{str(key)[:40]} is too long for a task.", str(key)[:40])
            level = [member for value in level for member in _members(value)]
        if level:
            raise TaskError(f"{str(key)[:40]} is nested too deeply.", str(key)[:40])


def _members(value: object) -> list[Any]:
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    return list(value) if isinstance(value, list | tuple) else []


def _refuse_long_work(task: Mapping[str, Any], form: str) -> None:
    """Raise where more derivatives or steps are asked for than can be worked out while someone waits."""
    by = task.get("by")
    size = len(by) if isinstance(by, list | tuple) else 1
    functions = task[form] if isinstance(task[form], list | tuple) else [task[form]]
    derivatives = {"hessian": size * size, "jacobian": size * len(functions)}.get(form, 1)
    if derivatives > MOST_DERIVATIVES:
        raise TaskError(f"A {form} of more than {MOST_DERIVATIVES} derivatives is too large for a task.", "by")
    steps = task.get("steps", 1)
    count = int(steps) if isinstance(steps, str) and steps.isdecimal() else steps
    if isinstance(count, int | float) and count > MOST_STEPS:
        raise TaskError(f"A descent has at most {MOST_STEPS} steps here.", "steps")
