"""Courses, assignments, attempts and who may see them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from grader.errors import Closed, Conflict, Forbidden, InvalidRequest, NotFound
from grader.services import assignments, attempts, courses, people, results, submissions, users
from grader.services.access import SCOPES, Actor
from grader.services.assignments import ChosenProblem
from grader.services.policies import Phase, Policy, Progress, ShowSolution
from grader.services.seeds import seed_for
from grader.store import enrolments
from grader.store.attempts import Attempt
from grader.store.problems import ProblemVersion
from tests.factories import Scene, SteadyClock, counted_statements, grade_words, make_problem


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def test_people_of_a_course(scene: Scene) -> None:
    ada, ben = scene.add_person(), scene.add_person()
    helper = scene.add_person("assistant")
    assert [one.id for one in courses.list_students(scene.session, helper, scene.course_id)] == [
        ada.user_id,
        ben.user_id,
    ]
    (mine,) = courses.list_courses(scene.session, ada)
    assert (mine.id, mine.role, mine.is_taught) == (scene.course_id, "student", False)
    login = users.user(scene.session, ben.user_id).login
    assert (
        courses.enrol(scene.session, scene.clock, scene.teacher, scene.course_id, login, "assistant").role
        == "assistant"
    )
    assert [one.id for one in courses.list_students(scene.session, helper, scene.course_id)] == [ada.user_id]


def test_who_teaches_is_not_enrolled_as_a_student(scene: Scene) -> None:
    """A list of everybody, sent by a program, takes no rights; a role is changed where that is said."""
    session, clock = scene.session, scene.clock
    for role in ("instructor", "assistant"):
        helper = scene.add_person(role)
        login = users.user(session, helper.user_id).login
        with pytest.raises(Conflict, match="teaches this course") as caught:
            courses.enrol_student(session, clock, scene.teacher, scene.course_id, login)
        assert caught.value.field == "login"
        assert courses.course(session, helper, scene.course_id).role == role
        people.end_enrolment(session, clock, scene.teacher, scene.course_id, helper.user_id)
        assert courses.enrol_student(session, clock, scene.teacher, scene.course_id, login).role == "student"
    ada = scene.add_person()
    login, before = users.user(session, ada.user_id).login, clock()
    clock.advance(days=1)
    assert courses.enrol_student(session, clock, scene.teacher, scene.course_id, login).enrolled == before


def test_course_refusals(scene: Scene) -> None:
    session, clock, course = scene.session, scene.clock, scene.course_id
    ada, helper = scene.add_person(), scene.add_person("assistant")
    teacher_login = users.user(session, scene.teacher.user_id).login
    with pytest.raises(Forbidden):
        courses.create_course(session, clock, ada, "Ada's own")
    with pytest.raises(Forbidden):
        courses.list_students(session, ada, course)
    with pytest.raises(Forbidden):
        courses.enrol(session, clock, helper, course, "anyone")
    with pytest.raises(NotFound):
        courses.enrol(session, clock, scene.teacher, course, "nobody")
    with pytest.raises(NotFound, match="log-in name"):
        courses.enrol(session, clock, scene.teacher, course, "no\x00body")
    with pytest.raises(InvalidRequest):
        courses.enrol(session, clock, scene.teacher, course, teacher_login, "owner")
    with pytest.raises(Conflict):
        courses.enrol(session, clock, scene.teacher, course, teacher_login, "student")


OTHERS: dict[str, Callable[..., Any]] = {
    "course": lambda s, _, who, ids: courses.course(s, who, ids["course"]),
    "students": lambda s, _, who, ids: courses.list_students(s, who, ids["course"]),
    "enrol": lambda s, c, who, ids: courses.enrol(s, c, who, ids["course"], "anyone"),
    "assignments": lambda s, c, who, ids: assignments.list_assignments(s, c, who, ids["course"]),
    "create": lambda s, c, who, ids: assignments.create_assignment(
        s, c, who, ids["course"], "T", [ChosenProblem(make_problem())]
    ),
    "assignment": lambda s, c, who, ids: assignments.assignment(s, c, who, ids["assignment"]),
    "open": lambda s, c, who, ids: attempts.open_attempt(s, c, who, ids["assignment"], ids["problem"]),
    "open all": lambda s, c, who, ids: attempts.open_attempts(s, c, who, ids["assignment"]),
    "attempt": lambda s, c, who, ids: attempts.attempt(s, c, who, ids["attempt"]),
    "new variant": lambda s, c, who, ids: attempts.new_practice_variant(s, c, who, ids["attempt"]),
    "draft": lambda s, c, who, ids: attempts.save_draft(s, c, who, ids["attempt"], {"a": "x"}),
    "submit": lambda s, c, who, ids: submissions.submit(s, c, grade_words, who, ids["attempt"], {"a": "right"}),
    "submission": lambda s, c, who, ids: submissions.submission(s, c, who, ids["submission"]),
    "detail": lambda s, c, who, ids: results.submission_detail(s, c, who, ids["submission"]),
    "course results": lambda s, _, who, ids: results.course_results(s, who, ids["course"]),
    "assignment results": lambda s, _, who, ids: results.assignment_results(s, who, ids["assignment"]),
    "student results": lambda s, c, who, ids: results.student_results(s, c, who, ids["course"], ids["student"]),
}


@pytest.fixture
def ids(scene: Scene) -> dict[str, Any]:
    """Things of a student of the scene's course, which is in practice mode."""
    ada = scene.add_person()
    attempt = scene.open(ada, Policy(practice=True))
    sent = submissions.submit(scene.session, scene.clock, grade_words, ada, attempt.id, {"a": "wrong"})
    return {
        "course": scene.course_id,
        "assignment": attempt.assignment_id,
        "problem": attempt.problem_id,
        "attempt": attempt.id,
        "submission": sent.id,
        "student": ada.user_id,
    }


