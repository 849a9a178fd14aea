"""Pages of results and people: filters and files, importing a list, invitations, a student's data, erasing."""

from __future__ import annotations

import io
import json
import re
import zipfile
from html import unescape

import pytest
from flask import Flask

from tests.web.conftest import TOKEN, Visitor

PEOPLE = "/courses/1/people"
RESULTS = "/courses/1/results"
LINK = re.compile(r'id="link" value="https?://[^/]+(/join/[\w-]+)"')


def preview(teacher: Visitor, text: str) -> str:
    shown = teacher.post(f"{PEOPLE}/import", {"list": text}, f"{PEOPLE}/import")
    assert shown.status_code == 200
    return shown.text


def test_a_list_is_looked_at_and_then_imported(teacher: Visitor) -> None:
    text = "login;name;role\nzoe;Zoë <Z>;\nada;Ada Ahmed;assistant\nbad name;Bad;\n"
    shown = preview(teacher, text)
    assert "Zoë &lt;Z&gt;" in shown
    assert "so far: Student" in shown
    assert "A log-in name is made of" in shown
    assert "zoe" not in teacher.page(PEOPLE)
    kept = re.search(r'<textarea name="list" hidden>(.*?)</textarea>', shown, re.DOTALL)
    assert kept is not None
    done = teacher.post(f"{PEOPLE}/import/apply", {"list": unescape(kept[1])}, PEOPLE)
    assert done.status_code == 303
    page = teacher.page(PEOPLE)
    assert "2 people imported, 1 of them with new accounts" in page
    assert "Zoë &lt;Z&gt;" in page
    assert page.count("no password") == 1
    assert "nothing to do" in preview(teacher, text)


def test_a_file_is_read_whatever_its_encoding(teacher: Visitor) -> None:
    token = TOKEN.search(teacher.page(f"{PEOPLE}/import"))
    assert token is not None
    file = (io.BytesIO("login\tname\nzoe\tZoë\n".encode("utf-16")), "list.csv")
    fields = {"csrf_token": unescape(token[1]), "list": "", "file": file}
    shown = teacher.client.post(f"{PEOPLE}/import", data=fields, content_type="multipart/form-data")
    assert "Zoë" in shown.text


def test_what_is_no_list_stays_in_the_field(teacher: Visitor) -> None:
    refused = teacher.post(f"{PEOPLE}/import", {"list": "zoe,Zoe & co"}, f"{PEOPLE}/import")
    assert refused.status_code == 400
    assert "must name the columns" in refused.text
    assert "zoe,Zoe &amp; co</textarea>" in refused.text
    sneaked = teacher.post(f"{PEOPLE}/import/apply", {"list": "login\nnobody\n"}, PEOPLE)
    assert sneaked.status_code == 400
    assert "Nothing was imported" in sneaked.text


def test_one_is_added_changed_and_taken_out(teacher: Visitor) -> None:
    refused = teacher.post(PEOPLE, {"login": "a b", "name": "Zoe", "role": "student"}, f"{PEOPLE}/new")
    assert refused.status_code == 400
    assert 'value="a b"' in refused.text
    added = teacher.post(PEOPLE, {"login": "zoe", "name": "Zoe", "email": "", "role": "student"}, f"{PEOPLE}/new")
    assert added.status_code == 303
    assert teacher.post(f"{added.location}/role", {"role": "assistant"}, added.location).status_code == 303
    assert "Assistant" in teacher.page(added.location)
    assert "Zoe" in teacher.page(f"{PEOPLE}?role=assistant")
    assert "Zoe" not in teacher.page(f"{PEOPLE}?role=student")
    assert teacher.post(f"{added.location}/end", {}, added.location).status_code == 303
    assert teacher.get(added.location).status_code == 404


@pytest.mark.parametrize(
    "address", ["people", "people/new", "people/import", "people/2", "invitations", "students/2/erase"]
)
def test_students_see_nobody(student: Visitor, address: str) -> None:
    assert student.get(f"/courses/1/{address}").status_code == 403


@pytest.mark.parametrize(
    "address", ["people", "people/2/role", "people/2/end", "people/2/link", "people/keeping", "people/import",
                "people/import/apply", "invitations", "invitations/1/revoke", "students/2/erase"]
)  # fmt: skip
def test_students_change_nobody(student: Visitor, address: str) -> None:
    fields = {"list": "login,name\nx,X\n", "login": "ada", "role": "instructor", "days": "3"}
    assert student.post(f"/courses/1/{address}", fields).status_code == 403


