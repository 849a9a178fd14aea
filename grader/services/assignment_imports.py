"""Taking an assignment out of a package into a course: all of it, hidden from students, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.bank.compiling import version_of
from grader.bank.findings import ERROR
from grader.bank.problem import Problem
from grader.errors import BankError, BankErrors, InvalidRequest
from grader.services import assignments, authoring
from grader.services.access import Actor, Clock, enter
from grader.services.assignment_packing import UnpackedAssignment, place_of, unpack_assignment
from grader.services.assignments import ChosenProblem, Setting
from grader.services.examining import SEEDS_BEFORE_SAVING, Examination, Examine
from grader.services.problems import ProblemSource, source_of
from grader.store import problems
from grader.store.assignments import HIDDEN
from grader.store.database import writing

RESERVED = frozenset({"new"})
"""An address beside those of a course's problems."""


@dataclass(frozen=True, slots=True)
class NewProblem:
    """A problem that the course is to have of its own: its id in the package, its id in the course, its text there."""

    packed_id: str
    id: str
    source: str


@dataclass(frozen=True, slots=True)
class ImportedAssignment:
    """What was made; `added` are the course's new problems by their ids in the package."""

    id: int
    title: str
    added: Mapping[str, str]
    opens: datetime | None
    due: datetime | None
    zone: str

    @property
    def renamed(self) -> dict[str, str]:
        """The new problems that have another id than in the package, and so other numbers."""
        return {packed: own for packed, own in self.added.items() if packed != own}


def import_assignment(
    session: Session,
    clock: Clock,
    actor: Actor,
    course_id: int,
    content: bytes,
    bank: Mapping[str, Problem],
    examine: Examine,
    most_new: int | None = None,
) -> ImportedAssignment:
    """The assignment of a package in this course (instructor), hidden, with the dates that it had.

    Problems whose texts the bank or the course has, or had, are set as they are. All others, `most_new` of them
    at most, become problems of the course, under another id where theirs is taken. BankErrors with every fault
    of the files, InvalidRequest where they are no package: nothing is made then.
    """
    enter(session, actor, course_id, "courses:write").require_instructor()
    packed = unpack_assignment(content)
    known = _known(session, course_id, packed, bank)
    new = _new(packed, known, {*bank, *RESERVED}, authoring.ids_of(session, course_id))
    if most_new is not None and len(new) > most_new:
        raise InvalidRequest(
            "More problems would be new here than a page takes at once. Use `grader course import-assignment`.",
            "FILE",
        )
    session.commit()  # nothing is open while texts are looked at
    seen = _examined(new, examine)
    given = packed.assignment
    with writing(session):
        for one in new:
            authoring.add_problem(session, clock, actor, course_id, one.source, seen[one.packed_id], {*bank, *RESERVED})
        made = authoring.sources_of(session, course_id, [one.id for one in new])
        sources = known | {one.packed_id: made[one.id] for one in new}
        chosen = [ChosenProblem(sources[one.id], one.points) for one in given.problems]
        setting = Setting(given.zone, HIDDEN)
        view = assignments.create_assignment(
            session, clock, actor, course_id, given.title, chosen, given.policy, setting
        )
        added = {one.packed_id: one.id for one in new}
        return ImportedAssignment(view.id, view.title, added, view.policy.opens, view.policy.due, given.zone)


def _known(
    session: Session, course_id: int, packed: UnpackedAssignment, bank: Mapping[str, Problem]
) -> dict[str, ProblemSource]:
    """The problems that are here word for word: in the bank, or stored as set once from the bank or by this course."""
    versions = {key: version_of(source) for key, source in packed.sources.items()}
    present = {key: bank[key] for key in versions if key in bank}
    found = {key: source_of(one) for key, one in present.items() if one.version == versions[key]}
    left = {key: version for key, version in versions.items() if key not in found}
    for problem, version in problems.stored(session, course_id, left):
        found[problem.key] = ProblemSource(
            id=problem.key,
            version=version.version,
            title=version.title,
            topic=version.topic,
            level=version.level,
            source=packed.sources[problem.key],
            max_score=version.max_score,
            parts=tuple(version.parts or ()),
            course_id=problem.course_id,
            family=version.family or "",
        )
    return found


def _new(
    packed: UnpackedAssignment, known: Mapping[str, ProblemSource], shipped: set[str], own: frozenset[str]
) -> tuple[NewProblem, ...]:
    """The problems that are not here, each under an id that is free here and in the package."""
    taken = {*shipped, *own, *known}
    ids = {key: key for key in packed.sources if key not in taken}
    found = []
    for key, source in packed.sources.items():
        if key in known:
            continue
        if key not in ids:
            ids[key] = authoring.free_id(key, {*taken, *packed.sources, *ids.values()})
        text = source if ids[key] == key else authoring.renamed(source, ids[key])
        found.append(NewProblem(key, ids[key], text))
    return tuple(found)


def _examined(new: tuple[NewProblem, ...], examine: Examine) -> dict[str, Examination]:
    """What was seen in each text; BankErrors where one could not be given to students."""
    seen: dict[str, Examination] = {}
    faults: list[BankError] = []
    for one in new:
        if authoring.id_in(one.source) != one.id:
            message, repair = "No line of this text says its id.", f"Begin with `id: {one.packed_id}`."
            faults.append(BankError(message, place_of(one.packed_id), 1, 1, repair))
            continue
        seen[one.packed_id] = authoring.checked_id(examine(one.source, 1, SEEDS_BEFORE_SAVING), one.id)
        faults.extend(_faults(one, seen[one.packed_id]))
    if faults:
        raise BankErrors(tuple(faults))
    return seen


def _faults(one: NewProblem, seen: Examination) -> Iterator[BankError]:
    for finding in seen.findings:
        if finding.severity == ERROR:
            yield BankError(finding.message, place_of(one.packed_id), finding.line, finding.column, finding.repair)
