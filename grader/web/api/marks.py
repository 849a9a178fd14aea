"""Marks by people: points and a comment for a part of a submission, which count until they are withdrawn."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from grader.errors import InvalidRequest, NotFound
from grader.services import marking
from grader.services.access import Actor, with_scope
from grader.services.marking import LONGEST_COMMENT, LONGEST_REASON, Marking
from grader.services.marking import Given as Entered
from grader.web.api.conditions import require_match
from grader.web.api.paging import page
from grader.web.api.routes import ID, Reply, Route
from grader.web.api.schemas import LARGEST_POINTS, Given, Moment, Paging, Points, Shown, exact
from grader.web.state import database, state

PATH = f"/submissions/<{ID}:submission_id>/marks/<string(maxlength=200):part_id>"


class MarkShown(Shown):
    """What a person has given for a part; `author` is empty where nobody has."""

    part: str = Field(examples=["jacobian"])
    points: Points | None = Field(description="null: the judge's points count.")
    max_points: Points | None
    comment: str = Field(description="The student reads it.")
    reason: str = Field(description="For the record.")
    author: str = Field(examples=["Ines Instructor"])
    created: Moment | None


class MarkList(Shown):
    """The marks that count, by part."""

    items: list[MarkShown]


class NewMark(Given):
    """Points, a comment, or both."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"points": 1.5, "comment": "The second row is right.", "reason": "A typo."}]}
    )

    points: float | None = Field(default=None, ge=0, le=LARGEST_POINTS, description="null: the judge's points count.")
    comment: str = Field(default="", max_length=LONGEST_COMMENT, description="The student reads it.")
    reason: str = Field(
        default="", max_length=LONGEST_REASON, description="Why the points differ from the judge's; for the record."
    )


def list_marks(actor: Actor, submission_id: int, query: Paging) -> Reply:
    """The marks that count."""
    found = marking.marking(database(), actor, submission_id)
    shown, headers = page([_shown(found, part) for part in found.present], query, lambda one: one.part)
    return Reply(MarkList(items=shown), headers=headers)


def show_mark(actor: Actor, submission_id: int, part_id: str) -> Reply:
    """What a person has given for a part."""
    return Reply(_shown(marking.marking(database(), actor, submission_id), part_id))


def put_mark(actor: Actor, submission_id: int, part_id: str, body: NewMark) -> Reply:
    """The mark, in place of what there was."""
    points = "" if body.points is None else str(exact(body.points))
    given = {part_id: Entered(points, body.comment, body.reason)}
    try:
        marking.mark(database(), state().clock, actor, submission_id, given, lambda before: _match(before, part_id))
    except InvalidRequest as error:
        raise InvalidRequest(error.message) from None  # its field is the part, which stands in the path
    return show_mark(with_scope(actor, "results:read"), submission_id, part_id)


def delete_mark(actor: Actor, submission_id: int, part_id: str) -> Reply:
    """What the judge says of the part counts again."""
    session, clock = database(), state().clock
    marking.withdraw(session, clock, actor, submission_id, part_id, lambda before: _match(before, part_id))
    return show_mark(with_scope(actor, "results:read"), submission_id, part_id)


def _match(before: Marking, part_id: str) -> None:
    require_match(_shown(before, part_id))


def _shown(found: Marking, part_id: str) -> MarkShown:
    """The mark of a part, an empty one where nobody has given one."""
    if part_id not in found.parts:
        raise NotFound("There is no such part in what was judged.")
    present = found.present.get(part_id)
    if present is not None:
        return MarkShown.model_validate(present)
    return MarkShown(part=part_id, points=None, max_points=None, comment="", reason="", author="", created=None)


ROUTES = (
    Route(
        "GET",
        f"/submissions/<{ID}:submission_id>/marks",
        list_marks,
        "results:read",
        "List the marks by people",
        {200: MarkList},
        description="For teachers of the course.",
        query=Paging,
        errors=(404,),
        gives={"part_id": "/items/0/part"},
    ),
    Route(
        "GET",
        PATH,
        show_mark,
        "results:read",
        "Show the mark of a part",
        {200: MarkShown},
        description="For teachers of the course.",
        errors=(404,),
    ),
    Route(
        "PUT",
        PATH,
        put_mark,
        "results:write",
        "Mark a part",
        {200: MarkShown},
        description="For teachers of the course. Earlier marks and gradings stay in the record.",
        body=NewMark,
        errors=(404, 409, 412, 428),
        is_conditional=True,
    ),
    Route(
        "DELETE",
        PATH,
        delete_mark,
        "results:write",
        "Withdraw the mark of a part",
        {200: MarkShown},
        description="For teachers of the course. What the judge says of the part counts again.",
        errors=(404, 412, 428),
        is_conditional=True,
    ),
)
