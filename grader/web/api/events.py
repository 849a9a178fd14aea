"""The messages that webhooks carry, as the description of the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.web.api.schemas import Moment, Points, Shown

WHEN = "2030-01-31T21:58:03+00:00"
PLACE = {"course_id": 1, "assignment_id": 4}
TAG = "messages"
"""Apart from the routes about webhooks: a generator of clients makes a module of each tag."""
HEADERS = {
    "webhook-id": "The id of the message, the same at every try: what was seen before can be passed over.",
    "webhook-timestamp": "When it was sent, in seconds since 1970; refuse what is older than some minutes.",
    "webhook-signature": "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, one for each secret, parted by"
    " spaces, as Standard Webhooks has it.",
}


def example(kind: str, **data: Any) -> ConfigDict:
    """A message as it is sent."""
    return ConfigDict(json_schema_extra={"examples": [{"type": kind, "timestamp": WHEN, "data": {**PLACE, **data}}]})


class GradedData(Shown):
    """A result that was recorded."""

    course_id: int
    assignment_id: int
    problem_id: str
    student_id: int
    attempt_id: int
    submission_id: int
    score: Points = Field(description="Of the submission, before penalties.")
    max_score: Points
    cause: str = Field(description="judged, or what brought another result: proved, regraded, restored, marked.")


class SubmissionGraded(Shown):
    """A submission has a result: its first, or another one after a proof, a person's mark or a regrade."""

    model_config = example(
        "submission.graded",
        problem_id="jacobian-polynomial-map",
        student_id=2,
        attempt_id=17,
        submission_id=60,
        score=2,
        max_score=4,
        cause="judged",
    )

    type: Literal["submission.graded"]
    timestamp: Moment = Field(description="When it happened.")
    data: GradedData


class ChangedData(Shown):
    """The points of an attempt before and after."""

    course_id: int
    assignment_id: int
    student_id: int
    attempt_id: int
    score_before: Points
    score_after: Points
    max_score: Points
    cause: str = Field(description="regrade.")
    regrade_id: int


class GradeChanged(Shown):
    """A regrade, applied or undone, has changed the points of an attempt."""

    model_config = example(
        "grade.changed",
        student_id=2,
        attempt_id=17,
        score_before=2,
        score_after=4,
        max_score=4,
        cause="regrade",
        regrade_id=3,
    )

    type: Literal["grade.changed"]
    timestamp: Moment = Field(description="When it happened.")
    data: ChangedData


class RegradeData(Shown):
    """What a regrade came to."""

    course_id: int
    assignment_id: int
    regrade_id: int
    policy: str
    basis: str
    reason: str
    up: int = Field(description="So many attempts have more points.")
    down: int
    same: int
    kept_lower: int = Field(description="So many parts kept marks that would have fallen.")
    kept_marked: int = Field(description="So many parts kept marks that a person gave.")
    kept_undecided: int
    outdated: int
    changed_since: int


COUNTS = {"up": 12, "down": 0, "same": 3, "kept_lower": 1, "kept_marked": 0, "kept_undecided": 0}
REGRADE = {"regrade_id": 3, "policy": "never_lower", "basis": "engine", "reason": "A key was wrong."}


class RegradeApplied(Shown):
    """A regrade has been applied as a whole."""

    model_config = example("regrade.applied", **REGRADE, **COUNTS, outdated=0, changed_since=0)

    type: Literal["regrade.applied"]
    timestamp: Moment = Field(description="When it happened.")
    data: RegradeData


class RegradeUndone(Shown):
    """A regrade that was applied has been undone."""

    model_config = example("regrade.undone", **REGRADE, **COUNTS, outdated=0, changed_since=0)

    type: Literal["regrade.undone"]
    timestamp: Moment = Field(description="When it happened.")
    data: RegradeData


MESSAGES: Mapping[str, type[BaseModel]] = {
    "submission.graded": SubmissionGraded,
    "grade.changed": GradeChanged,
    "regrade.applied": RegradeApplied,
    "regrade.undone": RegradeUndone,
}


def described(references: Mapping[Any, Mapping[str, Any]]) -> dict[str, Any]:
    """The `webhooks` of an OpenAPI document."""
    return {kind: {"post": _operation(kind, model, references)} for kind, model in MESSAGES.items()}


def _operation(kind: str, model: type[BaseModel], references: Mapping[Any, Mapping[str, Any]]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "header", "required": True, "description": meaning, "schema": {"type": "string"}}
        for name, meaning in HEADERS.items()
    ]
    return {
        "operationId": kind.replace(".", "_"),
        "tags": [TAG],
        "summary": kind,
        "description": (model.__doc__ or "").strip(),
        "security": [],
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": references[model, "serialization"]}},
        },
        "responses": {
            "2XX": {"description": "Taken. Any other answer, or none within 15 seconds: it is sent again."},
            "410": {"description": "Gone: the webhook is disabled."},
        },
    }