@pytest.mark.parametrize("what", OTHERS)
def test_another_course_looks_like_none(scene: Scene, ids: dict[str, Any], what: str) -> None:
    """For a student and for the teacher of another course, and for a token bound to another course."""
    other = Scene(scene.session, scene.clock)
    bound = Actor(scene.teacher.user_id, frozenset(SCOPES), other.course_id)
    nothing = {key: "none" if key == "problem" else 10**6 for key in ids}
    for stranger in (other.add_person(), other.teacher, bound):
        with pytest.raises(NotFound) as seen:
            OTHERS[what](scene.session, scene.clock, stranger, ids)
        with pytest.raises(NotFound) as unseen:
            OTHERS[what](scene.session, scene.clock, stranger, nothing)
        assert str(seen.value) == str(unseen.value)


ALLOWED = {
    # what each may do with the things of a student of their own course
    "fellow": {"course", "assignments", "assignment", "open", "open all"},
    "assistant": set(OTHERS) - {"create", "enrol"},
    "instructor": set(OTHERS),
    "owner": set(OTHERS) - {"create", "enrol", "students", "course results", "assignment results"},
}


@pytest.mark.parametrize("role", ALLOWED)
def test_who_may_do_what(scene: Scene, ids: dict[str, Any], role: str) -> None:
    people = {
        "fellow": scene.add_person(),
        "assistant": scene.add_person("assistant"),
        "instructor": scene.teacher,
        "owner": Actor(ids["student"]),
    }
    login = users.user(scene.session, people["fellow"].user_id).login
    calls = OTHERS | {"enrol": lambda s, c, who, ids: courses.enrol(s, c, who, ids["course"], login)}
    allowed = set()
    for what, call in calls.items():
        if what in ("new variant", "submit"):
            continue  # they change what the others are tried on
        try:
            call(scene.session, scene.clock, people[role], ids)
            allowed.add(what)
        except (Forbidden, NotFound):
            pass
    assert allowed == ALLOWED[role] - {"new variant", "submit"}


