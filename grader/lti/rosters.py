"""Who is in a platform's course: Names and Role Provisioning Services 2.0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from grader.lti.calling import pages
from grader.lti.messages import Person
from grader.lti.roles import CourseRole, course_role
from grader.lti.scores import with_query

MEMBERSHIPS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MOST_MEMBERS = 20_000
PAGE = 100  # members; platforms that know no pages send all at once


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the platform's course."""

    person: Person
    role: CourseRole
    is_active: bool


def read_roster(client: httpx.Client, token: str, url: str) -> Sequence[Member]:
    """All members over all pages; PlatformFailed where the list cannot be had."""
    members: list[Member] = []
    first = url if "limit=" in url else with_query(url, {"limit": str(PAGE)})
    for page in pages(client, first, {"Authorization": f"Bearer {token}", "Accept": MEMBERSHIPS}):
        listed = page.get("members") if isinstance(page, dict) else None
        members += [member for entry in listed or () if (member := member_of(entry)) is not None]
        if len(members) > MOST_MEMBERS:
            break
    return members[:MOST_MEMBERS]


def member_of(entry: Any) -> Member | None:
    """A member from their JSON, None where nobody is named."""
    if not isinstance(entry, dict) or not isinstance(entry.get("user_id"), str):
        return None
    texts = {name: value for name, value in entry.items() if isinstance(value, str)}
    parts = (texts.get("given_name", ""), texts.get("family_name", ""))
    name = texts.get("name") or " ".join(part for part in parts if part)
    roles = entry.get("roles")
    role = course_role(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else course_role(())
    return Member(
        Person(entry["user_id"], name, texts.get("email", "")), role, texts.get("status", "Active") == "Active"
    )
