"""Who a launched person is here, which course it is, and where the link leads."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from grader.errors import LaunchRefused, NotFound
from grader.lti.messages import Context, Launch, Person, Platform
from grader.lti.roles import CourseRole
from grader.services import ready_variants, users
from grader.services.access import Actor, Clock
from grader.services.lti_launches import hashed
from grader.store import assignments, audit, enrolments, lti_grades, lti_links, lti_logins
from grader.store.assignments import Assignment
from grader.store.courses import Course
from grader.store.database import writing
from grader.store.lti_links import LtiContext, LtiLink, LtiPerson
from grader.store.lti_platforms import LtiDeployment
from grader.store.users import User

TICKET_LIFE = timedelta(minutes=2)
ASSIGNMENT, PROBLEM = "assignment", "problem"
"""The custom parameters with which a link says where it leads."""
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who was launched: who they are, in which course, and where the link leads.

    `assignment_id` is None where nobody has said yet where the link leads.
    """

    actor: Actor
    course_id: int
    role: str
    deployment_id: int
    assignment_id: int | None = None
    problem: str = ""


def arrive(session: Session, clock: Clock, launch: Launch) -> Arrival:
    """Bring the person into the course, and the link to its assignment.

    What is new is made: the person, with an instructor's first launch the course, an enrolment.
    """
    context_told = _told(launch)
    now = clock()
    with writing(session):
        deployment = _deployment(session, launch)
        user_id = person_here(session, clock, launch.platform, launch.person)
        context = _context(session, clock, deployment.id, launch, context_told, user_id)
        role = _enrol(session, clock, context.course_id, user_id, launch.role)
        link = _link(session, clock, deployment.id, context, launch)
        audit.note(session, now, user_id, context.course_id, "lti.launched", context.id, role=role)
        assignment = None if link is None else link.assignment_id
        problem = "" if link is None else link.problem
        return Arrival(Actor(user_id), context.course_id, role, deployment.id, assignment, problem)


def person_here(session: Session, clock: Clock, platform: Platform, person: Person) -> int:
    """Who a platform's person is here, made if they are new; a name that was learnt later is taken over."""
    known = lti_links.person(session, platform.id, person.subject)
    name = " ".join(person.name.split())[:LONGEST_NAME]
    shown = name if name.isprintable() else ""
    if known is not None:
        row = session.get_one(User, known.user_id)
        if row.closed is not None:
            raise LaunchRefused("This account was closed.", "account-closed")
        if shown and row.login == _login(platform, person):
            row.name = shown
        return known.user_id
    login = _login(platform, person)
    made = users.register(session, clock, login, shown or f"Student {login[-6:]}", None)
    session.add(LtiPerson(platform_id=platform.id, subject=person.subject, user_id=made.id, created=clock()))
    session.flush()
    return made.id


def set_link(
    session: Session, clock: Clock, launch: Launch, arrival: Arrival, assignment_id: int, problem: str = ""
) -> None:
    """Say where a link leads (teacher); it must be an assignment of the launched course."""
    with writing(session):
        context = _known_context(session, arrival.deployment_id, launch)
        _require_target(session, context.course_id, assignment_id, problem)
        _put_link(session, clock, context, launch, assignment_id, problem)
        audit.note(session, clock(), arrival.actor.user_id, context.course_id, "lti.link-set", assignment_id)


def make_ticket(session: Session, clock: Clock, user_id: int, target: str) -> str:
    """A one-time way into a window of one's own, good for two minutes."""
    ticket = secrets.token_urlsafe(32)
    row = lti_logins.LtiTicket(ticket_hash=hashed(ticket), user_id=user_id, target=target, created=clock())
    with writing(session):
        session.add(row)
    return ticket


def use_ticket(session: Session, clock: Clock, ticket: str) -> tuple[Actor, str]:
    """The person and the page behind a ticket; LaunchRefused the second time."""
    now = clock()
    with writing(session):
        found = lti_logins.use_ticket(session, now, hashed(ticket), now - TICKET_LIFE)
    if found is None:
        raise LaunchRefused("This link was used before, or is too old. Start again from your course.", "ticket")
    return Actor(found.user_id), found.target


def _deployment(session: Session, launch: Launch) -> LtiDeployment:
    found = lti_links.deployment(session, launch.platform.id, launch.deployment)
    if found is None:
        raise LaunchRefused("This deployment of the tool is not registered here.", "deployment")
    return found


def _told(launch: Launch) -> Context:
    """The platform's course; where it tells none, each of its links stands for one, so that no two courses meet."""
    if launch.context is not None:
        return launch.context
    if not launch.resource_link:
        raise LaunchRefused("The launch does not say from which course it comes.", "context-missing")
    return Context(f"resource-link {launch.resource_link}", launch.resource_title)


