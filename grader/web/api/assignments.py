"""The assignments of a course."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import url_for
from pydantic import ConfigDict, Field

from grader.errors import Conflict, InvalidRequest, NotFound
from grader.services import assignment_edits, assignments
from grader.services.access import Actor, with_scope
from grader.services.assignment_edits import AssignmentGiven
from grader.services.assignments import (
    MOST_PROBLEMS,
    AssignmentSummary,
    AssignmentView,
    ChosenProblem,
    KeptProblem,
    Setting,
)
from grader.services.lateness import LONGEST_GRACE, NO_LATENESS, LateKind, LateRule
from grader.services.policies import Phase, Policy, Progress, ShowSolution
from grader.services.problems import source_of
from grader.store.assignments import HIDDEN, SHOWN
from grader.web.api.conditions import PreconditionFailed, require_match
from grader.web.api.paging import page
from grader.web.api.routes import ID, Reply, Route
from grader.web.api.schemas import LARGEST_POINTS, Given, GivenMoment, Moment, Paging, Points, Shown, exact
from grader.web.state import database, state

RULES = frozenset({"opens", "due", "tries", "practice", "show_solution", "exam", "feedback_from", "one_variant"})


class ChosenGiven(Given):
    """A problem of the bank to set."""

    id: str = Field(max_length=200, examples=["jacobian-polynomial-map"])
    points: float | None = Field(
        default=None, ge=0, le=LARGEST_POINTS, description="null: what its parts add up to.", examples=[2]
    )


class LateGiven(Given):
    """What becomes of answers after the due date."""

    kind: LateKind = Field(description="none: refused; grace: taken for some minutes; daily: count less each day.")
    grace: int = Field(default=0, ge=0, le=LONGEST_GRACE, description="Minutes that cost nothing.")
    loss: float = Field(default=0, ge=0, le=1, description="daily: the share lost with each day begun.")
    floor: float = Field(default=0, ge=0, le=1, description="daily: the least share that an answer keeps.")
    until: GivenMoment | None = Field(default=None, description="daily: when no more is taken; null: never.")

    def rule(self) -> LateRule:
        """The rule."""
        return LateRule(self.kind, self.grace, exact(self.loss), exact(self.floor), self.until)


class NewAssignment(Given):
    """An assignment to create."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Jacobians",
                    "problems": [{"id": "jacobian-polynomial-map", "points": 2}],
                    "due": "2030-01-31T22:00:00Z",
                    "tries": 3,
                    "penalty": 0.1,
                }
            ]
        }
    )

    title: str = Field(min_length=1, max_length=200)
    problems: list[ChosenGiven] = Field(min_length=1, max_length=MOST_PROBLEMS)
    opens: GivenMoment | None = Field(default=None, description="null: open at once.")
    due: GivenMoment | None = Field(default=None, description="null: never due.")
    tries: int | None = Field(default=None, ge=1, description="null: without limit.")
    penalty: float = Field(default=0, ge=0, le=1, description="The share of a part's points that a failed try costs.")
    practice: bool = Field(default=False, description="Whether students may ask for new variants.")
    show_solution: ShowSolution = Field(default=ShowSolution.DONE, description="When students see the solution.")

    late: LateGiven | None = Field(default=None, description="null: nothing is taken after the due date.")
    exam: bool = Field(default=False, description="Whether students see no marks until they are released.")
    feedback_from: GivenMoment | None = Field(
        default=None, description="From when on the students of an exam see their marks; null: once they are released."
    )
    one_variant: bool = Field(default=False, description="Whether all students have the same numbers.")
    hidden: bool = Field(default=False, description="Whether students do not see it yet.")
    zone: str = Field(default="UTC", max_length=100, description="The time zone in which teachers see its dates.")

    def policy(self) -> Policy:
        """The rules of it."""
        return Policy(
            opens=self.opens,
            due=self.due,
            tries=self.tries,
            penalty=exact(self.penalty),
            practice=self.practice,
            show_solution=self.show_solution,
            late=self.late.rule() if self.late else NO_LATENESS,
            exam=self.exam,
            feedback_from=self.feedback_from,
            one_variant=self.one_variant,
        )

    def setting(self) -> Setting:
        """What it has beside its rules."""
        return Setting(self.zone, HIDDEN if self.hidden else SHOWN)


