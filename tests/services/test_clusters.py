"""Clusters of wrong answers: what is in them, who may see them, and what a decision about one does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session, sessionmaker

from grader.errors import Conflict, Forbidden, GraderError, InvalidRequest, NotFound
from grader.services import attempts, cluster_effects, clusters, erasing, users
from grader.services.access import Actor
from grader.services.cluster_views import ClusterPage
from grader.services.clusters import Decision, Place
from grader.store.audit import AuditEntry
from grader.store.clusters import ClusterRule
from grader.store.database import writing
from tests.factories import Scene, SteadyClock, counted_statements
from tests.services.regrading import Answered, worker

CHAINED = "{a}*x + {b}"
"""The factor two is lost; the numbers are the student's own."""


@pytest.fixture
def answered(session: Session, clock: SteadyClock) -> Answered:
    return Answered(Scene(session, clock))


def page_of(answered: Answered, part: str = "slope") -> ClusterPage:
    scene = answered.scene
    scene.session.commit()  # what was read before would be seen again
    return clusters.clusters_of(scene.session, scene.clock, scene.teacher, answered.place(part))


def test_equal_mistakes_with_different_numbers_are_one_cluster(answered: Answered) -> None:
    people = [answered.scene.add_person() for _ in range(6)]
    for person in people[:4]:
        answered.answer(person, CHAINED)
    answered.answer(people[4], "2*{a}*x + {b}")
    answered.answer(people[5], "sin(x)")
    page = page_of(answered)
    assert page.state == "fresh"
    assert page.students == 6
    assert [(each.students, each.submissions) for each in page.clusters] == [(4, 4), (1, 1)]
    first = page.clusters[0]
    assert [formula.text for formula in first.formulas] == ["a*x + b"]
    assert first.share_of_students == Fraction(4, 6)
    assert len({sample.seed for sample in first.samples}) == 4
    seen = {student for each in page.clusters for sample in each.samples for student in sample.students}
    assert people[4].user_id not in seen


def test_words_reach_answers_from_before_and_after(answered: Answered, sessions: sessionmaker[Session]) -> None:
    scene = answered.scene
    people = [scene.add_person() for _ in range(4)]
    for person in people[:3]:
        answered.answer(person, CHAINED)
    mark = page_of(answered).clusters[0].mark
    words = "The exponent comes down as a factor."
    clusters.decide(scene.session, scene.clock, scene.teacher, answered.place(), mark, Decision(feedback=words))
    before = answered.scores()
    worker(sessions, scene).run_once()
    later = answered.answer(people[3], CHAINED)
    assert later.result is not None
    assert words in later.result["parts"][0]["feedback"]
    for person in people[:3]:
        attempt = attempts.open_attempt(
            scene.session, scene.clock, person, answered.assignment.id, answered.place().problem_id
        )
        shown = attempt.submissions[0].result
        assert shown is not None
        assert shown["parts"][0]["feedback"].count(words) == 1
    assert answered.scores() == {**before, people[3].user_id: Fraction(0)}
    assert page_of(answered).clusters[0].feedback == words
    worker(sessions, scene).run_once()
    clusters.withdraw(scene.session, scene.clock, scene.teacher, answered.place(), mark)
    assert page_of(answered).clusters[0].feedback is None
    actions = scene.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("cluster.%"))).all()
    assert actions == ["cluster.explained", "cluster.withdrawn"]


def test_explaining_locks_only_what_it_explains(answered: Answered, engine: Engine) -> None:
    """Whether an answer is in the cluster is found out while everybody may write."""
    scene = answered.scene
    people = [scene.add_person() for _ in range(5)]
    for person in people[:3]:
        answered.answer(person, CHAINED)
    for person in people[3:]:
        answered.answer(person, "sin(x)")
    mark = page_of(answered).clusters[0].mark
    args = (scene.session, scene.clock, scene.teacher, answered.place(), mark)
    rule = clusters.decide(*args, Decision(feedback="The exponent comes down as a factor."))
    with counted_statements(engine) as sent:
        assert cluster_effects.explain(scene.session, scene.clock, rule) == 3
    locking = "SELECT attempts.id \nFROM attempts \nWHERE attempts.id ="
    assert sum(statement.startswith(locking) for statement in sent) == 3


