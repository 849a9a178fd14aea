"""Assignments set in the browser without scripts: every rule, every error beside its field, nothing typed lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from grader.services import restanding
from grader.store.assignments import Assignment
from grader.store.audit import AuditEntry
from grader.store.database import writing
from tests.factories import SteadyClock, counted_statements
from tests.web.conftest import Visitor
from tests.web.test_editing import text, value

NEW = "/courses/1/assignments/new"
ONE, TWO = "jacobian-polynomial-map", "derivative-polynomial"
FORM = {
    "title": "Week 7",
    "zone": "Europe/Berlin",
    "mode": "ordinary",
    "late_kind": "none",
    "show_solution": "done",
    "visibility": "shown",
    "problem": ONE,
}
WHOLE = {
    "opens": "2026-03-01T08:00",
    "due": "2026-03-28T23:59",
    "tries": "4",
    "penalty": "12,5",
    "late_kind": "daily",
    "late_grace": "15",
    "late_loss": "100/3",
    "late_floor": "20%",
    "late_until": "2026-04-02T12:00",
    "show_solution": "due",
    "one_variant": "1",
    f"points.{ONE}": "7/2",
}


def fields(page: str) -> dict[str, str]:
    """What stands in the form of a page."""
    tags = re.findall(r"<input ([^>]*)>", page.split('id="assignment"')[1].split("</form>", maxsplit=1)[0])
    found: dict[str, str] = {}
    for tag in tags:
        have = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        ticked = have.get("type") not in ("radio", "checkbox") or tag.endswith(" checked")
        if ticked and "name" in have and have["name"] != "csrf_token":
            found.setdefault(have["name"], unescape(have.get("value", "")))
    for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    return found


def set_up(teacher: Visitor, **changes: str) -> str:
    made = teacher.post(NEW, FORM | changes)
    assert made.status_code == 303, text(made.text)
    return made.location


def test_what_is_saved_stands_in_the_form_again(teacher: Visitor) -> None:
    address = set_up(teacher, **WHOLE)
    shown = fields(teacher.page(f"{address}/edit"))
    wished = FORM | WHOLE | {"penalty": "12.5", "late_floor": "20"}
    assert {name: shown.get(name) for name in wished} == wished
    page = text(teacher.page(address))
    assert "Jacobian of a polynomial map" in page
    assert teacher.post(f"{address}/edit", shown).status_code == 303
    assert fields(teacher.page(f"{address}/edit"))["revision"] == "1"


def test_dates_are_those_of_the_zone(teacher: Visitor, sessions: sessionmaker[Session]) -> None:
    set_up(teacher, **WHOLE)
    with sessions() as session:
        row = session.scalars(select(Assignment).where(Assignment.title == "Week 7")).one()
        # The clocks go forward between the due date and the end of late answers.
        assert (row.due and row.due.isoformat()) == "2026-03-28T22:59:00+00:00"
        assert (row.late_until and row.late_until.isoformat()) == "2026-04-02T10:00:00+00:00"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("title", " ", "The title is missing."),
        ("title", "x" * 201, "longer than 200"),
        ("zone", "Mars/Phobos", "no such time zone"),
        ("due", "tomorrow", "Write the date and the time"),
        ("due", "0001-01-01T00:00", "The year must be"),
        ("due", "2026-03-29T02:30", "the clocks go forward"),
        ("due", "2026-02-01T00:00", "The due date must be after the opening."),
        ("tries", "many", "Write a whole number"),
        ("tries", "0", "from 1 to 1000"),
        ("penalty", "101", "a percentage from 0 to 100"),
        ("penalty", "-1", "a percentage from 0 to 100"),
        ("late_loss", "", "what share is lost"),
        ("late_floor", "a lot", "a percentage from 0 to 100"),
        ("late_until", "2026-03-01T09:00", "after the due date"),
        (f"points.{ONE}", "-2", "Points are a number"),
        ("mode", "party", "Choose one of these"),
        ("problem", "no-such-problem", "no problem no-such-problem"),
        ("problem", "x" * 300, "no problem xxx"),
    ],
)
def test_an_error_stands_beside_its_field_and_nothing_typed_is_lost(
    teacher: Visitor, field: str, typed: str, words: str
) -> None:
    sent = FORM | WHOLE | {field: typed}
    refused = teacher.post(NEW, sent)
    assert refused.status_code == 400
    name = "problems" if field == "problem" else field
    fault = re.search(rf'id="fault-{re.escape(name)}">(.*?)</p>', refused.text, re.DOTALL)
    assert fault is not None
    assert words in text(fault[1])
    shown = fields(refused.text)
    if field == "problem":
        sent.pop(f"points.{ONE}")
    kept = {key: value for key, value in sent.items() if key not in ("problem", "mode", "late_kind", "show_solution")}
    assert {key: shown.get(key) for key in kept} == {key: value[:300] for key, value in kept.items()}


def test_problems_are_searched_added_moved_and_removed_in_the_form(teacher: Visitor) -> None:
    page = teacher.post(NEW, FORM | {"do": "search", "find_text": "polynomial"}).text
    assert f'value="add:{TWO}"' in page
    assert f'value="add:{ONE}"' not in page, "it is in the list already"
    page = teacher.post(NEW, FORM | {"do": f"add:{TWO}", "penalty": "half"}).text
    assert re.findall(r'name="problem" value="([^"]*)"', page) == [ONE, TWO]
    assert fields(page)["penalty"] == "half"
    both = {**FORM, "problem": [ONE, TWO]}
    for action, expected in (
        (f"up:{TWO}", [TWO, ONE]),
        (f"down:{ONE}", [TWO, ONE]),
        (f"up:{ONE}", [ONE, TWO]),
        (f"remove:{ONE}", [TWO]),
        ("remove:other", [ONE, TWO]),
    ):
        page = teacher.post(NEW, both | {"do": action}).text  # type: ignore[arg-type]
        assert re.findall(r'name="problem" value="([^"]*)"', page) == expected


def focused(page: str) -> str:
    """What has the focus when the page is there: the value of a button, or the name of a field."""
    (tag,) = re.findall(r"<(?:button|input)[^>]* autofocus[^>]*>", page)
    found = re.search(r' name="do" value="([^"]*)"', tag) or re.search(r' name="([^"]*)"', tag)
    assert found is not None
    return found[1]


def test_the_focus_stays_where_the_button_was(teacher: Visitor) -> None:
    page = teacher.post(NEW, FORM | {"do": "search"}).text
    offered = re.findall(r'value="add:([^"]*)"', page)
    assert focused(page) == f"add:{offered[0]}"
    for at, then in ((0, 1), (-1, -2)):
        page = teacher.post(NEW, FORM | {"do": f"add:{offered[at]}"}).text
        assert focused(page) == f"add:{offered[then]}"
    assert focused(teacher.post(NEW, FORM | {"do": "search", "find_text": "no such words"}).text) == "find_text"
    both = {**FORM, "problem": [ONE, TWO]}
    for action, expected in (
        (f"up:{TWO}", f"down:{TWO}"),  # which is the first now, and cannot go up
        (f"down:{ONE}", f"up:{ONE}"),
        (f"remove:{ONE}", "find_text"),
    ):
        assert focused(teacher.post(NEW, both | {"do": action}).text) == expected  # type: ignore[arg-type]


def test_two_who_change_at_once(teacher: Visitor) -> None:
    address = set_up(teacher)
    mine = fields(teacher.page(f"{address}/edit"))
    assert teacher.post(f"{address}/edit", mine | {"title": "Theirs"}).status_code == 303
    refused = teacher.post(f"{address}/edit", mine | {"title": "Mine"})
    assert refused.status_code == 409
    assert value(refused.text, "title") if 'name="title" value' in refused.text else "Mine" in refused.text
    assert "Theirs, changed once" in text(refused.text)
    newest = re.search(r'type="checkbox" name="revision" value="(\d+)"', refused.text)
    assert newest is not None
    assert teacher.post(f"{address}/edit", mine | {"title": "Mine", "revision": newest[1]}).status_code == 303
    assert "Mine" in teacher.page(address)


def test_hiding_deleting_and_bringing_back(teacher: Visitor, student: Visitor, sessions: sessionmaker[Session]) -> None:
    address = set_up(teacher)
    assert "Week 7" in student.page("/courses/1")
    for wished, is_seen in (("hidden", False), ("shown", True), ("deleted", False), ("hidden", False), ("shown", True)):
        reply = teacher.post(f"{address}/visibility", {"visibility": wished, "course": "1"})
        assert (reply.status_code, reply.location) == (303, "/courses/1/assignments")
        assert (student.get(address).status_code == 200) is is_seen
        assert ("Week 7" in student.page("/courses/1")) is is_seen
        assert "Week 7" in teacher.page("/courses/1/assignments")
    assert teacher.post(f"{address}/visibility", {"visibility": "burnt"}).status_code == 400
    with sessions() as session:
        notes = session.scalars(select(AuditEntry).where(AuditEntry.action == "assignment.visibility")).all()
        assert [note.details["after"] for note in notes] == ["hidden", "shown", "deleted", "hidden", "shown"]


def test_extensions_in_the_browser(teacher: Visitor, student: Visitor) -> None:
    address = set_up(teacher, due="2026-03-02T08:00")  # past by now
    assert student.get(f"{address}/problems/{ONE}").status_code == 403
    for sent, field in (
        ({"student": "", "due": "2026-03-09T08:00"}, "student"),
        ({"student": "2", "due": "soon"}, "due"),
        ({"student": "2", "due": "", "tries": "x"}, "tries"),
        ({"student": "2"}, "due"),
    ):
        refused = teacher.post(f"{address}/extensions", sent)
        assert (refused.status_code, f'id="fault-{field}"' in refused.text) == (400, True)
    assert teacher.post(f"{address}/extensions", {"student": "1", "tries": "3"}).status_code == 404
    sent = {"student": "2", "due": "2026-03-09T08:00", "tries": "3"}
    assert teacher.post(f"{address}/extensions", sent).status_code == 303
    assert "Ada Ahmed" in teacher.page(f"{address}/extensions").split("Give an extension")[0]
    assert student.get(f"{address}/problems/{ONE}").status_code == 302
    assert teacher.post(f"{address}/extensions/2/withdraw", {}).status_code == 303
    assert student.post(f"{address}/extensions", sent).status_code == 403


def test_an_exam_says_received_until_it_is_released(teacher: Visitor, student: Visitor) -> None:
    address = set_up(teacher, mode="exam", tries="2", show_solution="done")
    attempt = student.attempt(ONE, int(address.rsplit("/", 1)[1]))
    for wrong in ("1/7", "2/7"):  # no entry of any variant, whose numbers are whole
        cells = {f"answer.jacobian[{i}][{j}]": wrong for i in (0, 1) for j in (0, 1)}
        assert student.post(f"{attempt}/answer", cells).status_code == 303
    seen = [attempt, "/submissions/1", "/submissions/2", address, "/courses/1", "/", "/courses/1/students/2"]
    for page in seen:
        words = text(student.page(page))
        for told in ("Not right", "is wrong", "No tries left", "Worked solution", "Hint"):
            assert told not in words, (page, told)
    assert "Received" in text(student.page(attempt))
    assert "Not right" in text(teacher.page("/submissions/1"))
    assert student.get(f"{address}/results.csv").status_code == 403
    assert student.post(f"{address}/release", {"released": "1"}).status_code == 403
    assert teacher.post(f"{address}/release", {"released": "1"}).status_code == 303
    assert "Not right" in text(student.page(attempt))


def test_a_preview_is_the_students_page(teacher: Visitor, student: Visitor) -> None:
    address = set_up(teacher)
    opened = teacher.post(f"{address}/problems/{ONE}/preview", {"seed": "5"})
    page = teacher.page(opened.location)
    assert "Preview as a student." in page
    assert "seed 5" in page
    assert "Submit answer" in page
    assert teacher.post(f"{address}/problems/{ONE}/preview", {"seed": "x"}).status_code == 400
    assert student.post(f"{address}/problems/{ONE}/preview", {"seed": "5"}).status_code == 403
    assert student.get(opened.location).status_code == 404


def test_teachers_are_told_that_marks_are_being_brought_in_line(
    teacher: Visitor, student: Visitor, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    words = "marks are being brought in line"
    pages = ("/assignments/1", "/assignments/1/results", "/assignments/1/edit")
    assert not any(words in teacher.page(page) for page in pages)
    with sessions() as session, writing(session):
        restanding.ask(session, clock(), 1)
    assert [words in teacher.page(page) for page in pages] == [True, True, False]
    assert words not in student.page("/assignments/1")
    with sessions() as session:
        restanding.begin(session, clock, 1)
    assert not any(words in teacher.page(page) for page in pages)


def test_only_instructors_set_assignments(student: Visitor) -> None:
    assert student.get(NEW).status_code == 403
    assert student.post(NEW, FORM).status_code == 403
    assert student.get("/assignments/3/edit").status_code == 403
    assert student.get("/courses/1/assignments").status_code == 403
    assert student.get("/assignments/3/extensions").status_code == 403


@pytest.mark.parametrize("page", ["/courses/1/assignments", NEW, "/assignments/3/edit", "/assignments/3/extensions"])
def test_the_number_of_statements_is_bounded(teacher: Visitor, engine: Engine, page: str) -> None:
    with counted_statements(engine) as statements:
        teacher.page(page)
    assert len(statements) <= 20, statements