def _without_defaults(schema: dict[str, Any]) -> None:
    """What is not given stays: a default would be sent by clients that are made from the description."""
    for field in schema["properties"].values():
        field.pop("default", None)
    schema["examples"] = [{"due": "2030-02-07T22:00:00Z", "tries": None}]


class ChangedAssignment(Given):
    """What is to be changed of an assignment; what is not given stays as it is."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    title: str = Field(default="", min_length=1, max_length=200)
    problems: list[ChosenGiven] = Field(default=[], min_length=1, max_length=MOST_PROBLEMS)
    opens: GivenMoment | None = None
    due: GivenMoment | None = None
    tries: int | None = Field(default=None, ge=1)
    penalty: float = Field(default=0, ge=0, le=1)
    practice: bool = False
    show_solution: ShowSolution = ShowSolution.DONE
    late: LateGiven | None = None
    exam: bool = False
    feedback_from: GivenMoment | None = None
    one_variant: bool = False
    hidden: bool = False
    zone: str = Field(default="UTC", max_length=100)

    def changed(self, view: AssignmentView) -> AssignmentGiven:
        """The whole assignment as it is to be, made from how it is."""
        given = self.model_fields_set
        rules = {name: getattr(self, name) for name in given & RULES}
        if "penalty" in given:
            rules["penalty"] = exact(self.penalty)
        if "late" in given:
            rules["late"] = self.late.rule() if self.late else NO_LATENESS
        zone = self.zone if "zone" in given else view.setting.zone
        visibility = view.setting.visibility
        if "hidden" in given:
            visibility = HIDDEN if self.hidden else SHOWN
        return AssignmentGiven(
            title=self.title if "title" in given else view.title,
            problems=_problems(self.problems, view) if "problems" in given else _kept(view),
            policy=replace(view.policy, **rules),
            setting=replace(view.setting, zone=zone, visibility=visibility),
        )


class LateShown(Shown):
    """What becomes of answers after the due date."""

    kind: LateKind
    grace: int = Field(description="Minutes that cost nothing.")
    loss: Points = Field(description="The share lost with each day begun.")
    floor: Points = Field(description="The least share that an answer keeps.")
    until: Moment | None


class Rules(Shown):
    """The rules of an assignment, as they hold for the token's person."""

    opens: Moment | None
    due: Moment | None
    tries: int | None
    penalty: Points
    practice: bool
    show_solution: ShowSolution
    late: LateShown
    exam: bool
    feedback_from: Moment | None
    released: Moment | None = Field(description="When the marks of an exam were released.")
    one_variant: bool
    held: bool = Field(description="Whether the token's person is told no more than that answers were received.")
    visibility: str = Field(description="shown or hidden.", examples=["shown"])


class AssignmentLine(Rules):
    """An assignment in a list."""

    id: int
    course_id: int
    title: str
    phase: Phase
    problems: int = Field(description="How many.")
    max_points: Points


class AssignmentList(Shown):
    """A page of assignments."""

    items: list[AssignmentLine]


class SetProblem(Shown):
    """A problem as it is set."""

    problem_id: str
    title: str
    topic: str
    level: str
    version: str
    progress: Progress = Field(description="That of the token's person.")
    attempt_id: int | None
    points: Points
    max_points: Points


class AssignmentShown(Rules):
    """An assignment with its problems in order."""

    id: int
    course_id: int
    title: str
    phase: Phase
    problems: list[SetProblem]
    points: Points
    max_points: Points


def list_assignments(actor: Actor, course_id: int, query: Paging) -> Reply:
    """The assignments of a course, the one that is due first on top."""
    found = assignments.list_assignments(database(), state().clock, actor, course_id)
    shown, headers = page(found, query, lambda one: one.id)
    items = [AssignmentLine.model_validate(_with_rules(one)) for one in shown]
    return Reply(AssignmentList(items=items), headers=headers)


