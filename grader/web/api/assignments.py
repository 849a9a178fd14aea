"""The assignments of a course."""

from __future__ import annotations

from typing import Any

from flask import url_for
from pydantic import ConfigDict, Field

from grader.errors import InvalidRequest, NotFound
from grader.services import assignments
from grader.services.access import Actor
from grader.services.assignments import MOST_PROBLEMS, AssignmentSummary, AssignmentView, ChosenProblem
from grader.services.policies import Phase, Policy, Progress, ShowSolution
from grader.services.problems import source_of
from grader.web.api.paging import page
from grader.web.api.routes import ID, Reply, Route
from grader.web.api.schemas import LARGEST_POINTS, Given, GivenMoment, Moment, Paging, Points, Shown, exact
from grader.web.state import database, state


class ChosenGiven(Given):
    """A problem of the bank to set."""

    id: str = Field(max_length=200, examples=["jacobian-polynomial-map"])
    points: float | None = Field(
        default=None, ge=0, le=LARGEST_POINTS, description="null: what its parts add up to.", examples=[2]
    )


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

    def policy(self) -> Policy:
        """The rules of it."""
        penalty = exact(self.penalty)
        return Policy(self.opens, self.due, self.tries, penalty, self.practice, self.show_solution)


class Rules(Shown):
    """The rules of an assignment."""

    opens: Moment | None
    due: Moment | None
    tries: int | None
    penalty: Points
    practice: bool
    show_solution: ShowSolution


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
    made = assignments.create_assignment(database(), state().clock, actor, course_id, body.title, chosen, body.policy())
    location = url_for("api.show_assignment", assignment_id=made.id)
    return Reply(AssignmentShown.model_validate(_with_rules(made)), 201, {"Location": location})


def show_assignment(actor: Actor, assignment_id: int) -> Reply:
    """One assignment; before it opens, students see no problems."""
    found = assignments.assignment(database(), state().clock, actor, assignment_id)
    return Reply(AssignmentShown.model_validate(_with_rules(found)))


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
    rules = ("opens", "due", "tries", "penalty", "practice", "show_solution")
    return {name: getattr(view, name) for name in names} | {name: getattr(view.policy, name) for name in rules}


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
        errors=(404,),
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
)
