"""The demo course: one instructor, three students, an assignment for each topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.services import assignments, courses
from grader.services.access import INSTRUCTOR, STUDENT, Actor, Clock
from grader.services.assignments import ChosenProblem
from grader.services.policies import Policy
from grader.services.problems import ProblemSource
from grader.services.users import register
from grader.store import enrolments, users
from grader.store.database import writing

DEMO_PASSWORD = "calculus"  # noqa: S105 - printed by `make demo`; the demo course holds nothing worth guarding
TITLE = "Calculus for Machine Learning"
PEOPLE = (
    ("instructor", "Ines Instructor", INSTRUCTOR),
    ("ada", "Ada Ahmed", STUDENT),
    ("ben", "Ben Berger", STUDENT),
    ("chen", "Chen Chu", STUDENT),
)
TOPICS: Mapping[str, str] = {
    "derivatives": "Derivatives of one variable",
    "gradients": "Gradients and partial derivatives",
    "jacobians": "Jacobians and the chain rule",
    "convexity": "Curvature and convexity",
    "descent": "Gradient descent",
}
"""In the order in which a course teaches them; other topics follow under their own names."""
SHOWN_FIRST = frozenset(
    {
        "derivative-chain-power",
        "derivative-polynomial",
        "derivative-product-exponential-wave",
        "tangent-of-parabola",
        "gradient-mixed-cubic",
        "directional-derivative",
        "jacobian-polynomial-map",
        "jacobian-predicts-change",
        "backpropagation-small-net",
        "hessian-eigenvalues",
        "critical-point-of-quadratic",
        "descent-on-parabola",
        "descent-two-weights",
        "learning-rate-behaviour",
    }
)
"""Problems that show what there is; the rest of an assignment is filled up in the order of the bank."""
PRACTICE_TOPIC = "derivatives"
PROBLEMS_EACH = 6
RULES = Policy(tries=5, penalty=Fraction(1, 10))
PRACTICE_RULES = Policy(practice=True)


@dataclass(frozen=True, slots=True)
class Demo:
    """What there is: the course's id and the log-ins (name, password, role)."""

    course_id: int
    logins: tuple[tuple[str, str, str], ...]


def create_demo(session: Session, clock: Clock, problems: Sequence[ProblemSource]) -> Demo:
    """The demo course, made once; a second call changes nothing and returns the same."""
    logins = tuple((login, DEMO_PASSWORD, role) for login, _, role in PEOPLE)
    if (known := _course(session)) is not None:
        return Demo(known, logins)
    with writing(session):
        for login, name, role in PEOPLE:
            if users.by_login(session, login) is None:
                register(session, clock, login, name, DEMO_PASSWORD, is_staff=role == INSTRUCTOR, is_demo=True)
        teacher = users.by_login(session, PEOPLE[0][0])
        actor = Actor(teacher.id if teacher else 0)
        course = courses.create_course(session, clock, actor, TITLE)
        for login, _, role in PEOPLE[1:]:
            courses.enrol(session, clock, actor, course.id, login, role)
        _set_assignments(session, clock, actor, course.id, problems)
        return Demo(course.id, logins)


def _course(session: Session) -> int | None:
    """The demo course, when it was made before."""
    teacher = users.by_login(session, PEOPLE[0][0])
    taught = () if teacher is None else enrolments.of_user(session, teacher.id)
    return next((course.id for _, course in taught if course.title == TITLE), None)


def _set_assignments(
    session: Session, clock: Clock, actor: Actor, course_id: int, problems: Sequence[ProblemSource]
) -> None:
    """An assignment for each topic: one for practice, the others due a week apart."""
    by_topic: dict[str, list[ProblemSource]] = {topic: [] for topic in TOPICS}
    for problem in problems:
        by_topic.setdefault(problem.topic, []).append(problem)
    for week, (topic, found) in enumerate(by_topic.items()):
        if not found:
            continue
        found.sort(key=lambda problem: problem.id not in SHOWN_FIRST)
        chosen = [ChosenProblem(problem) for problem in found[:PROBLEMS_EACH]]
        due = clock() + timedelta(weeks=week + 1)
        is_practice = topic == PRACTICE_TOPIC
        rules = PRACTICE_RULES if is_practice else Policy(tries=RULES.tries, penalty=RULES.penalty, due=due)
        title = TOPICS.get(topic, topic.capitalize())
        title = f"Practice: {title}" if is_practice else title
        assignments.create_assignment(session, clock, actor, course_id, title, chosen, rules)
