"""Regrades of an assignment: the dry run, its difference, applying and undoing it."""

from __future__ import annotations

from typing import Literal

from flask import url_for
from pydantic import ConfigDict, Field

from grader.services import regrades
from grader.services.access import Actor
from grader.services.fields import MAX_TITLE
from grader.services.regrade_plans import Line, RegradePolicy
from grader.services.regrades import LONGEST_REASON, Basis, ChangeView, RegradeView, Request
from grader.web.api.paging import page
from grader.web.api.routes import ID, Reply, Route, idempotency_key
from grader.web.api.schemas import Given, Moment, Paging, Points, Shown
from grader.web.newest import newest_text
from grader.web.state import database, state


class NewRegrade(Given):
    """A regrade to try out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"policy": "never_lower", "basis": "clusters", "reason": "Both readings count."}]
        }
    )

    policy: Literal["never_lower", "exact"] = Field(default="never_lower", description="Whether marks may go down.")
    basis: Literal["clusters", "engine", "version"] = Field(
        default="clusters",
        description="What to judge with: what was judged and the accepted clusters; or the present judge, by the"
        " versions that students have or by the newest ones.",
    )
    reason: str = Field(default="", max_length=LONGEST_REASON, description="For the record.")


class RegradedPart(Shown):
    """One part of one submission that is judged otherwise now."""

    submission_id: int
    part: str
    outcome_before: str
    outcome_after: str
    score_before: Points
    score_after: Points
    kept: Literal["", "lower", "marked", "undecided"] = Field(
        description="Why it keeps its marks all the same; empty: it does not."
    )
    rule_id: int | None = Field(description="The decision about a cluster that gives the points.")


class RegradedAttempt(Shown):
    """What happens to one student's attempt at one problem."""

    attempt_id: int
    student_id: int
    student_name: str
    problem_title: str
    state: Literal["planned", "applied", "undone", "outdated", "changed"]
    score_before: Points
    score_after: Points
    max_score: Points
    direction: Literal["up", "down", "same"]
    parts: list[RegradedPart]


class RegradeCounts(Shown):
    """How many attempts change and how, and how many answers keep their marks."""

    up: int
    down: int
    same: int
    kept_lower: int
    kept_marked: int
    kept_undecided: int
    outdated: int
    changed_since: int


class RegradeShown(Shown):
    """A regrade with what it changes."""

    id: int
    assignment_id: int
    author: str
    policy: RegradePolicy
    basis: Basis
    reason: str
    state: Literal["running", "ready", "applying", "applied", "undoing", "undone"]
    attempts: int = Field(description="How many there are to look at.")
    attempts_done: int
    created: Moment
    applied: Moment | None
    undone: Moment | None
    counts: RegradeCounts
    changes: list[RegradedAttempt]


class RegradeLine(Shown):
    """A regrade in a list."""

    id: int
    author: str
    policy: RegradePolicy
    basis: Basis
    reason: str
    state: Literal["running", "ready", "applying", "applied", "undoing", "undone"]
    created: Moment


class RegradeList(Shown):
    """A page of regrades."""

    items: list[RegradeLine]


def propose_regrade(actor: Actor, assignment_id: int, body: NewRegrade) -> Reply:
    """Begin a dry run."""
    wanted = Request(RegradePolicy(body.policy), Basis(body.basis), body.reason)
    key = idempotency_key(MAX_TITLE)
    found = regrades.propose(database(), state().clock, actor, assignment_id, wanted, newest_text, key)
    return _reply(actor, found)


def list_regrades(actor: Actor, assignment_id: int, query: Paging) -> Reply:
    """The newest regrades of an assignment."""
    found = regrades.regrades_of(database(), actor, assignment_id)
    shown, headers = page(found, query, lambda one: one.id)
    return Reply(RegradeList(items=[RegradeLine.model_validate(one) for one in shown]), headers=headers)


def show_regrade(actor: Actor, regrade_id: int) -> Reply:
    """What a regrade changes, or how far it has come."""
    return Reply(_shown(regrades.regrade(database(), actor, regrade_id)))


