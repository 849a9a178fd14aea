"""The queue: what waits for a person, in which order, answered one after another, alike ones together."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from grader.checking.verdict import Contradiction, OutOfBudget, PersonReads
from grader.errors import Forbidden, InvalidRequest, NotFound
from grader.grading import PartResult, Result
from grader.services import attempts, gradings, marking, matrix, previewing, reviews, submissions
from grader.services.access import Actor
from grader.services.marking import Given
from grader.services.matrix import Filters, State
from grader.services.policies import Policy
from grader.store.database import writing
from grader.store.manual_marks import ManualMark
from grader.store.submissions import MAX_CLAIMS, Submission
from tests.factories import Scene, SteadyClock, counted_statements, grade_words


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def send(scene: Scene, student: Actor, assignment: int, problem: str, **typed: str) -> int:
    scene.clock.advance(minutes=1)
    attempt = attempts.open_attempt(scene.session, scene.clock, student, assignment, problem)
    return submissions.submit(scene.session, scene.clock, grade_words, student, attempt.id, typed).id


def waits(scene: Scene, chosen: int | None = None) -> list[tuple[int, str, str]]:
    found = reviews.list_reviews(scene.session, scene.teacher, scene.course_id, chosen)
    return [(line.submission_id, line.part, line.kind) for line in found.lines]


def test_what_is_undecided_waits_the_oldest_first_until_it_is_marked(scene: Scene) -> None:
    view = scene.add_assignment(problems=2)
    one, two = (line.problem_id for line in view.problems)
    ada, ben = scene.add_person(), scene.add_person()
    first = send(scene, ada, view.id, two, a="hard", b="hard")
    second = send(scene, ben, view.id, one, a="hard", b="right")
    send(scene, ben, view.id, two, a="wrong", b="right")
    assert waits(scene) == [(first, "a", "undecided"), (first, "b", "undecided"), (second, "a", "undecided")]
    found = reviews.list_reviews(scene.session, scene.teacher, scene.course_id, None)
    assert [(group.problem_title, group.number) for group in found.groups] == [
        (f"Title of {one}", 1),
        (f"Title of {two}", 2),
    ]
    assert waits(scene, found.groups[0].id) == [(second, "a", "undecided")]
    states = matrix.matrix(scene.session, scene.teacher, scene.course_id, Filters(state=State.WAITING))
    assert [row.student.id for row in states.table.rows] == [ada.user_id, ben.user_id]
    marking.mark(scene.session, scene.clock, scene.teacher, first, {"a": Given("1")})
    assert waits(scene) == [(first, "b", "undecided"), (second, "a", "undecided")]
    marking.withdraw(scene.session, scene.clock, scene.teacher, first, "a")
    assert len(waits(scene)) == 3
    send(scene, ada, view.id, two, a="right", b="hard")  # what is right now needs nobody any longer
    assert [(part, kind) for _, part, kind in waits(scene)] == [
        ("b", "undecided"),
        ("a", "undecided"),
        ("b", "undecided"),
    ]


def test_save_and_next_goes_through_the_queue_and_round_to_what_was_skipped(scene: Scene) -> None:
    view = scene.add_assignment()
    people = [scene.add_person() for _ in range(3)]
    for person in people:
        send(scene, person, view.id, view.problems[0].problem_id, a="hard")
    session, clock, teacher, course = scene.session, scene.clock, scene.teacher, scene.course_id
    first = reviews.first(session, teacher, course, None)
    assert first is not None
    shown = reviews.review(session, clock, teacher, course, first, None)
    assert (shown.part, shown.left, shown.alike) == ("a", 3, ())
    assert shown.following is not None
    last = reviews.decide(session, clock, teacher, course, shown.following, Given("2"))
    assert last not in (None, first)
    assert last is not None
    assert reviews.decide(session, clock, teacher, course, last, Given("1", "So so.")) == first
    assert reviews.decide(session, clock, teacher, course, first, Given("0")) is None
    with pytest.raises(NotFound, match="waits no longer"):
        reviews.decide(session, clock, teacher, course, first, Given("1"))


def test_what_is_refused_leaves_the_queue_as_it_was(scene: Scene) -> None:
    view = scene.add_assignment()
    send(scene, scene.add_person(), view.id, view.problems[0].problem_id, a="hard")
    first = reviews.first(scene.session, scene.teacher, scene.course_id, None)
    assert first is not None
    for given in (Given("3"), Given(""), Given("x")):
        with pytest.raises(InvalidRequest):
            reviews.decide(scene.session, scene.clock, scene.teacher, scene.course_id, first, given)
    assert len(waits(scene)) == 1


def test_marking_alike_locks_in_one_order_whichever_is_looked_at(scene: Scene, engine: Engine) -> None:
    """Two teachers who mark the same answers at once would else wait for each other for good."""
    view = scene.add_assignment(Policy(one_variant=True))
    people = [scene.add_person() for _ in range(3)]
    same = [send(scene, person, view.id, view.problems[0].problem_id, a="hard") for person in people]
    with counted_statements(engine) as sent:
        marking.mark_alike(scene.session, scene.clock, scene.teacher, same[::-1], "a", Given("2"))
    locking = [one for one in sent if "FOR UPDATE" in one or "BEGIN IMMEDIATE" in one]
    assert ("ORDER BY attempts.id" in locking[0]) is (engine.dialect.name == "postgresql")
    marked = select(ManualMark.submission_id).order_by(ManualMark.id)
    assert scene.session.scalars(marked).all() == same
    assert waits(scene) == []


def test_the_same_answer_to_the_same_variant_is_marked_together(scene: Scene) -> None:
    view = scene.add_assignment(Policy(one_variant=True))
    problem = view.problems[0].problem_id
    people = [scene.add_person() for _ in range(4)]
    same = [send(scene, person, view.id, problem, a="hard") for person in people[:3]]
    other = send(scene, people[3], view.id, problem, a="hard", b="hard")
    first = reviews.first(scene.session, scene.teacher, scene.course_id, None)
    assert first is not None
    shown = reviews.review(scene.session, scene.clock, scene.teacher, scene.course_id, first, None)
    assert shown.alike == (*same[1:], other)
    following = reviews.decide(
        scene.session, scene.clock, scene.teacher, scene.course_id, first, Given("2", "All of you."), alike=True
    )
    assert waits(scene) == [(other, "b", "undecided")]
    assert following is not None
    comments = [marking.marking_of(scene.session, one).present["a"].comment for one in (*same, other)]
    assert comments == ["All of you."] * 4


@pytest.mark.parametrize(
    ("evidence", "kind"),
    [
        (PersonReads(2), "written"),
        (OutOfBudget("in quarantine", "quarantine"), "quarantine"),
        (OutOfBudget("too long", "time"), "undecided"),
        (Contradiction("one", "two"), "contradiction"),
    ],
)
def test_why_it_waits(scene: Scene, evidence: PersonReads | OutOfBudget | Contradiction, kind: str) -> None:
    view = scene.add_assignment()
    sent = send(scene, scene.add_person(), view.id, view.problems[0].problem_id, a="wrong")
    attempt = submissions.submission(scene.session, scene.clock, scene.teacher, sent).attempt_id
    parts = (PartResult("a", worth := marking.read_points("0", 2, "a"), worth + 2, "undecided", evidence),)  # type: ignore[arg-type]
    with writing(scene.session):
        gradings.record(scene.session, scene.clock(), sent, attempt, "regraded", Result.of(parts))
    assert waits(scene) == [(sent, "a", kind)]


def test_a_contradiction_waits_though_the_part_is_decided(scene: Scene) -> None:
    view = scene.add_assignment()
    sent = send(scene, scene.add_person(), view.id, view.problems[0].problem_id, a="right")
    with writing(scene.session):
        gradings.mark_contradiction(scene.session, scene.clock(), sent, "a", Contradiction("one", "two"), "text 1")
    send(scene, scene.students[0], view.id, view.problems[0].problem_id, a="right")
    assert waits(scene) == [(sent, "a", "contradiction")]
    marking.mark(scene.session, scene.clock, scene.teacher, sent, {"a": Given("2", "", "looked at it")})
    assert waits(scene) == []


def test_what_could_not_be_judged_at_all_is_tried_again(scene: Scene) -> None:
    view = scene.add_assignment()
    sent = send(scene, scene.add_person(), view.id, view.problems[0].problem_id, a="right")
    session, clock = scene.session, scene.clock
    with writing(session):
        row = session.get_one(Submission, sent)
        row.state, row.claims = "stored", MAX_CLAIMS
    assert reviews.list_reviews(session, scene.teacher, scene.course_id, None).stuck == (sent,)
    reviews.judge_again(session, clock, scene.teacher, scene.course_id, sent)
    assert reviews.list_reviews(session, scene.teacher, scene.course_id, None).stuck == ()
    with pytest.raises(NotFound):
        reviews.judge_again(session, clock, scene.teacher, scene.course_id, sent)


def test_the_queue_is_for_those_who_teach_the_course(scene: Scene, session: Session, clock: SteadyClock) -> None:
    view = scene.add_assignment()
    ada = scene.add_person()
    send(scene, ada, view.id, view.problems[0].problem_id, a="hard")
    first = reviews.first(session, scene.add_person("assistant"), scene.course_id, None)
    assert first is not None
    elsewhere = Scene(session, clock)
    with pytest.raises(Forbidden):
        reviews.list_reviews(session, ada, scene.course_id, None)
    for course in (scene.course_id, elsewhere.course_id):
        with pytest.raises(NotFound):
            reviews.decide(session, clock, elsewhere.teacher, course, first, Given("1"))


def test_statements_do_not_grow_with_the_queue(scene: Scene, engine: Engine) -> None:
    view = scene.add_assignment(Policy(one_variant=True))
    numbers = []
    for _ in range(2):
        for _ in range(3):
            send(scene, scene.add_person(), view.id, view.problems[0].problem_id, a="hard", b="hard")
        with counted_statements(engine) as sent:
            reviews.list_reviews(scene.session, scene.teacher, scene.course_id, None)
            first = reviews.first(scene.session, scene.teacher, scene.course_id, None) or 0
            reviews.review(scene.session, scene.clock, scene.teacher, scene.course_id, first, None)
        numbers.append(len(sent))
    assert numbers[0] == numbers[1] < 40


def test_a_teachers_look_through_a_students_eyes_waits_for_nobody(scene: Scene) -> None:
    view = scene.add_assignment()
    previewed = previewing.open_preview(
        scene.session, scene.clock, scene.teacher, view.id, view.problems[0].problem_id, 1
    )
    submissions.submit(scene.session, scene.clock, grade_words, scene.teacher, previewed.id, {"a": "hard"})
    assert waits(scene) == []