def test_words_that_are_withdrawn_reach_nobody_any_more(
    answered: Answered, sessions: sessionmaker[Session], engine: Engine
) -> None:
    scene = answered.scene
    for person in [scene.add_person() for _ in range(3)]:
        answered.answer(person, CHAINED)
    mark = page_of(answered).clusters[0].mark
    args = (scene.clock, scene.teacher, answered.place(), mark)
    rule = clusters.decide(scene.session, *args, Decision(feedback="The exponent comes down as a factor."))
    written: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2].startswith("INSERT INTO gradings"):
            written.append(arguments[2])

    def withdraw(*_: Any) -> None:
        if written == written[:1] != []:
            written.append("withdrawn")
            with sessions() as other:
                clusters.withdraw(other, *args)

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "checkin", withdraw)
    try:
        explained = cluster_effects.explain(scene.session, scene.clock, rule)
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "checkin", withdraw)
    assert explained == 1


def test_of_two_decisions_at_once_one_is_in_force(answered: Answered, sessions: sessionmaker[Session]) -> None:
    """And a later one takes the place of all that there are."""
    scene = answered.scene
    for person in [scene.add_person() for _ in range(2)]:
        answered.answer(person, CHAINED)
    mark = page_of(answered).clusters[0].mark

    def accept(session: Session, share: Fraction) -> None:
        clusters.decide(session, scene.clock, scene.teacher, answered.place(), mark, Decision(share=share))

    def again() -> None:
        with sessions() as other:
            accept(other, Fraction(1))

    def shares() -> list[Fraction | None]:
        scene.session.commit()
        present = select(ClusterRule.share).where(ClusterRule.ended.is_(None))
        return list(scene.session.scalars(present))

    with ThreadPoolExecutor(1) as pool:
        with writing(scene.session):
            accept(scene.session, Fraction(1))
            second = pool.submit(again)
            wait([second], timeout=1)
        second.result(30)
    assert shares() == [1]
    row = scene.session.scalars(select(ClusterRule).where(ClusterRule.ended.is_(None))).one()
    names = [column.name for column in ClusterRule.__table__.columns if column.name != "id"]
    scene.session.add(ClusterRule(**{name: getattr(row, name) for name in names}))  # as earlier versions left them
    scene.session.commit()
    accept(scene.session, Fraction(1, 2))
    assert shares() == [Fraction(1, 2)]


def test_what_is_accepted_is_right_from_then_on(answered: Answered) -> None:
    scene = answered.scene
    people = [scene.add_person() for _ in range(5)]
    for person in people[:3]:
        answered.answer(person, CHAINED)
    mark = page_of(answered).clusters[0].mark
    decision = Decision(share=Fraction(1, 2))
    clusters.decide(scene.session, scene.clock, scene.teacher, answered.place(), mark, decision)
    later = answered.answer(people[3], "x*{a} + {b}")
    assert later.score == 1
    other = answered.answer(people[4], "{a}*x - {b}")
    assert other.score == 0
    assert answered.scores()[people[0].user_id] == 0, "marks from before change by a regrade only"


@pytest.mark.parametrize("role", ["student", "assistant", "stranger"])
def test_who_may(answered: Answered, role: str) -> None:
    scene = answered.scene
    for person in [scene.add_person() for _ in range(2)]:
        answered.answer(person, CHAINED)
    mark = page_of(answered).clusters[0].mark
    actor = Actor(scene.add_person(role).user_id) if role != "stranger" else Actor(10**9)
    refused: type[GraderError] = NotFound if role == "stranger" else Forbidden
    place = answered.place()
    if role == "assistant":
        clusters.clusters_of(scene.session, scene.clock, actor, place)
        clusters.decide(scene.session, scene.clock, actor, place, mark, Decision(feedback="Look again."))
    else:
        with pytest.raises(refused):
            clusters.clusters_of(scene.session, scene.clock, actor, place)
        with pytest.raises(refused):
            clusters.decide(scene.session, scene.clock, actor, place, mark, Decision(feedback="Look again."))
    with pytest.raises(refused):
        clusters.decide(scene.session, scene.clock, actor, place, mark, Decision(share=Fraction(1)))


