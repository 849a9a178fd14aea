"""LTI 1.3 over HTTP: the log-in, the launch, our keys, and what a frame without cookies needs."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from grader.errors import LaunchRefused
from grader.lti.calling import open_client
from grader.lti.keysets import fetch_keys
from grader.lti.messages import Launch, Platform
from grader.services import lti_courses, lti_launches, lti_platforms
from grader.services.access import STUDENT
from grader.services.lti_courses import Arrival
from grader.services.lti_keys import KeyFetcher
from grader.services.lti_launches import Begun, Returned
from grader.web.auth import log_in, safe_target
from grader.web.errors import said
from grader.web.frames import FRAMES, begin_framed, is_in_frame, may_frame, origin_of
from grader.web.lti_choices import choose_for, offer_choice
from grader.web.lti_registering import register_by
from grader.web.state import KEY, State, database, state

lti = Blueprint("lti", __name__, url_prefix="/lti")
LOG = logging.getLogger(__name__)
COOKIE_SECONDS = 600
KEYS = "grader-lti-keys"
CHECK, CHECK_COOKIE = "grader_check", "grader_lti_check"
LONGEST_ADDRESS = 3500  # servers take some 4,000 characters


@lti.get("/keys")
def keys() -> ResponseReturnValue:
    """The public keys with which platforms check what we sign."""
    found = lti_platforms.published_keys(database(), state().clock, state().config.secret_key)
    response = jsonify(found)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@lti.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """A platform begins a launch: remember it, and send the browser back there."""
    values = request.values.to_dict()
    if is_in_frame() and not values.get("lti_storage_target") and (elsewhere := _without_cookies(values)):
        return elsewhere
    launch_url = url_for("lti.launch", _external=True)
    begun = lti_launches.begin_login(database(), state().clock, values, request.url_root, launch_url)
    response = _to_platform(begun)
    response.set_cookie(
        _cookie(begun.state),
        begun.browser_secret,
        max_age=COOKIE_SECONDS,
        path="/lti",
        secure=_is_trusted(),
        httponly=True,
        samesite="None" if _is_trusted() else "Lax",
        partitioned=_is_trusted() and is_in_frame(),
    )
    return response


@lti.post("/launch")
def launch() -> ResponseReturnValue:
    """The launch itself: check it, log the person in, go where the link leads."""
    form = request.form
    if form.get("error"):
        LOG.warning("launch not made by the platform: %.200s", form["error"])
        raise LaunchRefused("The learning platform did not log you in.", "platform-error")
    sent = form.get("state", "")
    kept = request.cookies.get(_cookie(sent), "") or _from_storage()
    if not kept and "browser_secret" not in form:
        storage, platform = lti_launches.storage_of(database(), state().clock, sent)
        if storage:
            return _ask_storage(storage, platform, sent, form.get("id_token", ""))
    returned = Returned(form.get("id_token", ""), sent, kept)
    found = lti_launches.finish_login(database(), state().clock, _fetch(), returned)
    arrival = lti_courses.arrive(database(), state().clock, found)
    response = make_response(_begin(found, arrival))
    response.delete_cookie(_cookie(sent), path="/lti", secure=_is_trusted(), samesite="None")
    return response


@lti.get("/arrive")
def arrive() -> ResponseReturnValue:
    """In a frame: on to the page when the browser has kept the session, else to a window of one's own."""
    target = safe_target(request.args.get("to"))
    if session.get("user") is not None:
        return redirect(target)
    return _offer_window(url_for("lti.enter", ticket=request.args.get("ticket", "")))


@lti.get("/enter")
def enter() -> ResponseReturnValue:
    """With a ticket into a window of one's own; it is good for once."""
    actor, target = lti_courses.use_ticket(database(), state().clock, request.args.get("ticket", ""))
    log_in(actor)
    return redirect(safe_target(target))


@lti.post("/choose")
def choose() -> ResponseReturnValue:
    """What a teacher chose: for a link, or for Deep Linking."""
    return choose_for(request.form)


@lti.route("/register/<secret>", methods=["GET", "POST"])
def register(secret: str) -> ResponseReturnValue:
    """A platform's administrator follows the link that staff has made: the platform registers this tool."""
    return register_by(secret)


@lti.errorhandler(LaunchRefused)
def refusal(refused: LaunchRefused) -> Response:
    """A refused launch: a page in plain words for the person, a line in the log for staff."""
    LOG.warning("launch refused (%s): %s", refused.field, refused)
    g.setdefault(FRAMES, _platform_origins())
    return make_response(render_template("lti/refused.html", message=said(refused), reason=refused.field), 400)


