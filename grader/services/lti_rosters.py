"""Who is in a course of a learning platform, brought over: new people, changed roles, those who have left."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
from sqlalchemy.orm import Session

from grader.errors import Conflict, PlatformFailed
from grader.lti import claims
from grader.lti.rosters import Member, read_roster
from grader.lti.tokens import request_token
from grader.services import ready_variants
from grader.services.access import STUDENT, Actor, Clock, enter
from grader.services.lti_courses import person_here
from grader.services.lti_platforms import platform_of, signing_key
from grader.store import audit, enrolments, lti_links
from grader.store.database import writing
from grader.store.lti_links import LtiContext
from grader.store.lti_platforms import LtiDeployment, LtiPlatform


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync has changed: how many people were added, given another role, and ended."""

    members: int
    added: int
    changed: int
    ended: int


def sync_roster(
    session: Session, clock: Clock, client: httpx.Client, secret: str, actor: Actor, course_id: int
) -> Synced:
    """Bring a course's people in line with the platform's (instructor).

    Only students who came from the platform are ended; whoever was enrolled here stays.
    Raises Conflict where the course belongs to no platform that tells its people, PlatformFailed where it cannot.
    """
    enter(session, actor, course_id, "courses:write").require_instructor()
    context = next((row for row in lti_links.contexts_of(session, course_id) if row.roster_url), None)
    if context is None:
        raise Conflict("This course is connected with no learning platform that tells who is in it.")
    row = session.get_one(LtiPlatform, session.get_one(LtiDeployment, context.deployment_id).platform_id)
    platform, key, roster_url = platform_of(row), signing_key(session, clock, secret), context.roster_url
    session.rollback()  # nothing is open while the platform takes its time
    token = request_token(client, platform, key, [claims.SCOPE_MEMBERSHIP], clock())
    members = read_roster(client, token.value, roster_url)
    if not any(member.is_active for member in members):
        raise PlatformFailed(f"{platform.name} names nobody in this course, so nothing was changed.")
    with writing(session):
        counts = _apply(session, clock, row, context, [member for member in members if member.is_active])
        ready_variants.ask_for_course(session, clock(), course_id)
        audit.note(session, clock(), actor.user_id, course_id, "lti.roster-synced", context.id, **counts)
    return Synced(members=len(members), **counts)


def _apply(
    session: Session, clock: Clock, row: LtiPlatform, context: LtiContext, members: list[Member]
) -> dict[str, int]:
    """Enrol those who are there, end the students who are not; the counts for the log."""
    before = {one.user_id: one for one, _ in enrolments.people(session, context.course_id)}
    counts, seen = {"added": 0, "changed": 0, "ended": 0}, set()
    for member in members:
        user_id = person_here(session, clock, platform_of(row), member.person)
        seen.add(user_id)
        known = before.get(user_id)
        if known is None or known.role != member.role.value:
            enrolments.put(session, clock(), context.course_id, user_id, member.role.value)
            counts["added" if known is None else "changed"] += 1
    launched = lti_links.people_of(session, row.id, list(before))
    for user_id, enrolment in before.items():
        if user_id in launched and user_id not in seen and enrolment.role == STUDENT:
            enrolment.ended = clock()
            counts["ended"] += 1
    return counts
