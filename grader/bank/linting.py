"""Problems of a bank that can be found from the files and a few variants of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath

from grader.bank.drawing import Choices, Value
from grader.bank.findings import ERROR, WARNING, Finding, merged
from grader.bank.inspecting import Grade, check_example, check_known_case, inspect, reads_badly
from grader.bank.loading import Bank, load_bank
from grader.bank.parts import WRITTEN
from grader.bank.problem import Options, Problem, names_of
from grader.bank.prose import missing_translations, prose_slips
from grader.bank.values import Values
from grader.bank.variant import Variant
from grader.bank.variants import draw, made, variant_of
from grader.errors import BankErrors
from grader.reading.names import canonical
from grader.reading.tree import Tree, names_in

LINT_SEEDS = range(3)
FEWEST_HINTS, MOST_HINTS = 2, 3
"""From gentle to nearly all takes a step at least; more steps than these nobody opens."""


@dataclass(frozen=True)
class LintReport:
    """What was looked at and what was found."""

    bank: Bank
    findings: tuple[Finding, ...] = field(default=())

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that must be mended."""
        return tuple(finding for finding in self.findings if finding.severity == ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that should be looked at."""
        return tuple(finding for finding in self.findings if finding.severity == WARNING)


def lint(
    paths: Iterable[FilePath | str],
    grade: Grade,
    progress: Callable[[str], None] = lambda _: None,
    beside: Bank | None = None,
) -> LintReport:
    """Everything that is wrong with the files; `progress` hears the id of each problem that is done.

    `beside` is a bank into which the files may go: its ids are taken.
    """
    bank = load_bank(paths)
    findings = [Finding.of(error, "file") for error in bank.errors]
    findings += _taken(bank, beside) if beside is not None else ()
    for problem in bank.problems.values():
        findings.extend(lint_problem(problem, grade))
        progress(problem.id)
    return LintReport(bank, merged(findings))


def _taken(bank: Bank, beside: Bank) -> Iterator[Finding]:
    """Ids that another file of the other bank has already."""
    for problem in bank.problems.values():
        other = beside.problems.get(problem.id)
        if other is not None and FilePath(other.file).resolve() != FilePath(problem.file).resolve():
            message = f"The bank has a problem {problem.id!r} already, in {other.file}."
            error = problem.document.error(("id",), message, "Choose another id before you move this file there.")
            yield Finding.of(error, "id-taken", WARNING, problem.id)


def lint_problem(problem: Problem, grade: Grade) -> Iterator[Finding]:
    """Everything that is wrong with one problem."""
    yield from _place(problem)
    yield from _unused(problem)
    yield from _missing(problem)
    yield from prose_slips(problem)
    yield from missing_translations(problem)
    for seed in LINT_SEEDS:
        yield from examine(problem, seed, grade)[1]
    yield from translated(problem)
    yield from fixed_cases(problem, grade)


Examined = tuple[Variant | None, list[Finding]]
Drawn = tuple[tuple[str, Value], ...]


def examine(problem: Problem, seed: int, grade: Grade, known: dict[Drawn, Examined] | None = None) -> Examined:
    """The variant at a seed, what is wrong with it, and with the examples that hold on every seed.

    `known` keeps what was seen: two seeds with the same draw have the same variant.
    """
    try:
        values = draw(problem, seed)
    except BankErrors as error:
        return None, [Finding.of(fault, "variant", problem=problem.id).at_seed(seed) for fault in error.errors]
    drawn = tuple(values.drawn.items())
    variant, findings = (known or {}).get(drawn) or _examined(problem, values, grade)
    if known is not None:
        known[drawn] = variant, findings
    return variant and replace(variant, seed=seed), [finding.at_seed(seed) for finding in findings]


def _examined(problem: Problem, values: Values, grade: Grade) -> Examined:
    """The variant with these values, which has no seed yet."""
    try:
        variant, awkward = made(problem, values, None)
    except BankErrors as error:
        return None, [Finding.of(fault, "variant", problem=problem.id) for fault in error.errors]
    findings = [*inspect(problem, values, variant, grade)]
    findings += [reads_badly(problem, path, found) for path, found in awkward]
    for example in problem.examples:
        if example.parameters is None and example.seed is None:
            findings += check_example(problem, example, values, variant, grade)
    return variant, findings


def translated(problem: Problem) -> Iterator[Finding]:
    """What is wrong with the texts of the first variant in other languages."""
    for language in problem.languages[1:]:
        try:
            _, awkward = made(problem, draw(problem, LINT_SEEDS[0]), LINT_SEEDS[0], language)
        except BankErrors as error:
            yield from (Finding.of(fault, "variant", problem=problem.id) for fault in error.errors)
            continue
        yield from (reads_badly(problem, path, found) for path, found in awkward)


def fixed_cases(problem: Problem, grade: Grade) -> Iterator[Finding]:
    """Examples on their own variants, and known cases."""
    for example in problem.examples:
        if example.parameters is None and example.seed is None:
            continue
        try:
            values = draw(problem, example.seed) if example.seed is not None else _given(problem, example.parameters)
            variant = variant_of(problem, values, example.seed, verify=False)
        except BankErrors as error:
            yield from (Finding.of(fault, "example", problem=problem.id) for fault in error.errors)
            continue
        yield from check_example(problem, example, values, variant, grade)
    for case in problem.known_cases:
        try:
            variant = variant_of(problem, _given(problem, case.parameters), None, verify=True)
        except BankErrors as error:
            yield from (Finding.of(fault, "known-case", problem=problem.id) for fault in error.errors)
            continue
        yield from check_known_case(problem, case, variant, grade)


def _given(problem: Problem, parameters: Mapping[str, Value] | None) -> Values:
    return Values(problem, parameters or {})


def _place(problem: Problem) -> Iterator[Finding]:
    """A file stands in the folder of its topic, under the name of its id."""
    path = FilePath(problem.file)
    if not path.name:
        return
    folder = path.resolve().parent.name
    if folder != problem.topic:
        message = f"The topic is {problem.topic!r}, but the file stands in the folder {folder!r}."
        error = problem.document.error(("topic",), message, "Move the file or change the topic.")
        yield Finding.of(error, "folder", problem=problem.id)
    if path.stem != problem.id:
        error = problem.document.error(("id",), f"The file is called {path.name}.", f"Call it {problem.id}.yaml.")
        yield Finding.of(error, "file-name", WARNING, problem.id)


def _unused(problem: Problem) -> Iterator[Finding]:
    """Parameters and derived quantities that nothing depends on."""
    used = _used(problem)
    for section, names in (("parameters", problem.parameters), ("derived", problem.derived)):
        raw = {canonical(key): key for key in problem.document.value((section,)) or {}}
        for name in names:
            if name not in used:
                path = (section, raw.get(name, name))
                error = problem.document.error(path, f"{name!r} is never used.", "Remove it.", at_key=True)
                yield Finding.of(error, "unused", WARNING, problem.id)
    if problem.parameters and not _used(problem, seen_only=True) & {*problem.parameters}:
        error = problem.document.error(("parameters",), "No parameter changes what the student sees.", at_key=True)
        yield Finding.of(error, "unused", WARNING, problem.id)


def _used(problem: Problem, *, seen_only: bool = False) -> set[str]:
    """All names that texts and answers lead to, and unless `seen_only`, conditions and examples."""
    templates = [problem.prompt, problem.solution, *problem.hints]
    for part in problem.parts:
        templates += [part.ask, part.solution, *part.options.values(), *part.feedback.values()]
        templates += [mistake.feedback for mistake in part.mistakes]
    for example in () if seen_only else problem.examples:
        templates += example.responses.values()
    for plan in (*problem.figures, *problem.solution_figures):
        templates += plan.templates()
    pending = [name for template in templates for name in template.names()]
    pending += [name for plan in (*problem.figures, *problem.solution_figures) for name in plan.names()]
    pending += [name for condition in problem.conditions for name in condition.names if not seen_only]
    for part in problem.parts:
        pending += [] if isinstance(part.answer, Options) else names_of(part.answer)
        pending += [name for condition in part.conditions for name in names_in(condition)]
        for mistake in part.mistakes:
            pending += [] if isinstance(mistake.answer, Options) else names_of(mistake.answer)
    for parameter in problem.parameters.values():
        if isinstance(parameter, Choices):
            pending += [name for value in parameter.values if isinstance(value, Tree) for name in names_in(value)]
    used: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in used:
            used.add(name)
            if name in problem.derived:
                pending += names_of(problem.derived[name])
    return used


def _missing(problem: Problem) -> Iterator[Finding]:
    """What a student or a colleague would miss."""
    wanted = {
        "hints": (bool(problem.hints), "There are no hints."),
        "solution": (
            bool(problem.solution.pieces) or any(part.solution.pieces for part in problem.parts),
            "There is no worked solution.",
        ),
        "examples": (bool(problem.examples), "There are no examples of responses with their marks."),
    }
    for key, (is_there, message) in wanted.items():
        if not is_there:
            error = problem.document.error((), message, f"Add `{key}:`.")
            yield Finding.of(error, f"no-{key}", WARNING, problem.id)
    yield from _few_words(problem)


def _few_words(problem: Problem) -> Iterator[Finding]:
    """Where a student who is stuck, or wrong, is told too little."""
    if problem.hints and not FEWEST_HINTS <= len(problem.hints) <= MOST_HINTS:
        repair = "Lead from a gentle hint to one that says nearly all, in two or three steps."
        message = "There is only one hint." if len(problem.hints) == 1 else f"There are {len(problem.hints)} hints."
        error = problem.document.error((), message, repair)
        yield Finding.of(error, "hints", WARNING, problem.id)
    for part in problem.parts:
        if part.type != WRITTEN and "wrong" not in part.feedback:
            repair = 'Add `feedback: {wrong: "…"}`, with what to look at again.'
            error = problem.document.error(part.path, f"The part {part.id!r} says nothing to a wrong answer.", repair)
            yield Finding.of(error, "no-wrong-text", WARNING, problem.id)
