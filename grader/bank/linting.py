"""Problems of a bank that can be found from the files and a few variants of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from grader.bank.drawing import Choices, Value
from grader.bank.findings import ERROR, WARNING, Finding, merged
from grader.bank.inspecting import Grade, check_example, check_known_case, inspect, reads_badly
from grader.bank.loading import Bank, load_bank
from grader.bank.problem import Options, Problem, names_of
from grader.bank.prose import prose_slips
from grader.bank.values import Values
from grader.bank.variant import Variant
from grader.bank.variants import draw, made, variant_of
from grader.errors import BankErrors
from grader.reading.names import canonical
from grader.reading.tree import Tree, names_in

LINT_SEEDS = range(3)


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
    for seed in LINT_SEEDS:
        yield from examine(problem, seed, grade)[1]
    yield from fixed_cases(problem, grade)


def examine(problem: Problem, seed: int, grade: Grade) -> tuple[Variant | None, list[Finding]]:
    """The variant at a seed, what is wrong with it, and with the examples that hold on every seed."""
    try:
        values = draw(problem, seed)
        variant, awkward = made(problem, values, seed)
    except BankErrors as error:
        return None, [Finding.of(fault, "variant", problem=problem.id).at_seed(seed) for fault in error.errors]
    findings = [*inspect(problem, values, variant, grade)]
    findings += [reads_badly(problem, path, found) for path, found in awkward]
    for example in problem.examples:
        if example.parameters is None and example.seed is None:
            findings += check_example(problem, example, values, variant, grade)
    return variant, [finding.at_seed(seed) for finding in findings]


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
    for example in () if seen_only else problem.examples:
        templates += example.responses.values()
    pending = [name for template in templates for piece in template.prints() for name in names_in(piece.tree)]
    pending += [name for template in templates for condition in template.conditions() for name in condition.names]
    pending += [name for condition in problem.conditions for name in condition.names if not seen_only]
    for part in problem.parts:
        pending += [] if isinstance(part.answer, Options) else names_of(part.answer)
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
