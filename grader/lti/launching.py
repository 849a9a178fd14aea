"""From a token to a launch: every claim that LTI 1.3 wants is there, has its type, and fits this installation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from grader.errors import LaunchRefused
from grader.lti import claims as names
from grader.lti.messages import Context, DeepLinkingSettings, GradeService, Launch, Person, Platform
from grader.lti.roles import course_role
from grader.lti.signatures import verified

LEEWAY = timedelta(seconds=60)
"""How far the platform's clock may be off."""
OLDEST = timedelta(hours=1)
LONGEST = 2000
MOST_CUSTOM = 100


@dataclass(frozen=True, slots=True)
class Expected:
    """What the log-in has fixed: the nonce and target of the launch, and the deployments that are known."""

    nonce: str
    target: str
    deployments: Collection[str]


def read_launch(token: str, keys: Mapping[str, Any], platform: Platform, expected: Expected, now: datetime) -> Launch:
    """The launch in a token, or LaunchRefused, whose `field` is a short name for the reason.

    `keys` is the platform's key set. Checks are those of OpenID Connect Core 3.1.3.7 and LTI Core 1.3, 5.1.3.
    """
    found = verified(token, keys)
    _check_addressing(found, platform)
    _check_times(found, now)
    if _text(found, "nonce", "nonce") != expected.nonce:
        raise LaunchRefused("This launch belongs to another log-in.", "nonce")
    return _launch(found, platform, expected)


def _check_addressing(found: Mapping[str, Any], platform: Platform) -> None:
    """From this platform, for this client, and for nobody else."""
    if _text(found, "iss", "issuer") != platform.issuer:
        raise LaunchRefused("The launch comes from another platform than the log-in.", "issuer")
    audience = found.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if audiences != [platform.client_id]:
        raise LaunchRefused("The launch is meant for another tool.", "audience")
    if found.get("azp", platform.client_id) != platform.client_id:
        raise LaunchRefused("The launch was made for another tool.", "authorized-party")


def _check_times(found: Mapping[str, Any], now: datetime) -> None:
    """Made lately, and not expired."""
    issued, expires = _moment(found, "iat"), _moment(found, "exp")
    if expires <= now - LEEWAY:
        raise LaunchRefused("The launch has expired. Start it again from your course.", "expired")
    if issued > now + LEEWAY:
        raise LaunchRefused("The launch says that it was made in the future: a clock is wrong.", "issued-in-future")
    if issued < now - OLDEST:
        raise LaunchRefused("The launch is too old. Start it again from your course.", "issued-too-old")


def _launch(found: Mapping[str, Any], platform: Platform, expected: Expected) -> Launch:
    """The message itself."""
    if _text(found, names.VERSION, "version") != names.SUPPORTED_VERSION:
        raise LaunchRefused("The launch is not of LTI version 1.3.0.", "version")
    kind = _text(found, names.MESSAGE_TYPE, "message-type")
    if kind not in (names.RESOURCE_LINK_REQUEST, names.DEEP_LINKING_REQUEST):
        raise LaunchRefused("This kind of message is not known here.", "message-type")
    deployment = _text(found, names.DEPLOYMENT_ID, "deployment")
    if deployment not in expected.deployments:
        raise LaunchRefused("This deployment of the tool is not registered here.", "deployment")
    is_link = kind == names.RESOURCE_LINK_REQUEST
    target = _text(found, names.TARGET_LINK_URI, "target") if is_link else expected.target
    if target != expected.target:
        raise LaunchRefused("The launch leads elsewhere than its log-in.", "target")
    link = _object(found, names.RESOURCE_LINK, "resource-link")
    return Launch(
        platform=platform,
        deployment=deployment,
        message_type=kind,
        target=target,
        person=_person(found),
        role=course_role(_roles(found)),
        context=_context(found),
        resource_link=_text(link, "id", "resource-link") if is_link else "",
        resource_title=_optional(link, "title"),
        custom=_custom(found),
        grades=_grades(found),
        roster_url=_optional(_object(found, names.NAMES_AND_ROLES, "roster"), "context_memberships_url"),
        deep_linking=None if is_link else _deep_linking(found),
        language=_optional(_object(found, names.PRESENTATION, "presentation"), "locale"),
    )