NEEDED = {
    "courses:read": {"course", "students", "assignments", "assignment"},
    "courses:write": {"enrol", "create"},
    "attempts:write": {"open", "open all", "new variant"},
    "submissions:write": {"draft", "submit"},
    "results:read": {"attempt", "submission", "detail", "course results", "assignment results", "student results"},
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_token_needs_its_scope(scene: Scene, ids: dict[str, Any], what: str) -> None:
    scope = next(scope for scope, calls in NEEDED.items() if what in calls)
    lacking = Actor(scene.teacher.user_id, frozenset(SCOPES) - {scope})
    with pytest.raises(Forbidden, match=scope):
        OTHERS[what](scene.session, scene.clock, lacking, ids)


def test_ended_enrolment_gives_no_access(scene: Scene, ids: dict[str, Any]) -> None:
    enrolments.of_person(scene.session, scene.course_id, ids["student"]).ended = scene.clock()
    scene.session.commit()
    with pytest.raises(NotFound):
        attempts.attempt(scene.session, scene.clock, Actor(ids["student"]), ids["attempt"])


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        ({"tries": 0}, "tries"),
        ({"penalty": Fraction(-1, 10)}, "penalty"),
        ({"penalty": Fraction(11, 10)}, "penalty"),
        ({"opens": timedelta(days=2), "due": timedelta(days=1)}, "due"),
    ],
)
def test_rules_that_contradict_themselves(scene: Scene, policy: dict[str, Any], field: str) -> None:
    dated = {key: scene.clock() + value if isinstance(value, timedelta) else value for key, value in policy.items()}
    with pytest.raises(InvalidRequest) as caught:
        scene.add_assignment(Policy(**dated))
    assert caught.value.field == field


def test_problems_of_an_assignment(scene: Scene) -> None:
    same = make_problem("same")
    chosen = [ChosenProblem(make_problem("first"), Fraction(10)), ChosenProblem(same)]
    args = (scene.session, scene.clock, scene.teacher, scene.course_id)
    view = assignments.create_assignment(*args, "One", chosen)
    assert [(line.problem_id, line.max_points) for line in view.problems] == [("first", 10), ("same", 3)]
    assignments.create_assignment(*args, "Two", [ChosenProblem(same)])
    newer = assignments.create_assignment(*args, "Three", [ChosenProblem(make_problem("same", version="2"))])
    assert newer.problems[0].version == "same-2"
    again = assignments.assignment(scene.session, scene.clock, scene.teacher, view.id)
    assert again == view
    assert len(scene.session.scalars(select(ProblemVersion.id)).all()) == 3
    with pytest.raises(InvalidRequest):
        assignments.create_assignment(*args, "Twice", [ChosenProblem(same), ChosenProblem(same)])
    with pytest.raises(InvalidRequest):
        assignments.create_assignment(*args, "None", [])


def test_phases(scene: Scene) -> None:
    ada, now = scene.add_person(), scene.clock()
    view = scene.add_assignment(Policy(opens=now + timedelta(hours=1), due=now + timedelta(hours=2)))
    problem = view.problems[0].problem_id
    seen = assignments.assignment(scene.session, scene.clock, ada, view.id)
    assert (seen.phase, seen.problems) == (Phase.UPCOMING, ())
    with pytest.raises(Closed, match="not open yet"):
        attempts.open_attempt(scene.session, scene.clock, ada, view.id, problem)
    attempts.open_attempt(scene.session, scene.clock, scene.teacher, view.id, problem)  # to try it out
    scene.clock.advance(hours=1)
    attempt = attempts.open_attempt(scene.session, scene.clock, ada, view.id, problem)
    assert (attempt.phase, attempt.refusal) == (Phase.OPEN, "")
    scene.clock.advance(hours=1)
    late = attempts.open_attempt(scene.session, scene.clock, ada, view.id, problem)
    assert (late.id, late.phase) == (attempt.id, Phase.CLOSED)
    assert "due date" in late.refusal
    with pytest.raises(Closed):
        submissions.submit(scene.session, scene.clock, grade_words, ada, attempt.id, {"a": "right"})
    with pytest.raises(Closed):
        submissions.submit(scene.session, scene.clock, grade_words, scene.teacher, attempt.id, {"a": "right"})
    with pytest.raises(Closed):
        attempts.open_attempt(scene.session, scene.clock, scene.add_person(), view.id, problem)


