"""Changing assignments, exams whose marks are held back, previews: what is kept, what is told to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from grader.errors import Closed, Conflict, Forbidden, InvalidRequest, NotFound, NoTriesLeft
from grader.services import assignment_edits, assignments, attempts, personal_data, previewing, results, submissions
from grader.services.access import Actor
from grader.services.assignment_edits import AssignmentGiven
from grader.services.assignments import AssignmentView, ChosenProblem, KeptProblem, Setting
from grader.services.policies import Phase, Policy, Progress, ShowSolution
from grader.store.audit import AuditEntry
from tests.factories import START, Scene, SteadyClock, counted_statements, grade_words, make_problem

EXAM = Policy(exam=True, tries=3, penalty=Fraction(1, 2))


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def given(view: AssignmentView, **changes: object) -> AssignmentGiven:
    kept = [KeptProblem(line.problem_id) for line in view.problems]
    return replace(AssignmentGiven(view.title, kept, view.policy, view.setting), **changes)  # type: ignore[arg-type]


def edit(scene: Scene, view: AssignmentView, who: Actor | None = None, **changes: object) -> tuple[str, ...]:
    return assignment_edits.edit_assignment(
        scene.session, scene.clock, who or scene.teacher, view.id, given(view, **changes)
    )


def shown(scene: Scene, view: AssignmentView, who: Actor | None = None) -> AssignmentView:
    return assignments.assignment(scene.session, scene.clock, who or scene.teacher, view.id)


def send(scene: Scene, who: Actor, attempt_id: int, **responses: str) -> None:
    submissions.submit(scene.session, scene.clock, grade_words, who, attempt_id, responses)


def test_nothing_changed_is_nothing_noted(scene: Scene) -> None:
    view = scene.add_assignment(problems=2)
    assert edit(scene, view) == ()
    assert shown(scene, view).setting.revision == 1


def test_rules_and_problems_change_and_the_log_says_how(scene: Scene) -> None:
    view = scene.add_assignment(problems=2)
    first, second = (line.problem_id for line in view.problems)
    due = START + timedelta(days=2)
    changed = edit(
        scene,
        view,
        title="Renamed",
        problems=[KeptProblem(second, Fraction(7, 2)), ChosenProblem(make_problem("third"))],
        policy=Policy(due=due, tries=4),
        setting=replace(view.setting, zone="Europe/Berlin", visibility="hidden"),
    )
    assert set(changed) == {"title", "visibility", "zone", "due", "tries", "problems"}
    now = shown(scene, view)
    assert [(line.problem_id, line.max_points) for line in now.problems] == [(second, Fraction(7, 2)), ("third", 3)]
    assert (now.title, now.policy.due, now.setting) == ("Renamed", due, Setting("Europe/Berlin", "hidden", 2))
    entry = scene.session.scalars(select(AuditEntry).where(AuditEntry.action == "assignment.changed")).one()
    assert (entry.details["before"]["title"], entry.details["after"]["title"]) == ("Assignment", "Renamed")
    assert [one["id"] for one in entry.details["before"]["problems"]] == [first, second]


def test_the_second_of_two_changes_at_once_is_refused_and_changes_nothing(scene: Scene) -> None:
    view = scene.add_assignment()
    edit(scene, view, title="First")
    with pytest.raises(Conflict):
        edit(scene, view, title="Second")
    assert shown(scene, view).title == "First"


def test_work_at_a_removed_problem_is_kept_and_comes_back(scene: Scene) -> None:
    ada = scene.add_person()
    view = scene.add_assignment(problems=2)
    one, two = (line.problem_id for line in view.problems)
    opened = attempts.open_attempt(scene.session, scene.clock, ada, view.id, one)
    send(scene, ada, opened.id, a="right")
    assert [line.begun for line in assignment_edits.set_problems(scene.session, scene.teacher, view.id)] == [1, 0]
    edit(scene, view, problems=[KeptProblem(two)])
    assert shown(scene, view, ada).points == 0
    with pytest.raises(Closed, match="no longer part"):
        send(scene, ada, opened.id, b="right")
    again = shown(scene, view)
    edit(scene, again, problems=[ChosenProblem(make_problem(one)), KeptProblem(two)])
    assert shown(scene, view, ada).points == 2


def test_a_new_version_is_for_attempts_that_are_not_begun(scene: Scene) -> None:
    ada, ben = scene.add_person(), scene.add_person()
    view = scene.add_assignment()
    problem = view.problems[0].problem_id
    before = attempts.open_attempt(scene.session, scene.clock, ada, view.id, problem)
    edit(scene, view, problems=[ChosenProblem(make_problem(problem, version="2"))])
    after = attempts.open_attempt(scene.session, scene.clock, ben, view.id, problem)
    assert (before.problem_version, after.problem_version) == (f"{problem}-1", f"{problem}-2")
    assert attempts.attempt(scene.session, scene.clock, ada, before.id).problem_version == f"{problem}-1"


def test_marks_follow_a_changed_penalty(scene: Scene) -> None:
    ada = scene.add_person()
    opened = scene.open(ada)
    send(scene, ada, opened.id, a="wrong")
    send(scene, ada, opened.id, a="right")
    view = shown(scene, assignments.assignment(scene.session, scene.clock, scene.teacher, opened.assignment_id))
    assert shown(scene, view, ada).points == 2
    edit(scene, view, policy=Policy(penalty=Fraction(1, 4)))
    assert shown(scene, view, ada).points == Fraction(3, 2)


@pytest.mark.parametrize("visibility", ["hidden", "deleted"])
def test_what_is_hidden_or_deleted_is_not_there_for_students(scene: Scene, visibility: str) -> None:
    session, clock, ada = scene.session, scene.clock, scene.add_person()
    opened = scene.open(ada)
    send(scene, ada, opened.id, a="right")
    assignment_edits.set_visibility(session, clock, scene.teacher, opened.assignment_id, visibility)
    sent = attempts.attempt(session, clock, scene.teacher, opened.id) if visibility == "hidden" else None
    assert sent is None or sent.points == 2
    for look in (
        lambda: assignments.assignment(session, clock, ada, opened.assignment_id),
        lambda: attempts.attempt(session, clock, ada, opened.id),
        lambda: send(scene, ada, opened.id, b="right"),
        lambda: submissions.submission(session, clock, ada, 1 if sent is None else sent.submissions[0].id),
    ):
        with pytest.raises(NotFound):
            look()
    assert assignments.list_assignments(session, clock, ada, scene.course_id) == ()
    listed = assignment_edits.all_assignments(session, clock, scene.teacher, scene.course_id)
    assert [line.visibility for line in listed] == [visibility]
    assignment_edits.set_visibility(session, clock, scene.teacher, opened.assignment_id, "shown")
    assert attempts.attempt(session, clock, ada, opened.id).points == 2


def test_only_instructors_change_assignments(scene: Scene) -> None:
    view = scene.add_assignment()
    stranger = Scene(scene.session, scene.clock).teacher
    for who, error in (
        (scene.add_person(), Forbidden),
        (scene.add_person("assistant"), Forbidden),
        (stranger, NotFound),
    ):
        with pytest.raises(error):
            edit(scene, view, who, title="Mine")
        with pytest.raises(error):
            assignment_edits.set_visibility(scene.session, scene.clock, who, view.id, "deleted")
        with pytest.raises(error):
            assignment_edits.release(scene.session, scene.clock, who, view.id, released=True)


def told(scene: Scene, who: Actor, attempt_id: int) -> list[object]:
    """Everything that a student could tell a right answer from a wrong one by."""
    session, clock = scene.session, scene.clock
    view = attempts.attempt(session, clock, who, attempt_id)
    sent = submissions.submission(session, clock, who, view.submissions[0].id)
    whole = assignments.assignment(session, clock, who, view.assignment_id)
    (line,) = assignments.list_assignments(session, clock, who, scene.course_id)
    mine = results.student_results(session, clock, who, scene.course_id, who.user_id).assignments[0]
    detail = results.submission_detail(session, clock, who, sent.id)
    return [
        (view.progress, view.points, view.parts, view.tries_used, view.tries_left, view.may_see_solution),
        [(one.result, one.score, one.counted, one.engine, one.held) for one in (*view.submissions, sent)],
        [(one.progress, one.points, one.tries_used) for one in (*whole.problems, *mine.problems)],
        (line.solved, line.tried, line.points, line.held, detail.submission.result, detail.marking, detail.concerns),
    ]


def test_a_student_learns_nothing_from_an_exam_before_its_marks_are_released(scene: Scene) -> None:
    policy = replace(EXAM, show_solution=ShowSolution.DUE, due=START + timedelta(hours=1))
    seen = []
    for word in ("right", "wrong", "?", "hard"):
        other = Scene(scene.session, scene.clock)
        ada = other.add_person()
        opened = other.open(ada, policy)
        send(other, ada, opened.id, a=word, b=word)
        seen.append((told(other, ada, opened.id), other, ada, opened))
    assert len({repr(one[0]) for one in seen}) == 1, "what was typed can be told from what is shown"
    _, other, ada, opened = seen[0]
    view = attempts.attempt(scene.session, scene.clock, ada, opened.id)
    assert (view.progress, view.tries_left, view.held) == (Progress.RECEIVED, 2, True)
    assert attempts.attempt(scene.session, scene.clock, other.teacher, opened.id).points == 3
    assert results.assignment_results(scene.session, other.teacher, opened.assignment_id).rows[0].points == 3
    scene.clock.advance(hours=2)
    assert told(other, ada, opened.id)[0] == (Progress.RECEIVED, 0, (), 1, 2, False)
    assignment_edits.release(scene.session, scene.clock, other.teacher, opened.assignment_id, released=True)
    view = attempts.attempt(scene.session, scene.clock, ada, opened.id)
    assert (view.points, view.held, view.may_see_solution) == (3, False, True)
    assignment_edits.release(scene.session, scene.clock, other.teacher, opened.assignment_id, released=False)
    assert attempts.attempt(scene.session, scene.clock, ada, opened.id).held


def test_in_an_exam_every_submission_uses_up_a_try(scene: Scene) -> None:
    ada = scene.add_person()
    opened = scene.open(ada, EXAM)
    for word in ("right", "?", "right"):
        send(scene, ada, opened.id, a=word)
    with pytest.raises(NoTriesLeft):
        send(scene, ada, opened.id, a="right")


def test_marks_are_told_from_a_date(scene: Scene) -> None:
    ada = scene.add_person()
    opened = scene.open(ada, replace(EXAM, feedback_from=START + timedelta(days=1)))
    send(scene, ada, opened.id, a="right")
    assert attempts.attempt(scene.session, scene.clock, ada, opened.id).held
    scene.clock.advance(days=1)
    assert attempts.attempt(scene.session, scene.clock, ada, opened.id).points == 2


def test_release_is_for_exams_and_practice_is_none(scene: Scene) -> None:
    view = scene.add_assignment()
    with pytest.raises(InvalidRequest):
        assignment_edits.release(scene.session, scene.clock, scene.teacher, view.id, released=True)
    with pytest.raises(InvalidRequest) as caught:
        edit(scene, view, policy=Policy(exam=True, practice=True))
    assert caught.value.field == "exam"


def test_one_variant_for_all_or_one_each(scene: Scene) -> None:
    students = [scene.add_person() for _ in range(3)]
    for policy, different in ((Policy(), 3), (Policy(one_variant=True), 1)):
        view = scene.add_assignment(policy)
        problem = view.problems[0].problem_id
        seeds = {attempts.open_attempt(scene.session, scene.clock, one, view.id, problem).seed for one in students}
        assert len(seeds) == different


def test_a_preview_is_a_students_page_and_counts_nowhere(scene: Scene) -> None:
    session, clock, ada = scene.session, scene.clock, scene.add_person()
    opens = START + timedelta(days=1)
    view = scene.add_assignment(replace(EXAM, opens=opens, due=opens + timedelta(days=1)))
    problem = view.problems[0].problem_id
    seen = previewing.open_preview(session, clock, scene.teacher, view.id, problem, 17)
    assert (seen.seed, seen.role, seen.preview, seen.refusal, seen.held) == (17, "student", True, "", True)
    send(scene, scene.teacher, seen.id, a="right")
    again = attempts.attempt(session, clock, scene.teacher, seen.id)
    assert (again.progress, again.may_see_solution) == (Progress.RECEIVED, False)
    other = previewing.open_preview(session, clock, scene.teacher, view.id, problem, 18)
    assert (other.seed, other.number, other.submissions) == (18, 2, ())
    assert [row.points for row in results.assignment_results(session, scene.teacher, view.id).rows] == [0]
    assert shown(scene, view).problems[0].progress is Progress.NEW
    assert shown(scene, view).phase is Phase.UPCOMING
    edit(scene, view, problems=[ChosenProblem(make_problem())])  # what was previewed can be taken out
    for who in (ada, scene.add_person("assistant")):
        error = Forbidden if who is ada else NotFound
        with pytest.raises(error):
            previewing.open_preview(session, clock, who, view.id, problem, 17)
    with pytest.raises(InvalidRequest):
        previewing.open_preview(session, clock, scene.teacher, view.id, problem, -1)


def test_number_of_statements_of_a_change_does_not_grow(scene: Scene, engine: Engine) -> None:
    counts = []
    for number in (1, 6):
        view = scene.add_assignment(problems=number)
        for _ in range(number):
            ada = scene.add_person()
            for opened in attempts.open_attempts(scene.session, scene.clock, ada, view.id):
                send(scene, ada, opened.id, a="wrong")
        with counted_statements(engine) as statements:
            edit(scene, view, policy=Policy(due=START + timedelta(days=9)))
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 30


def test_ones_own_data_hold_no_marks_of_an_exam_before_they_are_released(scene: Scene) -> None:
    session, clock, ada = scene.session, scene.clock, scene.add_person()
    opened = scene.open(ada, EXAM)
    send(scene, ada, opened.id, a="right")

    def told_in(who: Actor) -> tuple[int, bool]:
        data = personal_data.export_student(session, clock, who, scene.course_id, ada.user_id)
        return len(data["gradings"]), "score" in data["attempts"][0]

    assert (told_in(ada), told_in(scene.teacher)) == ((0, False), (1, True))
    assignment_edits.release(session, clock, scene.teacher, opened.assignment_id, released=True)
    assert told_in(ada) == (1, True)
