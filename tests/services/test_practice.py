"""Practice by topic, on both databases: what is given, what comes of it, who sees it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from grader.errors import InvalidRequest, NotFound
from grader.services import agenda, assignments, attempts, hints, practice, results, submissions
from grader.services.access import Actor
from grader.services.advice import Reason, Urgency
from grader.services.attempts import AttemptView
from grader.services.mastery import Stage
from grader.services.policies import Policy
from grader.services.problems import ProblemSource
from grader.services.scores import score_log
from tests.factories import Scene, SteadyClock, counted_statements, grade_words

LEVELS = ("drill", "standard", "stretch")
BANK = tuple(
    ProblemSource(f"{topic}-{level}-{number}", "1", "Title", topic, level, "id: x\n", Fraction(3), ("a", "b"))
    for topic in ("descent", "limits")
    for level in LEVELS
    for number in range(2)
)


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def begin(scene: Scene, student: Actor, topic: str = "descent", **options: str | int) -> AttemptView:
    found = practice.begin(scene.session, scene.clock, student, scene.course_id, topic, BANK, **options)  # type: ignore[arg-type]
    return attempts.attempt(scene.session, scene.clock, student, found)


def answer(scene: Scene, student: Actor, attempt: AttemptView, word: str) -> None:
    responses = {"a": word, "b": word}
    submissions.submit(scene.session, scene.clock, grade_words, student, attempt.id, responses)
    scene.clock.advance(minutes=5)


def topic_of(scene: Scene, student: Actor, topic: str = "descent") -> practice.Topic:
    view = practice.practice(scene.session, scene.clock, student, scene.course_id, BANK)
    return next(one for one in view.topics if one.topic == topic)


def test_problems_get_harder_with_mastery_and_have_new_numbers_each_time(scene: Scene) -> None:
    ada = scene.add_person()
    assert topic_of(scene, ada).mastery.stage is Stage.NEW
    seen: list[tuple[str, int]] = []
    levels = []
    for _ in range(9):
        attempt = begin(scene, ada)
        assert begin(scene, ada).id == attempt.id  # what is not finished is gone on with
        seen.append((attempt.problem_id, attempt.seed))
        levels.append(attempt.problem_id.split("-")[1])
        answer(scene, ada, attempt, "right")
    assert levels == ["drill"] * 3 + ["standard"] * 4 + ["stretch"] * 2
    assert len(set(seen)) == 9
    known = topic_of(scene, ada)
    assert (known.mastery.stage, known.mastery.answered, known.begun) == (Stage.GOOD, 9, None)
    assert topic_of(scene, ada, "limits").mastery.stage is Stage.NEW


def test_mistakes_bring_easier_problems_back(scene: Scene) -> None:
    ada = scene.add_person()
    hard = begin(scene, ada, level="stretch")
    assert "stretch" in hard.problem_id
    answer(scene, ada, hard, "wrong")
    assert begin(scene, ada).id == hard.id
    assert "drill" in begin(scene, ada, leave=hard.id).problem_id
    left = attempts.attempt(scene.session, scene.clock, ada, hard.id)
    assert left.refusal
    assert left.may_see_solution


def test_a_problem_left_comes_again_only_after_the_others(scene: Scene) -> None:
    ada = scene.add_person()
    given = [begin(scene, ada)]
    for _ in range(3):
        given.append(begin(scene, ada, leave=given[-1].id))
    names = [one.problem_id for one in given]
    assert len(set(names[:2])) == 2
    assert names[2:] == names[:2]
    assert len({one.seed for one in given}) == 4
    assert topic_of(scene, ada).mastery.stage is Stage.NEW  # nothing was answered


def test_students_do_not_get_the_same(scene: Scene) -> None:
    seeds = {begin(scene, scene.add_person()).seed for _ in range(3)}
    assert len(seeds) == 3


def test_practice_is_in_no_list_and_counts_for_nothing(scene: Scene) -> None:
    ada = scene.add_person()
    answer(scene, ada, begin(scene, ada), "right")
    for actor in (ada, scene.teacher):
        assert assignments.list_assignments(scene.session, scene.clock, actor, scene.course_id) == ()
    assert results.course_results(scene.session, scene.teacher, scene.course_id).columns == ()


def test_what_cannot_be_practised(scene: Scene) -> None:
    ada, stranger = scene.add_person(), Scene(scene.session, scene.clock).add_person()
    set_work = scene.open(ada)
    for fault, options in (
        (NotFound, {"topic": "nothing"}),
        (InvalidRequest, {"level": "hopeless"}),
        (InvalidRequest, {"leave": set_work.id}),
        (NotFound, {"leave": 10**6}),
    ):
        with pytest.raises(fault):
            begin(scene, ada, **options)
    with pytest.raises(NotFound):
        begin(scene, stranger)
    with pytest.raises(NotFound):
        begin(scene, scene.add_person(), leave=begin(scene, ada).id)


def test_own_problems_of_a_course_are_practised_in_it_only(scene: Scene) -> None:
    ada, other = scene.add_person(), Scene(scene.session, scene.clock)
    source = ProblemSource("own", "1", "T", "secrets", "drill", "id: own\n", Fraction(3), ("a", "b"), scene.course_id)
    chosen = [assignments.ChosenProblem(source)]
    rules = Policy(practice=True)
    assignments.create_assignment(scene.session, scene.clock, scene.teacher, scene.course_id, "P", chosen, rules)
    assert topic_of(scene, ada, "secrets").problems == 1
    assert begin(scene, ada, "secrets").problem_id == "own"
    with pytest.raises(NotFound):
        begin(other, other.add_person(), "secrets")


def test_answers_to_assignments_count_and_those_of_an_exam_not_before_they_are_told(scene: Scene) -> None:
    ada = scene.add_person()
    exam = Policy(exam=True, tries=1, feedback_from=scene.clock() + timedelta(days=1))
    for rules in (Policy(tries=3), exam):
        answer(scene, ada, scene.open(ada, rules), "right")
    view = practice.practice(scene.session, scene.clock, ada, scene.course_id, [*BANK, *_derivatives()])
    assert [one.mastery.answered for one in view.topics if one.topic == "derivatives"] == [1]
    scene.clock.advance(days=2)
    view = practice.practice(scene.session, scene.clock, ada, scene.course_id, [*BANK, *_derivatives()])
    assert [one.mastery.answered for one in view.topics if one.topic == "derivatives"] == [2]


def _derivatives() -> list[ProblemSource]:
    return [ProblemSource("d", "1", "T", "derivatives", "drill", "id: d\n", Fraction(3), ("a", "b"))]


def test_teachers_see_the_practice_of_their_students_and_students_their_own(scene: Scene) -> None:
    ada, ben = scene.add_person(), scene.add_person()
    answer(scene, ada, begin(scene, ada), "right")
    view = practice.practice(scene.session, scene.clock, scene.teacher, scene.course_id, BANK, ada.user_id)
    assert [one.mastery.answered for one in view.topics] == [1, 0]
    with pytest.raises(NotFound):
        practice.practice(scene.session, scene.clock, ben, scene.course_id, BANK, ada.user_id)


def test_a_double_click_begins_one_problem(scene: Scene, sessions: sessionmaker[Session]) -> None:
    ada = scene.add_person()

    def click(_: int) -> int:
        with sessions() as session:
            return practice.begin(session, scene.clock, ada, scene.course_id, "descent", BANK)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1


def test_hints_are_opened_one_by_one_and_a_reload_opens_no_second(scene: Scene) -> None:
    ada = scene.add_person()
    attempt = begin(scene, ada)

    def click(actor: Actor, shown: int) -> int:
        return hints.open_next(scene.session, scene.clock, actor, attempt.id, shown, 2)

    assert hints.opened(scene.session, attempt.id) == 0
    assert [click(ada, shown) for shown in (0, 0, 1, 2, 2)] == [1, 1, 2, 2, 2]
    assert hints.opened(scene.session, attempt.id) == 2
    with pytest.raises(InvalidRequest):
        click(ada, 3)
    with pytest.raises(NotFound):
        click(scene.add_person(), 2)


def test_the_log_of_a_stored_attempt_adds_up(scene: Scene) -> None:
    ada = scene.add_person()
    rules = Policy(tries=5, penalty=Fraction(1, 3))
    attempt = scene.open(ada, rules)
    for word in ("wrong", "?", "half", "hard", "right"):
        answer(scene, ada, attempt, word)
    log = score_log(scene.session, attempt.id, rules, attempt.max_points)
    now = attempts.attempt(scene.session, scene.clock, ada, attempt.id)
    assert log.score == now.points == sum(line.added for line in log.lines)
    assert [line.used_try for line in log.lines] == [True, False, True, False, True]
    assert [line.number for line in log.lines] == [1, 2, 3, 4, 5]


def test_the_start_page(scene: Scene) -> None:
    ada, now = scene.add_person(), scene.clock()
    later, soon = (Policy(due=now + timedelta(days=days)) for days in (9, 1))
    attempt = scene.open(ada, later)
    scene.add_assignment(soon)
    scene.add_assignment(Policy(due=now + timedelta(hours=1)))
    scene.clock.advance(hours=2)
    found = agenda.agenda(scene.session, scene.clock, ada, BANK)
    assert [(one.urgency, one.is_open) for one in found.due] == [
        (Urgency.SOON, True),
        (Urgency.LATER, True),
        (Urgency.OVERDUE, False),
    ]
    assert found.resume is not None
    assert found.resume.attempt_id == attempt.id
    (plan,) = found.courses
    assert plan.advice is not None
    assert (plan.advice.reason, plan.advice.left) == (Reason.DUE_SOON, 1)
    answer(scene, ada, attempt, "right")
    practised = begin(scene, ada)
    found = agenda.agenda(scene.session, scene.clock, ada, BANK)
    assert found.resume is not None
    assert (found.resume.attempt_id, found.resume.is_practice) == (practised.id, True)
    assert len(found.due) == 2
    assert [one.phase for one in found.courses[0].assignments] == ["open", "open", "closed"]
    taught = agenda.agenda(scene.session, scene.clock, scene.teacher, BANK)
    assert (taught.due, taught.resume, taught.courses[0].topics) == ((), None, ())
    assert len(taught.courses[0].assignments) == 3


def test_the_number_of_statements_does_not_grow(scene: Scene, engine: Engine) -> None:
    ada = scene.add_person()
    counts = []
    for _ in range(2):
        for _ in range(3):
            scene.add_assignment(Policy(due=scene.clock() + timedelta(days=3)), problems=2)
            answer(scene, ada, begin(scene, ada), "right")
        scene.session.rollback()
        with counted_statements(engine) as sent:
            agenda.agenda(scene.session, scene.clock, ada, BANK)
            practice.practice(scene.session, scene.clock, ada, scene.course_id, BANK)
        counts.append(len(sent))
        scene.session.rollback()
    assert counts[0] == counts[1] <= 14, sent