def test_every_student_has_their_own_seed(scene: Scene) -> None:
    view = scene.add_assignment(Policy(practice=True), problems=2)
    seeds = set()
    for _ in range(3):
        student = scene.add_person()
        opened = attempts.open_attempts(scene.session, scene.clock, student, view.id)
        again = attempts.open_attempts(scene.session, scene.clock, student, view.id)
        assert [one.id for one in opened] == [one.id for one in again]
        assert [one.problem_id for one in opened] == [line.problem_id for line in view.problems]
        seeds |= {one.seed for one in opened}
        seeds.add(attempts.new_practice_variant(scene.session, scene.clock, student, opened[0].id).seed)
    assert len(seeds) == 9
    assert all(0 <= seed < 2**53 for seed in seeds)


def test_seed_is_a_function_of_the_secret() -> None:
    seed = seed_for("00" * 32, 1, 2, "jacobian", 3)
    assert seed == 2370724246273353  # a change would give every student another variant
    assert seed != seed_for("01" * 32, 1, 2, "jacobian", 3)
    assert seed_for("00" * 32, 1, 23, "4", 5) != seed_for("00" * 32, 12, 3, "4", 5)


def test_practice(scene: Scene) -> None:
    ada = scene.add_person()
    first = scene.open(ada, Policy(practice=True))
    assert first.may_have_new_variant
    submissions.submit(scene.session, scene.clock, grade_words, ada, first.id, {"a": "right", "b": "right"})
    second = attempts.new_practice_variant(scene.session, scene.clock, ada, first.id)
    assert (second.number, second.progress, second.submissions) == (2, Progress.STARTED, ())
    assert second.seed != first.seed
    assert attempts.new_practice_variant(scene.session, scene.clock, ada, first.id).id == second.id  # a double click
    old = attempts.attempt(scene.session, scene.clock, ada, first.id)
    assert "newer variant" in old.refusal
    with pytest.raises(Conflict):
        submissions.submit(scene.session, scene.clock, grade_words, ada, first.id, {"a": "wrong"})
    (line,) = assignments.assignment(scene.session, scene.clock, ada, first.assignment_id).problems
    assert (line.progress, line.points, line.attempt_id) == (Progress.SOLVED, 3, second.id)


def test_no_new_variant_without_practice_mode(scene: Scene) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada)
    assert not attempt.may_have_new_variant
    with pytest.raises(Conflict):
        attempts.new_practice_variant(scene.session, scene.clock, ada, attempt.id)


def test_drafts(scene: Scene) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada)
    for typed in ({"a": "x^"}, {"a": "x^2", "b": "\x00"}):
        attempts.save_draft(scene.session, scene.clock, ada, attempt.id, typed)
        assert attempts.attempt(scene.session, scene.clock, ada, attempt.id).draft == typed
    submissions.submit(scene.session, scene.clock, grade_words, ada, attempt.id, {"a": "?"})
    assert attempts.attempt(scene.session, scene.clock, ada, attempt.id).draft == {}
    with pytest.raises(InvalidRequest):
        attempts.save_draft(scene.session, scene.clock, ada, attempt.id, {"a": "x" * 20_001})


