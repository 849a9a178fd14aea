"""What a platform tells at a launch, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from grader.lti.roles import CourseRole


@dataclass(frozen=True, slots=True)
class Platform:
    """A learning platform as it is registered here: one client at one issuer.

    `audience` is what tokens for its services are addressed to, the token's address where it is "".
    """

    id: int
    issuer: str
    client_id: str
    name: str
    authorization_url: str
    token_url: str
    keyset_url: str
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who launched; all but `subject` may be missing."""

    subject: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """The platform's course."""

    id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class GradeService:
    """Where scores go: `line_item` when the platform has made one for this link, `line_items` to make or find one."""

    scopes: frozenset[str]
    line_item: str = ""
    line_items: str = ""


@dataclass(frozen=True, slots=True)
class DeepLinkingSettings:
    """What the platform lets an instructor choose, and where the choice goes.

    `data` is handed back as it came, None where none came.
    """

    return_url: str
    types: frozenset[str]
    multiple: bool
    line_items: bool
    data: str | None = None


@dataclass(frozen=True, slots=True)
class Launch:
    """A message whose signature and every claim were checked."""

    platform: Platform
    deployment: str
    message_type: str
    target: str
    person: Person
    role: CourseRole
    context: Context | None = None
    resource_link: str = ""
    resource_title: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    grades: GradeService | None = None
    roster_url: str = ""
    deep_linking: DeepLinkingSettings | None = None
    language: str = ""


def launch_to_json(launch: Launch) -> dict[str, Any]:
    """A launch as values that JSON has, for a page that goes on with it."""
    data = asdict(launch) | {"custom": dict(launch.custom), "role": launch.role.value}
    for name in ("grades", "deep_linking"):
        if data[name] is not None:
            data[name] = {
                key: sorted(value) if isinstance(value, frozenset) else value for key, value in data[name].items()
            }
    return data


def launch_from_json(data: Mapping[str, Any]) -> Launch:
    """What `launch_to_json` wrote."""
    grades, linking, context = data["grades"], data["deep_linking"], data["context"]
    return Launch(
        **{
            **data,
            "platform": Platform(**data["platform"]),
            "person": Person(**data["person"]),
            "role": CourseRole(data["role"]),
            "context": None if context is None else Context(**context),
            "grades": None if grades is None else GradeService(**{**grades, "scopes": frozenset(grades["scopes"])}),
            "deep_linking": None
            if linking is None
            else DeepLinkingSettings(**{**linking, "types": frozenset(linking["types"])}),
        }
    )
