"""An assignment as one zip file: its rules, and the texts of its problems in the versions that are set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.bank.compiling import version_of
from grader.bank.packing import unzipped, zipped
from grader.bank.source import Document
from grader.errors import BankError, BankErrors, InvalidRequest, NotFound
from grader.services.access import NO_ASSIGNMENT, Actor, enter_assignment
from grader.services.assignment_files import FILE, AssignmentFile, ListedProblem, read_assignment, written
from grader.services.assignments import MOST_PROBLEMS
from grader.services.policies import policy_of
from grader.store import assignments

_PLACES = re.compile(rf"{re.escape(FILE)}|problems/[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.yaml")


@dataclass(frozen=True, slots=True)
class UnpackedAssignment:
    """What a package holds: the assignment, and the text of each of its problems by id."""

    assignment: AssignmentFile
    sources: dict[str, str]


def export_assignment(session: Session, actor: Actor, assignment_id: int) -> bytes:
    """The assignment as a zip file (teachers), without anything of students; the same assignment, the same bytes."""
    row, membership = enter_assignment(session, actor, assignment_id, "courses:read")
    membership.require_teacher()
    if row.is_pool:
        raise NotFound(NO_ASSIGNMENT)
    texts = assignments.texts_of(session, row.id)
    listed = tuple(ListedProblem(one.key, one.points, one.version) for one in texts)
    given = AssignmentFile(row.title, policy_of(row), row.zone, listed)
    files = {FILE: written(given)} | {place_of(one.key): one.source for one in texts}
    return zipped({name: text.encode() for name, text in files.items()})


def place_of(id: str) -> str:
    """Where the text of a problem stands in a package."""
    return f"problems/{id}.yaml"


def unpack_assignment(content: bytes) -> UnpackedAssignment:
    """What a package holds.

    InvalidRequest where it is no package, BankErrors with all that is wrong with its files.
    """
    files = unzipped(content, _PLACES, MOST_PROBLEMS)
    main = files.pop(FILE, None)
    if main is None:
        raise InvalidRequest("The package has no assignment.yaml: it is not that of an assignment.", "FILE")
    faults: list[BankError] = []
    texts = {name: _decoded(name, text, faults) for name, text in {FILE: main, **files}.items()}
    if faults:
        raise BankErrors(tuple(faults))
    given, document = read_assignment(texts.pop(FILE))
    faults.extend(_mismatches(given, document, texts))
    if faults:
        raise BankErrors(tuple(faults))
    return UnpackedAssignment(given, {one.id: texts[place_of(one.id)] for one in given.problems})


def _decoded(name: str, content: bytes, faults: list[BankError]) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        message = f"The file is not UTF-8 text (byte {error.start})."
        faults.append(BankError(message, name, 1, 1, "Save it as UTF-8."))
        return ""


def _mismatches(given: AssignmentFile, document: Document, texts: dict[str, str]) -> Iterator[BankError]:
    """Problems without a text, texts without a problem, and texts that are not those that were packed."""
    for number, one in enumerate(given.problems):
        text = texts.get(place_of(one.id))
        if text is None:
            message = f"The package has no {place_of(one.id)}."
            yield document.error(("problems", number, "id"), message, "Add it, or take the problem out.")
        elif one.version not in (None, version_of(text)):
            message = f"{place_of(one.id)} is not the text that was packed."
            repair = "If it was changed on purpose, leave out its version here."
            yield document.error(("problems", number, "version"), message, repair)
    for name in sorted(texts.keys() - {place_of(one.id) for one in given.problems}):
        yield BankError(f"{FILE} does not name this problem.", name, 1, 1, "Name it, or leave it out.")