def _begin(found: Launch, arrival: Arrival) -> ResponseReturnValue:
    """The session of a launched person, and where they go."""
    needs_choice = found.deep_linking is not None or arrival.assignment_id is None
    if needs_choice and arrival.role == STUDENT:
        raise LaunchRefused("Your teacher has not said yet where this link leads.", "link-not-set")
    if is_in_frame():
        begin_framed()
    log_in(arrival.actor)
    may_frame(_origins_of(found))
    if needs_choice:
        return offer_choice(found, arrival)
    target = _page_of(arrival)
    if not is_in_frame():
        return redirect(target, 303)
    ticket = lti_courses.make_ticket(database(), state().clock, arrival.actor.user_id, target)
    return redirect(url_for("lti.arrive", to=target, ticket=ticket), 303)


def _page_of(arrival: Arrival) -> str:
    """The page that the link leads to."""
    if arrival.problem:
        return url_for("attempts.open", assignment_id=arrival.assignment_id, problem_id=arrival.problem)
    return url_for("assignments.show", assignment_id=arrival.assignment_id)


def _without_cookies(values: dict[str, str]) -> Response | None:
    """In a frame: find out whether the browser keeps cookies here, for without them no launch comes to its end.

    A page that asks with a cookie, then one that offers a window of its own, in which the log-in begins anew; None:
    cookies are kept, or nobody can tell.
    """
    is_checked = values.pop(CHECK, "") != ""
    address = f"{url_for('lti.login')}?{urlencode(values)}"
    if len(address) > LONGEST_ADDRESS or (is_checked and CHECK_COOKIE in request.cookies):
        return None
    if is_checked:
        return make_response(_offer_window(address))
    response = redirect(f"{address}&{CHECK}=1", 303)
    response.set_cookie(
        CHECK_COOKIE, "1", max_age=60, path="/lti", secure=True, httponly=True, samesite="None", partitioned=True
    )
    return make_response(response)


def _offer_window(address: str) -> str:
    """A page with a button that opens an address of ours in a window of its own; the session says not who frames it."""
    g.setdefault(FRAMES, _platform_origins())
    return render_template("lti/window.html", address=address)


def _to_platform(begun: Begun) -> Response:
    """On to the platform; by way of a page where the platform's own storage can keep our secret."""
    if not begun.storage:
        return make_response(redirect(begun.url))
    g.setdefault(FRAMES, _platform_origins())
    page = render_template(
        "lti/storage.html", frame=begun.storage, origin=origin_of(begun.url), key=_cookie(begun.state), begun=begun
    )
    return make_response(page)


def _from_storage() -> str:
    """What our own page has fetched from the platform's storage; a form of another site is not believed."""
    is_own_page = request.headers.get("Sec-Fetch-Site") == "same-origin"
    return request.form.get("browser_secret", "") if is_own_page else ""


def _ask_storage(storage: str, platform: str, sent: str, token: str) -> Response:
    """A page that fetches our secret from the platform's storage and comes back with it."""
    g.setdefault(FRAMES, _platform_origins())
    values = {"id_token": token, "state": sent}
    return make_response(
        render_template("lti/return.html", frame=storage, origin=origin_of(platform), key=_cookie(sent), values=values)
    )


@lti.record
def _set_up(setup: BlueprintSetupState) -> None:
    """Each application remembers which platforms have just told it their keys, or failed to."""
    known: State = setup.app.extensions[KEY]
    setup.app.extensions[KEYS] = KeyFetcher(partial(_ask, known.config.lti_timeout_seconds), known.clock)


def _ask(seconds: float, platform: Platform) -> Mapping[str, Any]:
    with open_client(seconds) as client:
        return fetch_keys(client, platform)


def _fetch() -> KeyFetcher:
    """How the keys of platforms are fetched."""
    return cast("KeyFetcher", current_app.extensions[KEYS])


def _cookie(sent: str) -> str:
    """The name under which a browser keeps the secret of one log-in; several may be under way."""
    return f"grader_lti_{hashlib.sha256(sent.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _is_trusted() -> bool:
    """Whether the browser takes a cookie for frames here: over TLS, or on this machine."""
    host = (request.host.rpartition(":")[0] or request.host).strip("[]")
    return request.is_secure or host in lti_platforms.LOOPBACK


def _origins_of(found: Launch) -> Sequence[str]:
    """The addresses of the platform from which a launch came."""
    settings = found.deep_linking
    return [found.platform.issuer, found.platform.authorization_url, *([settings.return_url] if settings else [])]


def _platform_origins() -> Iterable[str]:
    """The sites of all registered platforms: one of them shows the page of a launch that goes wrong."""
    return lti_platforms.origins(database(), origin_of)
