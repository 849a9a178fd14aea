"""Extensions: what one student may do longer or more often than the others in an assignment."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from grader.services import extensions
from grader.services.access import Actor, with_scope
from grader.services.extensions import ExtensionView
from grader.services.policies import MOST_TRIES
from grader.web.api.conditions import require_match
from grader.web.api.paging import page
from grader.web.api.routes import ID, Reply, Route
from grader.web.api.schemas import Given, GivenMoment, Moment, Paging, Shown
from grader.web.state import database, state

PATH = f"/assignments/<{ID}:assignment_id>/students/<{ID}:student_id>/extension"


class ExtensionShown(Shown):
    """A student's own due date and number of tries; null: like everybody."""

    student_id: int = Field(examples=[2])
    student_name: str = Field(examples=["Ada Ahmed"])
    due: Moment | None
    tries: int | None


class ExtensionList(Shown):
    """A page of extensions."""

    items: list[ExtensionShown]


class NewExtension(Given):
    """What the student gets, at least one of the two; what is not given is like everybody's."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"due": "2100-02-14T22:00:00Z", "tries": 5}]})

    due: GivenMoment | None = None
    tries: int | None = Field(default=None, ge=1, le=MOST_TRIES)


def list_extensions(actor: Actor, assignment_id: int, query: Paging) -> Reply:
    """The extensions in an assignment, by the students' names."""
    found = extensions.list_extensions(database(), actor, assignment_id)
    shown, headers = page(found, query, lambda one: one.student_id)
    return Reply(ExtensionList(items=[ExtensionShown.model_validate(one) for one in shown]), headers=headers)


def show_extension(actor: Actor, assignment_id: int, student_id: int) -> Reply:
    """What holds for one student."""
    return Reply(ExtensionShown.model_validate(extensions.extension(database(), actor, assignment_id, student_id)))


def put_extension(actor: Actor, assignment_id: int, student_id: int, body: NewExtension) -> Reply:
    """The student's extension, in place of what there was."""
    session, clock = database(), state().clock
    extensions.extend(session, clock, actor, assignment_id, student_id, body.due, body.tries, _matches)
    return show_extension(with_scope(actor, "courses:read"), assignment_id, student_id)


def delete_extension(actor: Actor, assignment_id: int, student_id: int) -> Reply:
    """What everybody has holds for the student again."""
    extensions.withdraw(database(), state().clock, actor, assignment_id, student_id, _matches)
    return show_extension(with_scope(actor, "courses:read"), assignment_id, student_id)


def _matches(before: ExtensionView) -> None:
    require_match(ExtensionShown.model_validate(before))


ROUTES = (
    Route(
        "GET",
        f"/assignments/<{ID}:assignment_id>/extensions",
        list_extensions,
        "courses:read",
        "List the extensions in an assignment",
        {200: ExtensionList},
        description="For teachers of the course.",
        query=Paging,
        errors=(404,),
        gives={"student_id": "/items/0/student_id"},
    ),
    Route(
        "GET",
        PATH,
        show_extension,
        "courses:read",
        "Show a student's extension",
        {200: ExtensionShown},
        description="For teachers of the course. Who has none has null twice.",
        errors=(404,),
    ),
    Route(
        "PUT",
        PATH,
        put_extension,
        "courses:write",
        "Give a student an extension",
        {200: ExtensionShown},
        description="For instructors of the course, in place of what the student had. Marks are reckoned anew.",
        body=NewExtension,
        errors=(404, 412, 428),
        is_conditional=True,
    ),
    Route(
        "DELETE",
        PATH,
        delete_extension,
        "courses:write",
        "Withdraw a student's extension",
        {200: ExtensionShown},
        description="For instructors of the course. Marks are reckoned anew.",
        errors=(404, 412, 428),
        is_conditional=True,
    ),
)