def test_an_invitation_is_followed(app: Flask, teacher: Visitor, anonymous: Visitor, student: Visitor) -> None:
    made = teacher.post("/courses/1/invitations", {"days": "3", "max_uses": "1", "role": "student"}, PEOPLE)
    found = LINK.search(made.text)
    assert found is not None
    link = found[1]
    assert link.rsplit("/", 1)[1] not in teacher.page("/courses/1/invitations")
    assert "Join as Ada Ahmed" in student.page(link)
    assert student.post(link, {}).location == "/courses/1"
    typed = {"login": "zoe", "name": "Zoe", "email": "", "password": "long enough now", "again": "long enouhg"}
    refused = anonymous.post(f"{link}/new", typed, link)
    assert refused.status_code == 400
    assert 'value="zoe"' in refused.text
    assert "long enough now" not in refused.text
    joined = anonymous.post(f"{link}/new", {**typed, "again": "long enough now"}, link)
    assert joined.location == "/courses/1"
    assert "Calculus for Machine Learning" in anonymous.page("/courses/1")
    late = Visitor(app.test_client())
    assert late.get(link).status_code == 404  # it was for one
    assert "Ask whoever sent it" in late.get(link).text


def test_a_link_of_ones_own(app: Flask, teacher: Visitor, anonymous: Visitor) -> None:
    added = teacher.post(PEOPLE, {"login": "zoe", "name": "Zoe", "email": "", "role": "student"}, f"{PEOPLE}/new")
    shown = teacher.post(f"{added.location}/link", {}, added.location)
    found = LINK.search(shown.text)
    assert found is not None
    assert "Welcome, Zoe" in anonymous.page(found[1])
    typed = {"password": "long enough now", "again": "long enough now"}
    assert anonymous.post(f"{found[1]}/new", typed, found[1]).location == "/courses/1"
    assert Visitor(app.test_client()).get(found[1]).status_code == 404


def test_results_are_filtered_sorted_and_exported(teacher: Visitor) -> None:
    page = teacher.page(f"{RESULTS}?name=ber&state=new&least=0&most=1,5&sort=-points")
    assert "Ben Berger" in page
    assert "Ada Ahmed" not in page
    assert 'aria-sort="descending"' in page
    assert "Nobody matches" in teacher.page(f"{RESULTS}?name=nobody")
    assert "1 of 1 shown; the course has 3" in page
    for query in ("least=x", "state=x", "sort=x", "page=x", "assignment=x", "name=" + "x" * 101):
        assert teacher.get(f"{RESULTS}?{query}").status_code == 400, query
    assert teacher.get(f"{RESULTS}?assignment=999").status_code == 404
    for kind, begins in (("csv", b"Log-in,Name"), ("xlsx", b"PK")):
        for address in ("/courses/1/results", "/assignments/1/results"):
            sent = teacher.get(f"{address}.{kind}")
            assert sent.data.startswith(begins)
            assert f".{kind}" in sent.headers["Content-Disposition"]


def test_a_student_takes_the_data_along_and_is_erased(teacher: Visitor, student: Visitor) -> None:
    student.attempt("jacobian-polynomial-map", 3)
    data = {}
    for who in (student, teacher):
        with zipfile.ZipFile(io.BytesIO(who.get("/courses/1/students/2/data.zip").data)) as archive:
            data[who is teacher] = json.loads(archive.read("data.json"))
    assert data[False]["person"]["login"] == "ada"
    assert [["seed" in attempt for attempt in data[whole]["attempts"]] for whole in (False, True)] == [[False], [True]]
    assert student.get("/courses/1/students/3/data.zip").status_code == 403
    erase = "/courses/1/students/2/erase"
    assert "keeps no answers" in teacher.page(erase)
    assert teacher.post(f"{PEOPLE}/keeping", {"keeps_answers": "yes"}, PEOPLE).status_code == 303
    assert "under a pseudonym" in teacher.page(erase)
    refused = teacher.post(erase, {"login": "Ada Ahmed"}, erase)
    assert refused.status_code == 400
    assert "Type the log-in name" in refused.text
    assert teacher.post(erase, {"login": "ada"}, erase).status_code == 303
    assert "Ada" not in teacher.page(PEOPLE)
    assert student.get("/").status_code == 302  # the session is over


def test_how_long_answers_are_kept_is_set_beside_it(teacher: Visitor) -> None:
    fields = {"keeps_answers": "yes", "retention_days": "365"}
    assert teacher.post("/courses/1/people/keeping", fields).status_code == 303
    assert 'name="retention_days"' in teacher.page("/courses/1/people")
    assert 'value="365"' in teacher.page("/courses/1/people")
    for wrong in ("many", "0", "-1", "99999"):
        assert teacher.post("/courses/1/people/keeping", fields | {"retention_days": wrong}).status_code == 400, wrong
    assert 'value="365"' in teacher.page("/courses/1/people")
    assert teacher.post("/courses/1/people/keeping", fields | {"retention_days": ""}).status_code == 303
    assert 'value="365"' not in teacher.page("/courses/1/people")