def _person(found: Mapping[str, Any]) -> Person:
    """Who launched; the name put together where only its parts are told."""
    parts = (_optional(found, "given_name"), _optional(found, "family_name"))
    name = _optional(found, "name") or " ".join(part for part in parts if part)
    return Person(_text(found, "sub", "subject"), name, _optional(found, "email"))


def _roles(found: Mapping[str, Any]) -> list[str]:
    """The roles; the list must be there and may be empty."""
    roles = found.get(names.ROLES)
    if not isinstance(roles, list):
        raise LaunchRefused("The launch does not say what roles the person has.", "roles")
    return [role for role in roles if isinstance(role, str)]


def _context(found: Mapping[str, Any]) -> Context | None:
    """The platform's course, if the launch is from one."""
    context = _object(found, names.CONTEXT, "context")
    if not context:
        return None
    title = _optional(context, "title") or _optional(context, "label")
    return Context(_text(context, "id", "context"), title)


def _custom(found: Mapping[str, Any]) -> Mapping[str, str]:
    """The custom parameters, as text."""
    given = list(_object(found, names.CUSTOM, "custom").items())[:MOST_CUSTOM]
    return {name: str(value)[:LONGEST] for name, value in given if isinstance(value, str | int)}


def _grades(found: Mapping[str, Any]) -> GradeService | None:
    """Where scores may be sent."""
    service = _object(found, names.GRADES, "grade-service")
    if not service:
        return None
    scopes = service.get("scope")
    granted = (
        frozenset(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else frozenset()
    )
    return GradeService(granted, _optional(service, "lineitem"), _optional(service, "lineitems"))


def _deep_linking(found: Mapping[str, Any]) -> DeepLinkingSettings:
    """What may be chosen, and where the choice goes."""
    settings = _object(found, names.DEEP_LINKING_SETTINGS, "deep-linking-settings")
    types = settings.get("accept_types")
    if not isinstance(types, list):
        raise LaunchRefused("The launch does not say what can be chosen.", "deep-linking-settings")
    data = settings.get("data")
    return DeepLinkingSettings(
        return_url=_text(settings, "deep_link_return_url", "deep-linking-settings"),
        types=frozenset(kind for kind in types if isinstance(kind, str)),
        multiple=settings.get("accept_multiple", True) is not False,
        line_items=settings.get("accept_lineitem", True) is not False,
        data=data if isinstance(data, str) else None,
    )


def _moment(found: Mapping[str, Any], name: str) -> datetime:
    """A claim that counts seconds since 1970."""
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LaunchRefused(f"The launch has no {name}, so that nobody can tell how old it is.", f"{name}-missing")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise LaunchRefused(f"The launch has no {name} that is a time.", f"{name}-missing") from None


def _text(found: Mapping[str, Any], name: str, reason: str) -> str:
    """A claim that must be there and be a text."""
    value = found.get(name)
    if not isinstance(value, str) or not value or len(value) > LONGEST:
        raise LaunchRefused(f"The launch lacks what is called {name.rpartition('/')[2]}.", reason)
    return value


def _optional(found: Mapping[str, Any], name: str) -> str:
    """A claim that may be missing; what is no text is as good as missing."""
    value = found.get(name)
    return value[:LONGEST] if isinstance(value, str) else ""


def _object(found: Mapping[str, Any], name: str, reason: str) -> Mapping[str, Any]:
    """A claim that is an object, empty where it is missing."""
    value = found.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise LaunchRefused(f"What the launch calls {name.rpartition('/')[2]} is not of its form.", reason)
    return value