def apply_regrade(actor: Actor, regrade_id: int) -> Reply:
    """Let the changes count."""
    regrades.apply(database(), state().clock, actor, regrade_id)
    return _reply(actor, regrade_id)


def undo_regrade(actor: Actor, regrade_id: int) -> Reply:
    """Give the marks back that there were before."""
    regrades.undo(database(), state().clock, actor, regrade_id)
    return _reply(actor, regrade_id)


def _reply(actor: Actor, regrade_id: int) -> Reply:
    """The regrade as it is now: 202 and where to look while the worker is at it."""
    view = regrades.regrade(database(), _reading(actor), regrade_id)
    return Reply(_shown(view), 202, {"Location": url_for("api.show_regrade", regrade_id=regrade_id)})


def _reading(actor: Actor) -> Actor:
    """The same actor, who may see what they have just asked for."""
    scopes = None if actor.scopes is None else actor.scopes | {"results:read"}
    return Actor(actor.user_id, scopes, actor.course_id)


def _shown(view: RegradeView) -> RegradeShown:
    names = ("id", "assignment_id", "author", "policy", "basis", "reason", "state", "created", "applied", "undone")
    fields = {name: getattr(view, name) for name in names}
    changes = [_attempt(change) for change in view.changes]
    counts = RegradeCounts.model_validate(view.counts)
    return RegradeShown(**fields, attempts=view.total, attempts_done=view.done, counts=counts, changes=changes)


def _attempt(change: ChangeView) -> RegradedAttempt:
    names = ("attempt_id", "student_id", "student_name", "problem_title", "state", "max_score", "direction")
    fields = {name: getattr(change, name) for name in names}
    parts = [_part(line) for line in change.lines]
    return RegradedAttempt(**fields, score_before=change.before, score_after=change.after, parts=parts)  # type: ignore[arg-type]


def _part(line: Line) -> RegradedPart:
    return RegradedPart.model_validate(
        {
            "submission_id": line.submission_id,
            "part": line.part,
            "outcome_before": line.before.outcome,
            "outcome_after": line.after.outcome,
            "score_before": line.before.score,
            "score_after": line.after.score,
            "kept": str(line.kept),
            "rule_id": line.rule,
        }
    )


ROUTES = (
    Route(
        "GET",
        f"/assignments/<{ID}:assignment_id>/regrades",
        list_regrades,
        "results:read",
        "List the regrades of an assignment",
        {200: RegradeList},
        description="For teachers of the course, newest first.",
        query=Paging,
        errors=(404,),
        gives={"regrade_id": "/items/0/id"},
    ),
    Route(
        "POST",
        f"/assignments/<{ID}:assignment_id>/regrades",
        propose_regrade,
        "results:write",
        "Try out a regrade",
        {202: RegradeShown},
        description="For instructors. Judges anew what was sent in, in the background, and changes no mark."
        " `Location` says where to look; the regrade is ready when its state is `ready`.",
        body=NewRegrade,
        is_body_optional=True,
        errors=(404, 409),
        takes_key=True,
        gives={"regrade_id": "/id"},
    ),
    Route(
        "GET",
        f"/regrades/<{ID}:regrade_id>",
        show_regrade,
        "results:read",
        "Show a regrade",
        {200: RegradeShown},
        description="For teachers. The first 2000 attempts that change or keep their marks, and how many there are.",
        errors=(404,),
    ),
    Route(
        "POST",
        f"/regrades/<{ID}:regrade_id>/apply",
        apply_regrade,
        "results:write",
        "Apply a regrade",
        {202: RegradeShown},
        description="For instructors, once it is `ready`; of two that apply it at once, one gets 409.",
        errors=(404, 409),
    ),
    Route(
        "POST",
        f"/regrades/<{ID}:regrade_id>/undo",
        undo_regrade,
        "results:write",
        "Undo a regrade",
        {202: RegradeShown},
        description="For instructors, once it is `applied`. What was graded or marked since is left as it is.",
        errors=(404, 409),
    ),
)