def _context(
    session: Session, clock: Clock, deployment_id: int, launch: Launch, context: Context, user_id: int
) -> LtiContext:
    """The course that a platform's is here; an instructor's launch makes one."""
    found = lti_links.context(session, deployment_id, context.id)
    if found is None:
        if launch.role is not CourseRole.INSTRUCTOR:
            raise LaunchRefused("Your teacher has not opened this tool in your course yet.", "course-not-set-up")
        title = " ".join(context.title.split())[:LONGEST_NAME] or f"Course of {launch.platform.name}"
        course = Course(title=title, secret=secrets.token_hex(32), created=clock())
        session.add(course)
        session.flush()
        audit.note(session, clock(), user_id, course.id, "course.created", course.id, by="lti")
        found = LtiContext(
            deployment_id=deployment_id,
            context=context.id,
            course_id=course.id,
            title=title,
            roster_url="",
            created=clock(),
        )
        session.add(found)
    if launch.roster_url:
        found.roster_url = launch.roster_url
    session.flush()
    return found


def _enrol(session: Session, clock: Clock, course_id: int, user_id: int, role: CourseRole) -> str:
    """The person's role in the course: what the platform says now."""
    known = session.get(User, user_id)
    present = enrolments.of_user_in_course(session, user_id, course_id)
    if present is None or known is None or present[0].role != role.value:
        enrolments.put(session, clock(), course_id, user_id, role.value)
        ready_variants.ask_for_course(session, clock(), course_id)
    return role.value


def _link(session: Session, clock: Clock, deployment_id: int, context: LtiContext, launch: Launch) -> LtiLink | None:
    """Where the link leads: as it was set, or as its custom parameters say; None where nobody has said."""
    if not launch.resource_link:
        return None
    wanted = launch.custom.get(ASSIGNMENT, "")
    if wanted:
        if not (wanted.isascii() and wanted.isdecimal()) or len(wanted) > 9:
            raise LaunchRefused("The link's parameter 'assignment' is no number of an assignment.", "custom")
        assignment_id, problem = int(wanted), launch.custom.get(PROBLEM, "")
        try:
            _require_target(session, context.course_id, assignment_id, problem)
        except NotFound as error:
            raise LaunchRefused(f"{error} The link's parameters lead elsewhere.", "custom") from None
        return _put_link(session, clock, context, launch, assignment_id, problem)
    found = lti_links.link(session, deployment_id, launch.resource_link)
    if found is None or found.context_id != context.id:
        return None
    return _put_link(session, clock, context, launch, found.assignment_id, found.problem)


def _put_link(
    session: Session, clock: Clock, context: LtiContext, launch: Launch, assignment_id: int, problem: str
) -> LtiLink:
    """The link as this launch tells it; a column that is known stays when the launch names none."""
    found = lti_links.link(session, context.deployment_id, launch.resource_link)
    if found is None:
        found = LtiLink(
            deployment_id=context.deployment_id,
            resource_link=launch.resource_link,
            line_item="",
            line_items="",
            scopes=[],
            created=clock(),
        )
        session.add(found)
    is_new = (found.assignment_id, found.problem) != (assignment_id, problem)
    found.context_id, found.assignment_id, found.problem = context.id, assignment_id, problem
    if launch.grades is not None:
        found.line_item = launch.grades.line_item or found.line_item
        found.line_items = launch.grades.line_items
        found.scopes = sorted(launch.grades.scopes)
    session.flush()
    if is_new:
        lti_grades.ask_everybody(session, clock(), found.id, assignment_id)
    lti_grades.hurry(session, clock(), found.id)
    return found


def _known_context(session: Session, deployment_id: int, launch: Launch) -> LtiContext:
    context = lti_links.context(session, deployment_id, _told(launch).id)
    if context is None:
        raise NotFound("There is no such course.")
    return context


def _require_target(session: Session, course_id: int, assignment_id: int, problem: str) -> None:
    """Refuse what is not in this course."""
    row = session.get(Assignment, assignment_id)
    if row is None or row.course_id != course_id:
        raise NotFound("There is no such assignment in this course.", ASSIGNMENT)
    chosen = {each.problem.key for each in assignments.problems_of(session, [assignment_id])}
    if problem and problem not in chosen:
        raise NotFound("There is no such problem in this assignment.", PROBLEM)


def _login(platform: Platform, person: Person) -> str:
    """The log-in name of somebody who comes from a platform; nothing of them can be read from it."""
    digest = hashlib.sha256(f"{platform.id}\0{person.subject}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"lti-{platform.id}-{digest[:20]}"
