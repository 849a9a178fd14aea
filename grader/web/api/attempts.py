"""Attempts: one student at one variant of one problem of an assignment."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from grader.services import attempts
from grader.services.access import STUDENT, Actor
from grader.services.attempts import AttemptView
from grader.services.policies import Phase, Progress
from grader.web.api.routes import ID, Reply, Route
from grader.web.api.schemas import Given, Moment, Points, Shown
from grader.web.api.variants import VariantShown, show_variant
from grader.web.state import database, state
from grader.web.variants import variant_of


class PartStanding(Shown):
    """The best that the student has reached in one part, after penalties."""

    id: str
    score: Points
    max_score: Points
    is_right: bool
    failed_tries: int


class AttemptShown(Shown):
    """A student at a variant; the keys in the variant are null for students."""

    id: int
    assignment_id: int
    student_id: int
    problem_id: str
    number: int = Field(description="1 for the first variant, more in practice mode.")
    phase: Phase
    progress: Progress
    tries_used: int
    tries_left: int | None = Field(description="null: without limit.")
    points: Points
    max_points: Points
    due: Moment | None = Field(description="The student's own due date.")
    held: bool = Field(description="Whether the token's person is told no more than that answers were received.")
    preview: bool = Field(description="Whether it is a teacher's look through a student's eyes, which counts nowhere.")
    refusal: str = Field(description="Why nothing can be submitted now; empty when something can.")
    parts: list[PartStanding] = Field(description="Empty until something was judged.")
    created: Moment
    variant: VariantShown


class AttemptList(Shown):
    """The attempts at the problems of an assignment, in its order."""

    items: list[AttemptShown]


class OpenAttempts(Given):
    """What to open; without a body, all problems of the assignment."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"problem_id": "jacobian-polynomial-map"}, {}]})

    problem_id: str | None = Field(default=None, max_length=200, description="Only this problem.")


def open_attempts(actor: Actor, assignment_id: int, student_id: int, body: OpenAttempts) -> Reply:
    """The student's present attempts; those that are not there yet are opened."""
    session, clock = database(), state().clock
    if body.problem_id is None:
        found = attempts.open_attempts(session, clock, actor, assignment_id, student_id)
    else:
        found = (attempts.open_attempt(session, clock, actor, assignment_id, body.problem_id, student_id),)
    session.commit()
    return Reply(AttemptList(items=[_shown(view) for view in found]))


def show_attempt(actor: Actor, attempt_id: int) -> Reply:
    """One attempt."""
    return Reply(_shown(attempts.attempt(database(), state().clock, actor, attempt_id)))


def _shown(view: AttemptView) -> AttemptShown:
    variant = variant_of(view)
    names = set(AttemptShown.model_fields) - {"variant", "due"}
    values: dict[str, Any] = {name: getattr(view, name) for name in names} | {"due": view.policy.due}
    return AttemptShown(**values, variant=show_variant(variant, with_keys=view.role != STUDENT))


ROUTES = (
    Route(
        "POST",
        f"/assignments/<{ID}:assignment_id>/students/<{ID}:student_id>/attempts",
        open_attempts,
        "attempts:write",
        "Open a student's attempts",
        {200: AttemptList},
        description="Opens the variants that are missing and returns all; sent again it changes nothing.",
        body=OpenAttempts,
        is_body_optional=True,
        errors=(404, 409),
        takes_key=True,
        gives={"attempt_id": "/items/0/id"},
    ),
    Route(
        "GET",
        f"/attempts/<{ID}:attempt_id>",
        show_attempt,
        "results:read",
        "Show an attempt",
        {200: AttemptShown},
        errors=(404,),
    ),
)
