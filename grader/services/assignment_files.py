"""An assignment as a YAML file: what it says of title, dates, rules and problems, and of no student."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from grader.bank.faults import schema_faults
from grader.bank.field_types import STRICT, Slug, form_fault, kind_of
from grader.bank.source import Document, as_text, read_source
from grader.errors import BankError, BankErrors, InvalidRequest
from grader.services import policies
from grader.services.assignments import MOST_PROBLEMS, Setting, check_setting
from grader.services.fields import line
from grader.services.lateness import NO_LATENESS, LateKind, LateRule
from grader.services.policies import Policy, ShowSolution
from grader.store.assignments import HIDDEN

FILE = "assignment.yaml"
FORMAT, VERSION = "grader-assignment", 1
EARLIEST_YEAR, LATEST_YEAR = 1970, 9000
HEADING = "# An assignment without its students, to import into a course. The texts of its problems stand beside it.\n"
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12}|/[1-9][0-9]{0,11})?")
_VERSION = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ListedProblem:
    """A problem of an assignment as its file names it; `version` None: whatever text stands beside the file."""

    id: str
    points: Fraction | None
    version: str | None


@dataclass(frozen=True, slots=True)
class AssignmentFile:
    """What the file of an assignment says; `zone` is the time zone in which its dates are shown to teachers."""

    title: str
    policy: Policy
    zone: str
    problems: tuple[ListedProblem, ...]


def written(given: AssignmentFile) -> str:
    """The file; the same assignment gives the same text. When an exam was released is left out."""
    zone = ZoneInfo(given.zone)
    told: list[str] = [HEADING + f"format: {FORMAT}", f"version: {VERSION}", f"title: {_quoted(given.title)}"]
    told += [f"zone: {_quoted(given.zone)}", *_rules(given.policy, zone), "problems:"]
    for one in given.problems:
        told.append(f"  - id: {one.id}")
        told += [] if one.points is None else [f"    points: {_quoted(str(one.points))}"]
        told += [] if one.version is None else [f"    version: {_quoted(one.version)}"]
    return "\n".join(told) + "\n"


def read_assignment(text: str) -> tuple[AssignmentFile, Document]:
    """What the file says, and where it says it; BankErrors with every fault of it."""
    document = read_source(text, FILE)
    if document.errors:
        raise BankErrors(document.errors)
    if not isinstance(document.data, dict):
        raise BankErrors((document.error((), "An assignment is a mapping.", f"Begin with `format: {FORMAT}`."),))
    try:
        given = _Given.model_validate(document.data)
    except ValidationError as error:
        raise BankErrors(_in_order(schema_faults(error, document, _Given))) from None
    found = given.assignment()
    faults = (*_refused(found, document), *_repeated(found, document))
    if faults:
        raise BankErrors(_in_order(faults))
    return found, document


def _in_order(faults: Iterable[BankError]) -> tuple[BankError, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))


def _rules(policy: Policy, zone: ZoneInfo) -> Iterator[str]:
    """The lines of the rules, those that are usual too, so that whoever reads them knows."""
    moments = {"opens": policy.opens, "due": policy.due, "feedback_from": policy.feedback_from}
    yield from (f"{name}: {_moment(at, zone)}" for name, at in moments.items() if at is not None)
    if policy.tries is not None:
        yield f"tries: {policy.tries}"
    yield f"penalty: {_quoted(str(policy.penalty))}"
    yield f"practice: {_truth(policy.practice)}"
    yield f"exam: {_truth(policy.exam)}"
    yield f"one_variant: {_truth(policy.one_variant)}"
    yield f"show_solution: {policy.show_solution.value}"
    late = policy.late
    if late != NO_LATENESS:
        yield "late:"
        yield f"  kind: {late.kind.value}"
        yield f"  grace: {late.grace}"
        yield f"  loss: {_quoted(str(late.loss))}"
        yield f"  floor: {_quoted(str(late.floor))}"
        yield from () if late.until is None else (f"  until: {_moment(late.until, zone)}",)


def _quoted(text: str) -> str:
    """The text as YAML takes it for nothing else."""
    return "'" + text.replace("'", "''") + "'"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return _quoted(at.astimezone(zone).isoformat())


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _read_number(value: Any) -> Fraction:
    text = as_text(value) or ""
    if not _NUMBER.fullmatch(text):
        raise form_fault(f"A number is expected here, not {kind_of(value)}.", "Write 2, 0.5 or '1/3'.")
    return Fraction(text)


def _read_moment(value: Any) -> datetime:
    text = as_text(value) or ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise form_fault("This is no date and time.", "Write one such as '2030-01-31T23:59:00+01:00'.") from None
    if moment.tzinfo is None:
        raise form_fault("A date needs a time zone.", f"Write '{text}+00:00', or what is meant.")
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise form_fault(
            f"The year {moment.year} is out of range.", f"Write one from {EARLIEST_YEAR} to {LATEST_YEAR}."
        )
    return moment.astimezone(UTC)


def _read_version(value: Any) -> str:
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        raise form_fault("A version is 64 characters from 0 to 9 and a to f.", "Leave it out.")
    return value


Number = Annotated[Fraction, BeforeValidator(_read_number)]
Moment = Annotated[datetime, BeforeValidator(_read_moment)]
VersionHash = Annotated[str, BeforeValidator(_read_version)]


class _GivenProblem(BaseModel):
    model_config = STRICT

    id: Slug
    points: Number | None = None
    version: VersionHash | None = None


class _GivenLate(BaseModel):
    model_config = STRICT

    kind: Literal["none", "grace", "daily"]
    grace: int = 0
    loss: Number = Fraction(0)
    floor: Number = Fraction(0)
    until: Moment | None = None

    def rule(self) -> LateRule:
        return LateRule(LateKind(self.kind), self.grace, self.loss, self.floor, self.until)


class _Given(BaseModel):
    """The file as it is written; the names of the rules are those of the REST interface."""

    model_config = STRICT

    format: Literal["grader-assignment"]
    version: Literal[1]
    title: str
    zone: str = "UTC"
    opens: Moment | None = None
    due: Moment | None = None
    feedback_from: Moment | None = None
    tries: int | None = None
    penalty: Number = Fraction(0)
    practice: bool = False
    exam: bool = False
    one_variant: bool = False
    show_solution: Literal["never", "done", "due"] = "done"
    late: _GivenLate | None = None
    problems: list[_GivenProblem] = Field(min_length=1, max_length=MOST_PROBLEMS)

    def assignment(self) -> AssignmentFile:
        policy = Policy(
            opens=self.opens,
            due=self.due,
            tries=self.tries,
            penalty=self.penalty,
            practice=self.practice,
            show_solution=ShowSolution(self.show_solution),
            late=self.late.rule() if self.late else NO_LATENESS,
            exam=self.exam,
            feedback_from=self.feedback_from,
            one_variant=self.one_variant,
        )
        problems = tuple(ListedProblem(one.id, one.points, one.version) for one in self.problems)
        return AssignmentFile(self.title, policy, self.zone, problems)


def _refused(given: AssignmentFile, document: Document) -> Iterator[BankError]:
    """What the rules for every assignment say against this one, each at its place."""
    checks: tuple[Callable[[], object], ...] = (
        lambda: line(given.title, "title"),
        lambda: check_setting(Setting(given.zone, HIDDEN)),
        lambda: policies.check(given.policy),
    )
    for check in checks:
        try:
            check()
        except InvalidRequest as error:
            yield document.error(tuple(error.field.split(".")), error.message)


def _repeated(given: AssignmentFile, document: Document) -> Iterator[BankError]:
    seen: set[str] = set()
    for number, one in enumerate(given.problems):
        if one.id in seen:
            yield document.error(("problems", number, "id"), f"The problem {one.id!r} stands here a second time.")
        seen.add(one.id)
