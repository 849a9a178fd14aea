"""Submissions: answers in, graded results out."""

from __future__ import annotations

from typing import Annotated, Any

from flask import url_for
from pydantic import ConfigDict, Field

from grader.errors import Conflict
from grader.grading import for_student
from grader.services import admission, submissions
from grader.services.access import Actor, enter_attempt
from grader.services.submissions import LONGEST_KEY, LONGEST_RESPONSE, MOST_PARTS, SubmissionView
from grader.web.api.bodies import Fault, UnfitRequest
from grader.web.api.routes import ID, Reply, Route, idempotency_key
from grader.web.api.schemas import Given, Moment, Points, Shown
from grader.web.state import database, state

ASK_AGAIN_SECONDS = 2


class NewSubmission(Given):
    """What was typed, by part; a part that is not there is unanswered."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"responses": {"jacobian": "[[2x y, x^2], [5 + cos(x), 0]]"}}]}
    )

    responses: dict[str, Annotated[str, Field(max_length=LONGEST_RESPONSE)]] = Field(
        max_length=MOST_PARTS, description="Texts by the ids of the parts."
    )


class EntryShown(Shown):
    """The verdict on one entry of a vector, matrix, list, set or table."""

    index: list[int] = Field(description="Counts from 1.", examples=[[1, 2]])
    outcome: str
    evidence: str | None
    details: dict[str, Any] | None = Field(description="null for students: it may hold values of the key.")


class PartGraded(Shown):
    """What one part got and why."""

    id: str
    score: Points
    max_score: Points
    outcome: str = Field(
        description="equal, different, wrong-form, invalid, undecided, ambiguous, unanswered, or marked by a person.",
        examples=["different"],
    )
    evidence: str | None = Field(examples=["counterexample"])
    details: dict[str, Any] | None = Field(description="null for students: it may hold values of the key.")
    feedback: list[str]
    mistake: str | None
    entries: list[EntryShown]
    read_as: str = Field(description="How the response was read, in plain notation.")
    read_as_mathml: str


class ResultShown(Shown):
    """What a submission got, part by part, before penalties."""

    score: Points
    max_score: Points
    parts: list[PartGraded]
    engine: str = Field(description="The version of what judged.")


class SubmissionShown(Shown):
    """A submission; `result` is null while it waits to be judged, and while the marks of an exam are held back."""

    id: int
    attempt_id: int
    number: int
    state: str = Field(description="stored, then judged.", examples=["judged"])
    responses: dict[str, str]
    created: Moment
    judged: Moment | None
    score: Points | None
    max_score: Points | None
    counted: bool = Field(description="Whether it used up a try.")
    held: bool = Field(description="Whether its result is held back: it belongs to an exam that is not released.")
    place: int | None = Field(
        default=None, description="The place in the queue of the judge; 1 is the next. null once it is judged."
    )
    result: ResultShown | None


def submit(actor: Actor, attempt_id: int, body: NewSubmission) -> Reply:
    """The graded submission, or the stored one where judging has to wait."""
    session, key = database(), idempotency_key(LONGEST_KEY)
    judge = state().judge_new
    try:
        view, membership = admission.hand_in(session, state().clock, judge, actor, attempt_id, body.responses, key)
    except Conflict as error:
        if error.field != "key":
            raise
        faults = (Fault(error.message, parameter="Idempotency-Key"),)
        raise UnfitRequest(error.message, "", faults) from None
    location = {"Location": url_for("api.show_submission", submission_id=view.id)}
    shown = _shown(view, with_details=membership.teaches)
    if view.result is None and not view.held:
        return Reply(shown, 202, {**location, "Retry-After": str(ASK_AGAIN_SECONDS)})
    return Reply(shown, 201, location)


def show_submission(actor: Actor, submission_id: int) -> Reply:
    """One submission with its result."""
    session = database()
    view = submissions.submission(session, state().clock, actor, submission_id)
    _, membership = enter_attempt(session, actor, view.attempt_id, "results:read")
    return Reply(_shown(view, with_details=membership.teaches))


def _shown(view: SubmissionView, *, with_details: bool) -> SubmissionShown:
    names = set(SubmissionShown.model_fields) - {"result", "place"}
    values: dict[str, Any] = {name: getattr(view, name) for name in names}
    values["place"] = admission.queued(database(), view).place
    result = view.result if view.result is None or with_details else for_student(view.result)
    return SubmissionShown(**values, result=None if result is None else ResultShown.model_validate(result))


ROUTES = (
    Route(
        "POST",
        f"/attempts/<{ID}:attempt_id>/submissions",
        submit,
        "submissions:write",
        "Submit answers",
        {201: SubmissionShown, 202: SubmissionShown},
        description=(
            "The answers are stored before they are judged and never lost. 201 with the result, or 202 when judging "
            "must wait: ask at `Location` after `Retry-After` seconds. An answer that cannot be read uses up no try."
        ),
        body=NewSubmission,
        errors=(404, 409),
        takes_key=True,
        keeps_key=True,
        gives={"submission_id": "/id"},
    ),
    Route(
        "GET",
        f"/submissions/<{ID}:submission_id>",
        show_submission,
        "results:read",
        "Show a submission",
        {200: SubmissionShown},
        errors=(404,),
    ),
)