def create_assignment(actor: Actor, course_id: int, body: NewAssignment) -> Reply:
    """A new assignment."""
    chosen = [_chosen(place, given) for place, given in enumerate(body.problems)]
    made = assignments.create_assignment(
        database(), state().clock, actor, course_id, body.title, chosen, body.policy(), body.setting()
    )
    location = url_for("api.show_assignment", assignment_id=made.id)
    return Reply(AssignmentShown.model_validate(_with_rules(made)), 201, {"Location": location})


def show_assignment(actor: Actor, assignment_id: int) -> Reply:
    """One assignment; before it opens, students see no problems."""
    found = assignments.assignment(database(), state().clock, actor, assignment_id)
    return Reply(AssignmentShown.model_validate(_with_rules(found)))


def change_assignment(actor: Actor, assignment_id: int, body: ChangedAssignment) -> Reply:
    """The assignment after the change, if nobody has changed it since it was read."""
    session, clock, reader = database(), state().clock, with_scope(actor, "courses:read")
    present = assignments.assignment(session, clock, reader, assignment_id)
    require_match(AssignmentShown.model_validate(_with_rules(present)))
    try:
        assignment_edits.edit_assignment(session, clock, actor, assignment_id, body.changed(present))
    except Conflict as error:
        raise PreconditionFailed(error.message) from None
    return show_assignment(reader, assignment_id)


def _kept(view: AssignmentView) -> list[ChosenProblem | KeptProblem]:
    """The problems as they are."""
    return [KeptProblem(line.problem_id) for line in view.problems]


def _problems(given: list[ChosenGiven], view: AssignmentView) -> list[ChosenProblem | KeptProblem]:
    """What is to be set: problems that are set already, in their version, and others of the bank."""
    known = {line.problem_id for line in view.problems}
    return [
        KeptProblem(one.id, None if one.points is None else exact(one.points))
        if one.id in known
        else _chosen(place, one)
        for place, one in enumerate(given)
    ]


def _chosen(place: int, given: ChosenGiven) -> ChosenProblem:
    """The problem of the bank with its points."""
    try:
        problem = state().bank.problem(given.id)
    except NotFound as error:
        raise InvalidRequest(error.message, f"problems.{place}.id") from None
    return ChosenProblem(source_of(problem), None if given.points is None else exact(given.points))


def _with_rules(view: AssignmentView | AssignmentSummary) -> dict[str, Any]:
    """The fields of the view and of its rules side by side."""
    names = ("id", "course_id", "title", "phase", "problems", "points", "max_points")
    rules = set(Rules.model_fields) - {"held", "visibility"}
    visibility = view.setting.visibility if isinstance(view, AssignmentView) else view.visibility
    shown = {name: getattr(view, name) for name in (*names, "held")} | {"visibility": visibility}
    return shown | {name: getattr(view.policy, name) for name in rules}


ROUTES = (
    Route(
        "GET",
        f"/courses/<{ID}:course_id>/assignments",
        list_assignments,
        "courses:read",
        "List the assignments of a course",
        {200: AssignmentList},
        query=Paging,
        errors=(404,),
        gives={"assignment_id": "/items/0/id"},
    ),
    Route(
        "POST",
        f"/courses/<{ID}:course_id>/assignments",
        create_assignment,
        "courses:write",
        "Create an assignment",
        {201: AssignmentShown},
        description="For instructors of the course. The problems are set in their present version.",
        body=NewAssignment,
        errors=(404, 409),
        takes_key=True,
        gives={"assignment_id": "/id"},
    ),
    Route(
        "GET",
        f"/assignments/<{ID}:assignment_id>",
        show_assignment,
        "courses:read",
        "Show an assignment",
        {200: AssignmentShown},
        errors=(404,),
    ),
    Route(
        "PATCH",
        f"/assignments/<{ID}:assignment_id>",
        change_assignment,
        "courses:write",
        "Change an assignment",
        {200: AssignmentShown},
        description=(
            "For instructors of the course. What is not given stays as it is; `problems` replaces the whole list, in "
            "which a problem that was set stays in its version. `If-Match` must be the `ETag` of what was read."
        ),
        body=ChangedAssignment,
        errors=(404, 412, 428),
        is_conditional=True,
    ),
)
