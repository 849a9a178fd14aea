"""A problem and a seed to a variant: a pure function, the same bytes on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.answers import BY_NAME
from grader.answers.base import Settings, key_fault
from grader.answers.choice import options_tree
from grader.answers.literals import evaluate
from grader.answers.settings import validate_settings
from grader.answers.wording import NOT_SCALAR, kind_words
from grader.bank.conditions import holds
from grader.bank.drawing import MOST_ATTEMPTS, Value, Word, draw_once
from grader.bank.keys import key_faults
from grader.bank.parts import read_value
from grader.bank.printing import Awkward, render
from grader.bank.problem import Options, Part, Problem
from grader.bank.source import Path
from grader.bank.tasks import task_texts
from grader.bank.templates import Template
from grader.bank.values import Found, Values
from grader.bank.variant import Variant, VariantPart
from grader.errors import BankError, BankErrors, GraderError
from grader.reading.printing import to_text
from grader.reading.tree import Tree


def make_variant(problem: Problem, seed: int, *, verify: bool = True) -> Variant:
    """The variant at a seed; `verify` checks every key by a second route.

    Raises BankErrors where the conditions never hold or a quantity has no value.
    """
    return variant_of(problem, draw(problem, seed), seed, verify=verify)


def make_variant_with(problem: Problem, parameters: Mapping[str, str], *, verify: bool = True) -> Variant:
    """The variant with the given parameters, as a student would type them."""
    values: dict[str, Value] = {}
    for name, parameter in problem.parameters.items():
        if name not in parameters:
            raise BankErrors((problem.document.error(("parameters",), f"No value is given for {name!r}."),))
        values[name] = read_value(parameters[name], parameter, problem.vocabulary)
    return variant_of(problem, Values(problem, values), None, verify=verify)


def draw(problem: Problem, seed: int) -> Values:
    """Values for a seed that meet all conditions; BankErrors names the condition that never holds."""
    failures: dict[int, int] = {}
    for attempt in range(MOST_ATTEMPTS):
        values = Values(problem, draw_once(problem.parameters, problem.id, seed, attempt, {}))
        failed = first_failure(problem, values)
        if failed is None:
            return values
        failures[failed] = failures.get(failed, 0) + 1
    worst = max(failures, key=lambda place: failures[place])
    message = f"No draw of {MOST_ATTEMPTS} meets all conditions; this one failed {failures[worst]} times."
    repair = "Loosen it, or let the parameters range wider."
    raise BankErrors((problem.document.error(("where", worst), message, repair),))


def first_failure(problem: Problem, values: Values) -> int | None:
    """The place of the first condition that does not hold, None where all do."""
    for place, condition in enumerate(problem.conditions):
        try:
            if not holds(condition, values):
                return place
        except BankError as error:
            raise BankErrors((error,)) from None
        except GraderError as error:
            raise BankErrors((values.fault(("where", place), error),)) from None
    return None


def variant_of(problem: Problem, values: Values, seed: int | None, *, verify: bool) -> Variant:
    """The variant for these values; all of its faults at once."""
    variant, _ = made(problem, values, seed)
    faults = tuple(key_faults(problem, values)) if verify else ()
    if faults:
        raise BankErrors(faults)
    return variant


def made(problem: Problem, values: Values, seed: int | None) -> tuple[Variant, tuple[tuple[Path, Awkward], ...]]:
    """The variant for these values, its keys not verified, and the prints in it that read badly."""
    maker = _Maker(problem, values)
    variant = Variant(
        problem_id=problem.id,
        version=problem.version,
        seed=seed,
        title=problem.title,
        parameters={name: value_text(value) for name, value in values.drawn.items()},
        prompt=maker.text(problem.prompt, ("prompt",)),
        parts=tuple(part for part in map(maker.part, problem.parts) if part is not None),
        hints=tuple(maker.text(hint, ("hints", place)) for place, hint in enumerate(problem.hints)),
        solution=maker.text(problem.solution, ("solution",)),
    )
    if maker.errors:
        raise BankErrors(tuple(maker.errors))
    return variant, tuple(maker.awkward)


def value_text(value: Value) -> str:
    """A value as a student would type it."""
    return value.text if isinstance(value, Word) else to_text(value)


class _Maker:
    """Prints texts and works out keys, collecting faults."""

    def __init__(self, problem: Problem, values: Values) -> None:
        self.problem, self.values = problem, values
        self.errors: list[BankError] = []
        self.awkward: list[tuple[Path, Awkward]] = []

    def text(self, template: Template, path: Path) -> str:
        """The template printed, empty where that fails."""
        try:
            printed = render(template, self.values)
            self.awkward.extend((path, found) for found in printed.awkward)
            return printed.text
        except BankError as error:
            self.errors.append(error)
        except GraderError as error:
            self.errors.append(self.values.fault(path, error))
        return ""

    def part(self, part: Part) -> VariantPart | None:
        """The part with its key, None where that fails."""
        try:
            key, found = self._key(part)
            settings = settings_of(part, {option: self.text(text, part.path) for option, text in part.options.items()})
        except BankError as error:
            self.errors.append(error)
            return None
        fault = key_fault(BY_NAME[part.type], key, settings) or misfit(part.type, key)
        if fault:
            self.errors.append(self.problem.document.error((*part.path, "answer"), fault, fitting_repair(part, key)))
            return None
        options = tuple(
            (option, self.text(text, (*part.path, "options", option))) for option, text in part.options.items()
        )
        return VariantPart(
            id=part.id,
            type=part.type,
            ask=self.text(part.ask, (*part.path, "ask")),
            points=part.points,
            key=key,
            answer_text=self._answer_text(part, key, settings),
            settings=part.settings,
            variables=self.problem.variables,
            notation=self.problem.notation,
            options=options,
            feedback={case: self.text(text, (*part.path, "feedback", case)) for case, text in part.feedback.items()},
            solution=self.text(part.solution, (*part.path, "solution")),
            task=task_texts(found.trees) if found is not None and found.trees is not None else None,
        )

    def _key(self, part: Part) -> tuple[Tree, Found | None]:
        if isinstance(part.answer, Options):
            return options_tree(part.answer.ids), None
        found = self.values.solve(part.answer)
        if not isinstance(found.value, Word):
            return found.value, found
        ids = list(part.options)
        if part.type == "choice" and found.value.text not in ids:
            message = f"The answer is {found.value.text!r}, which is not one of the options {', '.join(ids)}."
            raise self.problem.document.error((*part.path, "answer"), message)
        return options_tree((found.value.text,)), found

    def _answer_text(self, part: Part, key: Tree, settings: Settings) -> str:
        if part.type == "choice":
            return ", ".join(option.value for option in key.args)
        return BY_NAME[part.type].key_text(key, settings)


def misfit(kind: str, key: Tree) -> str:
    """Why a key that a type could take is not what an author means by it; empty where it is.

    A student may leave out the brackets of a single entry. A key without them is a slip.
    """
    wanted = {"matrix": "a matrix", "table": "a table", "list": "a list", "set": "a set"}.get(kind)
    if wanted is None:
        return ""
    tree = evaluate(key)
    if tree.kind not in NOT_SCALAR or (kind == "set" and tree.kind in {"vector", "matrix", "list"}):
        return f"The answer is {kind_words(tree)}, not {wanted}."
    return ""


def fitting_repair(part: Part, key: Tree) -> str:
    """What to write where the key is of another kind than the part."""
    if part.type == "set":
        return 'Write its members in braces and quotes: "{a, b}".'
    if part.type == "choice":
        return ""
    if part.type == "number" and key.kind not in NOT_SCALAR:
        return "Write `type: expression`, or give its variables values."
    kind = {"vector": "vector", "matrix": "matrix", "set": "set", "list": "list"}.get(key.kind)
    return f"Change the answer, or write `type: {kind}`." if kind else "Change the answer or the `type`."


def settings_of(part: Part, options: Mapping[str, str]) -> Settings:
    """The validated settings of a part, with the printed options of a choice."""
    given: dict[str, Any] = dict(part.settings)
    if options:
        given["options"] = dict(options)
    return validate_settings(BY_NAME[part.type], given)
