"""A problem and a seed to a variant: a pure function, the same bytes on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from grader.answers import BY_NAME
from grader.answers.base import Settings, key_fault
from grader.answers.choice import options_tree
from grader.answers.literals import evaluate
from grader.answers.settings import validate_settings
from grader.answers.wording import NOT_SCALAR, kind_words
from grader.bank.conditions import holds
from grader.bank.drawing import MOST_ATTEMPTS, Value, Word, draw_once
from grader.bank.figures import Figure, Plan, fill
from grader.bank.following import following_of, values_for
from grader.bank.givens import assumptions, notes
from grader.bank.keys import key_faults
from grader.bank.origins import origin_of
from grader.bank.parts import read_value
from grader.bank.printing import Awkward, render
from grader.bank.problem import Options, Part, Problem, Task
from grader.bank.source import Path
from grader.bank.tasks import task_texts, task_trees
from grader.bank.templates import Template
from grader.bank.values import Found, Values
from grader.bank.variant import Variant, VariantMistake, VariantPart
from grader.bank.witnesses import condition_texts
from grader.bank.wording import ENGLISH
from grader.errors import BankError, BankErrors, GraderError
from grader.reading.printing import to_text
from grader.reading.tree import Tree


def make_variant(problem: Problem, seed: int, *, verify: bool = True, language: str = ENGLISH) -> Variant:
    """The variant at a seed; `verify` checks every key by a second route.

    Texts that are not in the language are in English. Raises BankErrors where the conditions never
    hold or a quantity has no value.
    """
    return variant_of(problem, draw(problem, seed), seed, verify=verify, language=language)


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


def variant_of(problem: Problem, values: Values, seed: int | None, *, verify: bool, language: str = ENGLISH) -> Variant:
    """The variant for these values; all of its faults at once."""
    variant, _ = made(problem, values, seed, language)
    faults = tuple(key_faults(problem, values)) if verify else ()
    if faults:
        raise BankErrors(faults)
    return variant


def made(
    problem: Problem, values: Values, seed: int | None, language: str = ENGLISH
) -> tuple[Variant, tuple[tuple[Path, Awkward], ...]]:
    """The variant for these values, its keys not verified, and the prints in it that read badly."""
    language = problem.language_of(language)
    maker = _Maker(problem, values, language)
    variant = Variant(
        problem_id=problem.id,
        version=problem.version,
        seed=seed,
        title=problem.titles.get(language, problem.title),
        parameters={name: value_text(value) for name, value in values.drawn.items()},
        prompt=maker.text(problem.prompt, ("prompt",)),
        parts=tuple(part for part in map(maker.part, problem.parts) if part is not None),
        hints=tuple(maker.text(hint, ("hints", place)) for place, hint in enumerate(problem.hints)),
        solution=maker.text(problem.solution, ("solution",)),
        language=language,
        given=assumptions(problem.variables, language),
        figures=maker.figures(problem.figures),
        solution_figures=maker.figures(problem.solution_figures),
    )
    if maker.errors:
        raise BankErrors(tuple(maker.errors))
    return variant, tuple(maker.awkward)


def value_text(value: Value) -> str:
    """A value as a student would type it."""
    return value.text if isinstance(value, Word) else to_text(value)


class _Maker:
    """Prints texts and works out keys, collecting faults."""

    def __init__(self, problem: Problem, values: Values, language: str) -> None:
        self.problem, self.values, self.language = problem, values, language
        self.errors: list[BankError] = []
        self.awkward: list[tuple[Path, Awkward]] = []

    def figures(self, plans: Sequence[Plan]) -> tuple[Figure, ...]:
        """The figures with the values put in, without those for which that fails."""
        found = []
        for plan in plans:
            try:
                found.append(fill(plan, self.values.put_in, self.label))
            except BankError as error:
                self.errors.append(error)
            except GraderError as error:
                self.errors.append(self.values.fault(plan.path, error))
        return tuple(found)

    def label(self, template: Template) -> str:
        """A text in plain notation, for a figure."""
        return render(template, self.values, "text", self.language).text if template.pieces else ""

    def text(self, template: Template, path: Path) -> str:
        """The template printed in the language of the variant, empty where that fails."""
        if template.translations:
            path = (*path, self.language if self.language in template.translations else ENGLISH)
        try:
            printed = render(template, self.values, language=self.language)
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
            given = self._given(part)
            settings = settings_of(
                part, {option: self.text(text, part.path) for option, text in part.options.items()}, given
            )
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
        task = task_texts(found.trees) if found is not None and found.trees is not None else None
        own = part.task and self._own_task(part.task)
        return VariantPart(
            id=part.id,
            type=part.type,
            ask=self.text(part.ask, (*part.path, "ask")),
            points=part.points,
            key=key,
            answer_text=self._answer_text(part, key, settings),
            settings=given,
            variables=self.problem.variables,
            notation=self.problem.notation,
            options=options,
            feedback={case: self.text(text, (*part.path, "feedback", case)) for case, text in part.feedback.items()},
            solution=self.text(part.solution, (*part.path, "solution")),
            task=own or task,
            follows=following_of(part, self.values),
            notes=notes(part.type, given, task, self.language),
            english=self._english(part),
            mistakes=tuple(self._mistakes(part)),
            origin=origin_of(part, key, self.values),
        )

    def _own_task(self, task: Task) -> Mapping[str, Any] | None:
        """The task that the part names, with the values of this variant."""
        try:
            return task_texts(task_trees(task, self.values.put_in))
        except GraderError as error:
            self.errors.append(self.values.fault(task.path, error))
            return None

    def _mistakes(self, part: Part) -> Iterator[VariantMistake]:
        """The mistakes that the part adds, each with the answer that it leads to here."""
        for mistake in part.mistakes:
            try:
                answer, _ = self._key(replace(part, answer=mistake.answer, path=mistake.path))
            except BankError as error:
                self.errors.append(error)
                continue
            yield VariantMistake(mistake.id, answer, self.text(mistake.feedback, (*mistake.path, "feedback")))

    def _english(self, part: Part) -> Mapping[str, str]:
        """The feedback in English, by which a result speaks of it."""
        if self.language == ENGLISH:
            return {}
        return {case: render(text, self.values).text for case, text in part.feedback.items()}

    def _given(self, part: Part) -> Mapping[str, Any]:
        """The settings as written, with the values of this variant in the conditions of a witness."""
        if not part.conditions:
            return part.settings
        path = (*part.path, "conditions")
        try:
            given = {**part.settings, "conditions": condition_texts(part.conditions, self.values.put_in)}
            validate_settings(BY_NAME[part.type], given)
        except GraderError as error:
            raise self.values.fault(path, error) from None
        except ValidationError as error:
            message = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
            raise self.problem.document.error(path, message) from None
        return given

    def _key(self, part: Part) -> tuple[Tree, Found | None]:
        if isinstance(part.answer, Options):
            return options_tree(part.answer.ids) if part.answer.ids else Tree("empty"), None
        found = values_for(part, self.values).solve(part.answer)
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


def settings_of(part: Part, options: Mapping[str, str], given: Mapping[str, Any]) -> Settings:
    """The validated settings of a part, with the printed options of a choice."""
    settings: dict[str, Any] = {**given, "options": dict(options)} if options else dict(given)
    return validate_settings(BY_NAME[part.type], settings)
