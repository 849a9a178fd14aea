"""Problem files from the disk: each by itself, so that a broken one stops no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from grader.bank.compiling import compile_problem
from grader.bank.faults import nearest, schema_faults
from grader.bank.fragments import FOLDER, bundled, with_fragments
from grader.bank.mending import mended
from grader.bank.problem import Problem
from grader.bank.schema import ProblemFile
from grader.bank.source import Document, Origin, read_source
from grader.errors import BankError, BankErrors, NotFound

SUFFIXES = (".yaml", ".yml")
MOST_FILES = 10_000
MOST_ROUNDS = 4


def load_problem(source: str, file: str = "", origins: tuple[Origin, ...] = ()) -> Problem:
    """The problem in a YAML text; raises BankErrors with every fault of it.

    `origins` says which lines of the text come from other files.
    """
    document = replace(read_source(source, file), origins=origins)
    errors = list(map(document.located, document.errors))
    document, more = with_fragments(document)
    errors += more
    if document.data is None and not errors:
        errors.append(BankError("The file is empty.", file, 1, 1, "Begin with `id: …`."))
    elif document.data is not None and not isinstance(document.data, dict):
        errors.append(document.error((), "A problem is a mapping.", "Begin with `id: …`."))
    elif document.data is not None and not document.is_cut:
        problem, more = _compiled(document, source)
        if problem is not None and not errors:
            return problem
        errors = _joined(errors, more)
    raise BankErrors(tuple(sorted(errors, key=lambda error: (error.line, error.column))))


def _compiled(document: Document, source: str) -> tuple[Problem | None, list[BankError]]:
    """The problem or all faults; where the form is faulty, the mathematics is looked at all the same."""
    faults: list[BankError] = []
    for _ in range(MOST_ROUNDS):
        try:
            spec = ProblemFile.model_validate(document.data)
        except ValidationError as error:
            faults = _joined(faults, schema_faults(error, document, ProblemFile))
            document = mended(document, error)
            continue
        problem, more = compile_problem(spec, document, source)
        faults = _joined(faults, more)
        return (None if faults else problem), faults
    return None, faults


def _joined(faults: list[BankError], more: list[BankError]) -> list[BankError]:
    """All faults, of several at one place those that were found first."""
    known = {(fault.line, fault.column) for fault in faults}
    return faults + [fault for fault in more if (fault.line, fault.column) not in known]


@dataclass(frozen=True)
class Bank:
    """Problems by id, and the faults of the files that could not be loaded."""

    problems: Mapping[str, Problem] = field(default_factory=dict)
    errors: tuple[BankError, ...] = ()
    files: int = 0

    def problem(self, id: str) -> Problem:
        """The problem with this id; NotFound names the nearest."""
        if id not in self.problems:
            close = nearest(id, self.problems) if len(self.problems) <= 20 else _did_you_mean(id, self.problems)
            raise NotFound(f"There is no problem {id!r}. {close}".strip(), "id")
        return self.problems[id]


def _did_you_mean(id: str, known: Iterable[str]) -> str:
    found = nearest(id, known)
    return found if found.startswith("Did you mean") else ""


def load_bank(paths: Iterable[Path | str]) -> Bank:
    """All problems in these files and folders; faults are kept beside them and stop nothing."""
    problems: dict[str, Problem] = {}
    errors: list[BankError] = []
    files = 0
    for path in problem_files(paths, errors):
        files += 1
        try:
            problem = load_file(path)
        except BankErrors as error:
            errors.extend(error.errors)
            continue
        if problem.id in problems:
            earlier = problems[problem.id].file
            message = f"The id {problem.id!r} is taken by {earlier}."
            errors.append(problem.document.error(("id",), message, "Choose another id."))
            continue
        problems[problem.id] = problem
    return Bank(problems, tuple(errors), files)


def load_file(path: Path) -> Problem:
    """The problem in a file; raises BankErrors."""
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"The file is not UTF-8 text (byte {error.start})."
        raise BankErrors((BankError(message, str(path), 1, 1, "Save it as UTF-8."),)) from None
    except OSError as error:
        raise BankErrors((BankError(f"The file cannot be read: {error.strerror}.", str(path)),)) from None
    text, origins = bundled(source, path)
    return load_problem(text, str(path), origins)


def problem_files(paths: Iterable[Path | str], errors: list[BankError]) -> Iterator[Path]:
    """The YAML files in the given files and folders, in a fixed order, each once."""
    seen: set[Path] = set()
    for given in map(Path, paths):
        if given.is_dir():
            files = (path for path in given.rglob("*") if path.suffix in SUFFIXES and path.is_file())
            found = sorted(path for path in files if path.parent.name != FOLDER)
        elif given.is_file():
            found = [given]
        else:
            errors.append(BankError("There is no such file or folder.", str(given)))
            continue
        for path in found[:MOST_FILES]:
            if path not in seen:
                seen.add(path)
                yield path
