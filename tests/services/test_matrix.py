"""The table of results as it is looked at, as files, and one student's history."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from grader.errors import Forbidden, InvalidRequest, NotFound
from grader.services import (
    assignments,
    attempts,
    courses,
    hints,
    histories,
    marking,
    matrix,
    results,
    spreadsheets,
    submissions,
    users,
)
from grader.services.access import Actor
from grader.services.assignments import ChosenProblem
from grader.services.marking import Given
from grader.services.matrix import Filters, State
from tests.factories import Scene, SteadyClock, counted_statements, grade_words, make_problem

ANSWERS = {"ada": "right", "ben": "half", "cem": "wrong", "dot": "hard", "eva": ""}


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    """Five students with one answer each to a problem of two parts, the last one with none; a second assignment."""
    made = Scene(session, clock)
    for week in ("Week 1", "Week: 2 [a/b]?"):
        chosen = [ChosenProblem(make_problem())]
        assignments.create_assignment(session, clock, made.teacher, made.course_id, week, chosen)
    first = assignments.list_assignments(session, clock, made.teacher, made.course_id)[0]
    problem = assignments.assignment(session, clock, made.teacher, first.id).problems[0].problem_id
    for login, word in ANSWERS.items():
        person = Actor(users.register(session, clock, login, f"{login.title()} Student", None).id)
        courses.enrol(session, clock, made.teacher, made.course_id, login)
        made.students.append(person)
        if word:
            attempt = attempts.open_attempt(session, clock, person, first.id, problem)
            submissions.submit(session, clock, grade_words, person, attempt.id, {"a": word, "b": word})
    return made


def logins(scene: Scene, **filters: object) -> list[str]:
    found = matrix.matrix(scene.session, scene.teacher, scene.course_id, Filters(**filters))  # type: ignore[arg-type]
    return [row.student.login for row in found.table.rows]


def first_column(scene: Scene) -> str:
    return f"p{results.course_results(scene.session, scene.teacher, scene.course_id).columns[0].id}"


def test_filters(scene: Scene) -> None:
    ids = [one.id for one in assignments.list_assignments(scene.session, scene.clock, scene.teacher, scene.course_id)]
    assert logins(scene) == list(ANSWERS)
    assert logins(scene, name=" BEN ") == ["ben"]
    assert logins(scene, state=State.NEW) == ["eva"]
    assert logins(scene, state=State.WAITING) == ["dot"]
    assert logins(scene, state=State.OPEN) == ["ada", "ben", "cem"]
    assert logins(scene, state=State.SOLVED) == []
    assert logins(scene, state=State.SOLVED, assignment_id=ids[0]) == ["ada"]
    assert logins(scene, state=State.NEW, assignment_id=ids[1]) == list(ANSWERS)
    assert logins(scene, least=Fraction(1)) == ["ada", "ben"]
    assert logins(scene, least=Fraction(1), most=Fraction(3, 2)) == ["ben"]
    assert logins(scene, most=Fraction(0)) == ["cem", "dot", "eva"]


def test_orders(scene: Scene) -> None:
    assert logins(scene, sort="-name") == list(reversed(ANSWERS))
    assert logins(scene, sort="-points") == ["ada", "ben", "cem", "dot", "eva"]
    assert logins(scene, sort="points") == ["cem", "dot", "eva", "ben", "ada"]
    assert logins(scene, sort=first_column(scene)) == ["eva", "cem", "dot", "ben", "ada"]  # not begun is less than 0
    with pytest.raises(InvalidRequest):
        logins(scene, sort="p0")


def test_pages_and_means(scene: Scene) -> None:
    found = matrix.matrix(scene.session, scene.teacher, scene.course_id, Filters(page=2), 2)
    assert [row.student.login for row in found.table.rows] == ["cem", "dot"]
    assert (found.students, found.matched, found.pages, found.filters.page) == (5, 5, 3, 2)
    assert found.means == (Fraction(9, 8), None, Fraction(9, 10))  # of the four who began, of nobody, of all five
    last = matrix.matrix(scene.session, scene.teacher, scene.course_id, Filters(page=99), 2)
    assert [row.student.login for row in last.table.rows] == ["eva"]


def test_who_may_look(scene: Scene, session: Session, clock: SteadyClock) -> None:
    with pytest.raises(Forbidden):
        matrix.matrix(session, scene.students[0], scene.course_id, Filters())
    with pytest.raises(NotFound):
        matrix.matrix(session, Scene(session, clock).teacher, scene.course_id, Filters())
    other = Scene(session, clock).add_assignment()
    with pytest.raises(NotFound):
        matrix.matrix(session, scene.teacher, scene.course_id, Filters(assignment_id=other.id))


def test_statements_do_not_grow_with_the_course(scene: Scene, engine: Engine) -> None:
    numbers = []
    for _ in range(3):
        with counted_statements(engine) as sent:
            matrix.matrix(scene.session, scene.teacher, scene.course_id, Filters())
        numbers.append(len(sent))
        view = scene.add_assignment(problems=5)
        for _ in range(3):
            attempts.open_attempts(scene.session, scene.clock, scene.add_person(), view.id)
    assert numbers[1] == numbers[2] <= 10


def test_a_workbook_has_numbers_and_text_that_is_no_formula(scene: Scene) -> None:
    users.register(scene.session, scene.clock, "evil", '=HYPERLINK("x")', None)
    courses.enrol(scene.session, scene.clock, scene.teacher, scene.course_id, "evil")
    table = results.course_results(scene.session, scene.teacher, scene.course_id)
    book = load_workbook(io.BytesIO(spreadsheets.as_workbook(table)))
    assert book.sheetnames == ["Summary", "Week 1", "Week  2 (a b)"]
    rows = list(book["Summary"].iter_rows(values_only=True))
    assert rows[:2] == [("Log-in", "Name", "Week 1", "Week: 2 [a/b]?", "Points"), (None, "Maximum", 3, 3, 6)]
    found = {row[0]: row[1:] for row in rows[2:]}
    assert found["ben"] == ("Ben Student", 1.5, None, 1.5)
    assert found["eva"] == ("Eva Student", None, None, 0)
    names = [cell for row in book["Week 1"].iter_rows() for cell in row if cell.value == '=HYPERLINK("x")']
    assert [(cell.data_type, cell.quotePrefix) for cell in names] == [("s", True)]
    points = {cell.value: cell.number_format for row in book["Week 1"].iter_rows(min_row=2, min_col=3) for cell in row}
    assert (points[3], points[1.5]) == ("0", "0.####")  # by the other a whole number would end in a point


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["", "'", "History", "x" * 40], ["Assignment", "Assignment (2)", "History (2)", "x" * 31]),
        (["a", "A", "a "], ["a", "A (2)", "a (3)"]),
        (["y" * 40, "Y" * 40], ["y" * 31, "Y" * 27 + " (2)"]),
        (["tab\there", "[b]*?:/\\"], ["tab here", "(b)"]),
    ],
)
def test_names_of_sheets(titles: list[str], names: list[str]) -> None:
    assert spreadsheets._sheet_names(titles) == names


def test_a_line_break_begins_no_formula(scene: Scene) -> None:
    table = results.course_results(scene.session, scene.teacher, scene.course_id)
    lines = list(csv.reader(io.StringIO(spreadsheets.as_csv(table))))
    assert [len(line) for line in lines] == [5] * 7
    assert [spreadsheets.defused(text) for text in ("\n=1", "@x", "fine")] == ["'\n=1", "'@x", "fine"]


def test_the_history_of_a_student(scene: Scene, engine: Engine) -> None:
    session, clock, ben = scene.session, scene.clock, scene.students[1]
    view = scene.add_assignment()
    clock.advance(hours=1)
    attempt = attempts.open_attempt(session, clock, ben, view.id, view.problems[0].problem_id)
    clock.advance(hours=1)
    hints.open_next(session, clock, ben, attempt.id, 0, 2)
    clock.advance(hours=1)
    sent = submissions.submit(session, clock, grade_words, ben, attempt.id, {"a": "hard", "b": "right"})
    clock.advance(hours=1)
    marking.mark(session, clock, scene.teacher, sent.id, {"a": Given("1.5", "Go on.", "a slip")})
    found = histories.history(session, scene.teacher, scene.course_id, ben.user_id)
    assert [event.kind for event in found.events] == ["marked", "sent", "hint", "begun", "sent", "begun"]
    mark, last = found.events[:2]
    assert (mark.points, mark.words, mark.reason, mark.part) == (Fraction(3, 2), "Go on.", "a slip", "a")
    assert (last.points, last.outcomes, last.counted) == (Fraction(5, 2), ("marked", "equal"), True)
    session.commit()
    with counted_statements(engine) as before:
        histories.history(session, scene.teacher, scene.course_id, ben.user_id)
    for _ in range(5):
        submissions.submit(session, clock, grade_words, ben, attempt.id, {"a": "wrong"})
    with counted_statements(engine) as after:
        histories.history(session, scene.teacher, scene.course_id, ben.user_id)
    assert len(before) == len(after) <= 10
    with pytest.raises(Forbidden):
        histories.history(session, ben, scene.course_id, ben.user_id)


def test_pages_of_a_history_hold_everything_once(scene: Scene) -> None:
    session, clock, ada = scene.session, scene.clock, scene.students[0]
    for _ in range(3):
        clock.advance(hours=1)
        view = scene.add_assignment()
        attempt = attempts.open_attempt(session, clock, ada, view.id, view.problems[0].problem_id)
        clock.advance(hours=1)
        submissions.submit(session, clock, grade_words, ada, attempt.id, {"a": "wrong"})
    pages = [histories.history(session, scene.teacher, scene.course_id, ada.user_id, page, 2) for page in (1, 2)]
    kinds = [[event.kind for event in page.events] for page in pages]
    assert kinds == [["sent", "begun", "sent"], ["begun", "sent", "begun", "sent", "begun"]]
    assert histories.history(session, scene.teacher, scene.course_id, ada.user_id, 9, 2) == pages[1]
