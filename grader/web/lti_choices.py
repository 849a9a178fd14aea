"""A teacher chooses where a link leads: once for a link that nobody has set, or for Deep Linking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction

from flask import current_app, g, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict

from grader.errors import InvalidRequest, LaunchRefused
from grader.lti import deep_linking
from grader.lti.deep_linking import ChosenLink
from grader.lti.messages import Launch, launch_from_json, launch_to_json
from grader.services import assignments, lti_courses, lti_platforms
from grader.services.access import Actor
from grader.services.assignments import AssignmentView
from grader.services.lti_courses import Arrival
from grader.web.frames import FRAMES, is_in_frame, origin_of
from grader.web.state import database, state

CHOICE_SECONDS = 3600
MOST_CHOSEN = 50


def offer_choice(found: Launch, arrival: Arrival, *, nothing: bool = False) -> ResponseReturnValue:
    """The page with the course's assignments and their problems; `nothing` was chosen before."""
    g.setdefault(FRAMES, [origin_of(found.platform.authorization_url)])
    views = _assignments(arrival)
    return render_template(
        "lti/choose.html",
        launch=found,
        assignments=views,
        nothing=nothing,
        several=found.deep_linking is not None and found.deep_linking.multiple,
        choice=_signer().dumps({"launch": launch_to_json(found), "arrival": asdict(arrival)}),
        course_url=url_for("courses.show", course_id=arrival.course_id),
    )


def choose_for(form: MultiDict[str, str]) -> ResponseReturnValue:
    """Go on with what was chosen; the page carries what the launch said, signed, so that no cookie is needed."""
    found, arrival = _opened(form.get("choice", ""))
    chosen = form.getlist("target")
    views = {view.id: view for view in _assignments(arrival)}
    if not chosen:
        return offer_choice(found, arrival, nothing=True)
    if found.deep_linking is not None:
        most = MOST_CHOSEN if found.deep_linking.multiple else 1
        return _send_back(found, [_link(each, views) for each in chosen[:most]])
    assignment_id, problem = _parsed(chosen[0], views)
    lti_courses.set_link(database(), state().clock, found, arrival, assignment_id, problem)
    target = url_for("assignments.show", assignment_id=assignment_id)
    if problem:
        target = url_for("attempts.open", assignment_id=assignment_id, problem_id=problem)
    if not is_in_frame():
        return redirect(target, 303)
    ticket = lti_courses.make_ticket(database(), state().clock, arrival.actor.user_id, target)
    return redirect(url_for("lti.arrive", to=target, ticket=ticket), 303)


def _send_back(found: Launch, links: Sequence[ChosenLink]) -> ResponseReturnValue:
    """A page that posts the signed choice to the platform: by script at once, else with a button."""
    settings = found.deep_linking
    if settings is None:
        raise LaunchRefused("This launch has nothing to choose for.", "deep-linking-settings")
    key = lti_platforms.signing_key(database(), state().clock, state().config.secret_key)
    token = deep_linking.response(found, links, key, state().clock())
    g.setdefault(FRAMES, [origin_of(found.platform.authorization_url)])
    response = make_response(render_template("lti/send_back.html", url=settings.return_url, token=token, links=links))
    g.form_target = origin_of(settings.return_url)
    return response


def _link(chosen: str, views: dict[int, AssignmentView]) -> ChosenLink:
    """The link that the platform is to make."""
    assignment_id, problem = _parsed(chosen, views)
    view = views[assignment_id]
    custom = {lti_courses.ASSIGNMENT: str(assignment_id)}
    title, points, resource = view.title, view.max_points, f"assignment-{assignment_id}"
    if problem:
        line = next(each for each in view.problems if each.problem_id == problem)
        custom[lti_courses.PROBLEM] = problem
        title, points, resource = line.title, line.max_points, f"{resource}-{problem}"
    return ChosenLink(title, url_for("lti.launch", _external=True), custom, resource, Fraction(points))


def _parsed(chosen: str, views: dict[int, AssignmentView]) -> tuple[int, str]:
    """`7` or `7/problem-id`, which must be among what was offered."""
    number, _, problem = chosen.partition("/")
    view = views.get(int(number)) if number.isascii() and number.isdecimal() and len(number) < 10 else None
    if view is None or (problem and problem not in {line.problem_id for line in view.problems}):
        raise InvalidRequest("There is no such assignment or problem in this course.", "target")
    return view.id, problem


def _assignments(arrival: Arrival) -> Sequence[AssignmentView]:
    """The course's assignments with their problems."""
    listed = assignments.list_assignments(database(), state().clock, arrival.actor, arrival.course_id)
    return [assignments.assignment(database(), state().clock, arrival.actor, one.id) for one in listed]


def _opened(choice: str) -> tuple[Launch, Arrival]:
    """What the page carried; LaunchRefused when it is not ours, or an hour old."""
    try:
        data = _signer().loads(choice, max_age=CHOICE_SECONDS)
    except BadSignature:
        message = "This page was open for too long. Start it again from your course."
        raise LaunchRefused(message, "choice-expired") from None
    arrival = Arrival(**{**data["arrival"], "actor": Actor(data["arrival"]["actor"]["user_id"])})
    return launch_from_json(data["launch"]), arrival


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="grader.lti.choice")