def test_what_cannot_be_decided(answered: Answered) -> None:
    scene = answered.scene
    answered.answer(scene.add_person(), CHAINED)
    mark = page_of(answered).clusters[0].mark
    args = (scene.session, scene.clock, scene.teacher)
    with pytest.raises(Conflict):
        clusters.decide(*args, answered.place(), "0" * 16, Decision(feedback="No such cluster."))
    with pytest.raises(InvalidRequest):
        clusters.decide(*args, answered.place(), mark, Decision(share=Fraction(2)))
    with pytest.raises(InvalidRequest):
        clusters.decide(*args, answered.place(), mark, Decision(feedback="x" * 501))
    for wrong in (answered.place("nothing"), Place(answered.assignment.id, "nothing"), Place(10**9, "nothing")):
        with pytest.raises(NotFound):
            clusters.clusters_of(*args, wrong)


def test_many_answers_are_left_to_the_worker(
    answered: Answered, sessions: sessionmaker[Session], engine: Engine
) -> None:
    scene = answered.scene
    person = scene.add_person()
    for power in range(3, clusters.INLINE + 4):
        answered.answer(person, f"x^{power}")
    assert page_of(answered).state == "waiting"
    assert page_of(answered).clusters == ()
    worker(sessions, scene).run_once()
    page = page_of(answered)
    assert page.state == "fresh"
    assert len(page.clusters) == clusters.INLINE + 1
    with counted_statements(engine) as few:
        page_of(answered)
    for other in [scene.add_person() for _ in range(4)]:
        answered.answer(other, CHAINED)
    assert page_of(answered).state == "waiting"
    worker(sessions, scene).run_once()
    with counted_statements(engine) as many:
        assert page_of(answered).clusters[0].students == 4
    assert len(many) == len(few)


def test_clusters_that_are_kept_are_shown_without_reading_results(answered: Answered, engine: Engine) -> None:
    scene = answered.scene
    people = [scene.add_person() for _ in range(4)]
    for person in people[:3]:
        answered.answer(person, CHAINED, "2*a + b")
    answered.answer(people[3], "2*{a}*x + {b}")
    page_of(answered)
    answered.answer(people[0], "x", "7")
    assert [(tab.id, tab.wrong) for tab in page_of(answered).parts] == [("slope", 4), ("rate", 1)]
    with counted_statements(engine) as sent:
        page = page_of(answered)
    assert (page.state, page.students, [each.submissions for each in page.clusters]) == ("fresh", 4, [3, 1])
    assert not [statement for statement in sent if "gradings.result" in statement or "responses" in statement]


def test_an_answer_that_was_graded_twice_counts_once(answered: Answered, sessions: sessionmaker[Session]) -> None:
    """Of several gradings of a submission the last one counts, and none twice."""
    scene = answered.scene
    for person in [scene.add_person() for _ in range(3)]:
        answered.answer(person, CHAINED)
    mark = page_of(answered).clusters[0].mark
    args = (scene.session, scene.clock, scene.teacher, answered.place(), mark)
    clusters.decide(*args, Decision(feedback="The exponent comes down as a factor."))
    worker(sessions, scene).run_once()
    page = page_of(answered)
    assert (page.parts[0].wrong, page.students) == (3, 3)
    assert page.clusters[0].submissions == 3


def test_an_erased_student_is_in_no_cluster(answered: Answered) -> None:
    scene = answered.scene
    people = [scene.add_person() for _ in range(3)]
    for person in people:
        answered.answer(person, CHAINED)
    assert page_of(answered).clusters[0].students == 3
    gone = people[0].user_id
    login = users.user(scene.session, gone).login
    erasing.erase_student(scene.session, scene.clock, scene.teacher, scene.course_id, gone, login)
    page = page_of(answered)
    assert page.clusters[0].students == 2
    assert gone not in {student for sample in page.clusters[0].samples for student in sample.students}
