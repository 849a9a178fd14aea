"""An assignment downloaded from its page and uploaded on that of a course: found, told, refused."""

from __future__ import annotations

from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from grader.bank.packing import zipped
from grader.store.assignments import Assignment
from tests.web.conftest import TOKEN, Visitor
from tests.web.test_editing import text
from tests.web.test_setting_assignments import fields

IMPORT = "/courses/1/assignments/import"
OWN = "jacobian-polynomial-map-own"


def upload(teacher: Visitor, content: bytes) -> TestResponse:
    token = TOKEN.search(teacher.page(IMPORT))
    assert token is not None
    sent = {"csrf_token": unescape(token[1]), "file": (BytesIO(content), "week.zip")}
    return teacher.client.post(IMPORT, data=sent, content_type="multipart/form-data")


def download(teacher: Visitor, assignment_id: int) -> dict[str, bytes]:
    address = f"/assignments/{assignment_id}/assignment.zip"
    assert f'href="{address}"' in teacher.page(f"/assignments/{assignment_id}")
    response = teacher.get(address)
    assert (response.status_code, response.mimetype) == (200, "application/zip")
    assert f"assignment-{assignment_id}.zip" in response.headers["Content-Disposition"]
    with ZipFile(BytesIO(response.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def made(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return [row.title for row in session.scalars(select(Assignment).order_by(Assignment.id))]


def test_what_was_downloaded_is_uploaded_and_its_form_opens(teacher: Visitor, student: Visitor) -> None:
    assert f'href="{IMPORT}"' in teacher.page("/courses/1/assignments")
    files = download(teacher, 3)
    response = upload(teacher, zipped(files))
    assert response.status_code == 303
    form = teacher.page(response.location)
    assert "imported, hidden from students" in text(form)
    hidden, before = fields(form), fields(teacher.page("/assignments/3/edit"))
    assert hidden == {**before, "visibility": "hidden", "revision": "1"}
    assert hidden["due"]
    copy = int(response.location.split("/")[2])
    assert download(teacher, copy) == files
    assert student.get(f"/assignments/{copy}").status_code == 404


def test_new_ids_are_told_and_faults_are_listed(teacher: Visitor, sessions: sessionmaker[Session]) -> None:
    teacher.post("/bank/jacobian-polynomial-map/copy", {"course": "1"})
    form = {"title": "Ours", "zone": "UTC", "mode": "ordinary", "late_kind": "none", "show_solution": "done"}
    set_up = teacher.post("/courses/1/assignments/new", {**form, "visibility": "shown", "problem": OWN})
    files = download(teacher, int(set_up.location.split("/")[2]))
    place = f"problems/{OWN}.yaml"
    main = b"".join(line for line in files["assignment.yaml"].splitlines(True) if not line.startswith(b"    version"))
    before = made(sessions)
    spoiled = files | {"assignment.yaml": main, place: files[place].replace(b"level:", b"<b>levl</b>:")}
    refused = upload(teacher, zipped(spoiled))
    assert refused.status_code == 422
    assert f"{place}:5:1" in refused.text
    assert "Nothing was imported." in text(refused.text)
    assert "&lt;b&gt;levl" in refused.text
    assert "<b>levl" not in refused.text
    assert made(sessions) == before
    other = files | {"assignment.yaml": main, place: files[place].replace(b"id:", b"# Another\nid:", 1)}
    told = text(teacher.page(upload(teacher, zipped(other)).location))
    assert f"New problems of this course: {OWN}-2." in told
    assert f"{OWN} → {OWN}-2" in told
    assert made(sessions) == [*before, "Ours"]


@pytest.mark.parametrize("content", [b"", b"no zip file"])
def test_what_is_no_package_is_refused_in_place(
    teacher: Visitor, sessions: sessionmaker[Session], content: bytes
) -> None:
    before = made(sessions)
    refused = upload(teacher, content)
    assert refused.status_code == 400
    assert "Nothing was imported." in refused.text
    assert made(sessions) == before


def test_students_take_nothing(student: Visitor, sessions: sessionmaker[Session]) -> None:
    before = made(sessions)
    assert student.get("/assignments/1/assignment.zip").status_code == 403
    assert student.post(IMPORT, {}).status_code == 403
    assert made(sessions) == before