@pytest.mark.parametrize(
    ("shows", "at_first", "when_spent", "when_due"),
    [
        (ShowSolution.NEVER, False, False, False),
        (ShowSolution.DONE, False, True, True),
        (ShowSolution.DUE, False, False, True),
    ],
)
def test_solution(scene: Scene, shows: ShowSolution, at_first: bool, when_spent: bool, when_due: bool) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada, Policy(tries=1, due=scene.clock() + timedelta(hours=1), show_solution=shows))
    seen = [attempt.may_see_solution]
    submissions.submit(scene.session, scene.clock, grade_words, ada, attempt.id, {"a": "wrong"})
    seen.append(attempts.attempt(scene.session, scene.clock, ada, attempt.id).may_see_solution)
    scene.clock.advance(hours=1)
    seen.append(attempts.attempt(scene.session, scene.clock, ada, attempt.id).may_see_solution)
    assert seen == [at_first, when_spent, when_due]
    assert attempts.attempt(scene.session, scene.clock, scene.teacher, attempt.id).may_see_solution


def test_eight_clicks_open_one_attempt(sessions: sessionmaker[Session], scene: Scene) -> None:
    ada = scene.add_person()
    view = scene.add_assignment(problems=3)
    scene.session.commit()

    def click(_: int) -> tuple[int, ...]:
        with sessions() as session:
            return tuple(one.id for one in attempts.open_attempts(session, scene.clock, ada, view.id))

    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(click, range(8), timeout=60))
    assert len(seen) == 1
    assert scene.session.scalar(select(func.count()).select_from(Attempt)) == 3


def statements_of(engine: Engine, call: Callable[[], Any]) -> int:
    with counted_statements(engine) as sent:
        call()
    return len([statement for statement in sent if not statement.startswith(("BEGIN", "COMMIT"))])


@pytest.mark.parametrize("what", ["courses", "students", "assignments", "assignment", "open all", "results", "student"])
def test_number_of_statements_does_not_grow(scene: Scene, engine: Engine, what: str) -> None:
    session, clock, teacher = scene.session, scene.clock, scene.teacher
    ada = scene.add_person()
    first = scene.add_assignment(problems=4)
    begun = attempts.open_attempts(session, clock, ada, first.id)[0]
    submissions.submit(session, clock, grade_words, ada, begun.id, {"a": "half"})
    calls: dict[str, Callable[[], Any]] = {
        "courses": lambda: courses.list_courses(session, ada),
        "students": lambda: courses.list_students(session, teacher, scene.course_id),
        "assignments": lambda: assignments.list_assignments(session, clock, ada, scene.course_id),
        "assignment": lambda: assignments.assignment(session, clock, ada, first.id),
        "open all": lambda: attempts.open_attempts(session, clock, ada, first.id),
        "results": lambda: results.course_results(session, teacher, scene.course_id),
        "student": lambda: results.student_results(session, clock, teacher, scene.course_id, ada.user_id),
    }

    def measure() -> int:
        session.rollback()
        return statements_of(engine, calls[what])

    measure()
    few = measure()
    for _ in range(3):
        student, assignment = scene.add_person(), scene.add_assignment(problems=5)
        for attempt in attempts.open_attempts(session, clock, student, assignment.id):
            submissions.submit(session, clock, grade_words, student, attempt.id, {"a": "half"})
        for attempt in attempts.open_attempts(session, clock, ada, first.id):
            submissions.submit(session, clock, grade_words, ada, attempt.id, {"a": "half"})
    assert measure() == few
    assert few <= 10


def test_a_start_takes_few_statements_however_many_problems_there_are(scene: Scene, engine: Engine) -> None:
    session, clock = scene.session, scene.clock
    few = []
    for problems in (1, 4):
        assignment, student = scene.add_assignment(problems=problems), scene.add_person()
        session.rollback()
        few.append(statements_of(engine, lambda: attempts.open_attempts(session, clock, student, assignment.id)))  # noqa: B023 - called at once
    assert few[1] == few[0]
    assert few[0] <= 15
