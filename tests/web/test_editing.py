"""Problems written in the browser without its script: found, copied, changed, kept apart, never broken for students."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from grader.isolation import Limits
from grader.services import courses, sweeps
from grader.services.access import Actor
from grader.services.examining import Workshop, examine_within
from grader.sweep import sweep_within
from tests.bank.samples import SOUND, spoiled
from tests.factories import SteadyClock, counted_statements
from tests.web.conftest import Visitor

COURSE = "/courses/1/problems"
OWN = f"{COURSE}/slope-of-a-parabola"
NEW = {"kind": "derivative", "title": "Slope of a wave", "level": "drill"}


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return unescape(found[1])


def source_in(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def write(teacher: Visitor, source: str = SOUND) -> str:
    """The address of a problem of the course with this text."""
    made = teacher.post(f"{COURSE}/new", {**NEW, "title": "The slope of a parabola", "id": "slope-of-a-parabola"})
    assert made.status_code == 303, made.text
    save(teacher, made.location.removesuffix("/edit"), source)
    return made.location.removesuffix("/edit")


def save(teacher: Visitor, address: str, source: str, base: str | None = None) -> int:
    base = base or value(teacher.page(f"{address}/edit"), "base")
    return teacher.post(f"{address}/edit", {"source": source, "base": base, "do": "save"}).status_code


def test_a_judge_that_stops_makes_no_draft_and_keeps_what_was_typed(app: Flask, teacher: Visitor) -> None:
    address = write(teacher)
    page = teacher.page(f"{address}/edit")
    base, token = value(page, "base"), value(page, "csrf_token")
    stopped, state = Workshop(Limits()), app.extensions["grader"]
    with stopped:
        pass
    app.extensions["grader"] = replace(state, examine=partial(examine_within, stopped))
    fields = {"csrf_token": token, "source": SOUND.replace("Look to", "Turn to"), "base": base, "do": "save"}
    refused = teacher.client.post(f"{address}/edit", data=fields)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "Turn to" in unescape(refused.text)
    asked = teacher.client.post(f"{address}/look", data=fields, headers={"Accept": "application/json"})
    assert (asked.status_code, "Wait a moment" in asked.get_json()["message"]) == (503, True)
    app.extensions["grader"] = state
    assert value(teacher.page(f"{address}/edit"), "base") == base, "nothing was kept"


@pytest.fixture
def colleague(app: Flask, sessions: sessionmaker[Session], clock: SteadyClock) -> Visitor:
    """Ben, who teaches the course too."""
    with sessions() as session:
        courses.enrol(session, clock, Actor(1), 1, "ben", "instructor")
    visitor = Visitor(app.test_client())
    visitor.log_in("ben")
    return visitor


@pytest.mark.parametrize(
    ("query", "there", "away"),
    [
        ("topic=jacobians", "jacobian-polynomial-map", "derivative-polynomial"),
        ("level=stretch", "", "derivative-polynomial"),
        ("text=Polynomial+Map", "jacobian-polynomial-map", "derivative-polynomial"),
        ("text=differentiated+term+by+term", "derivative-polynomial", "jacobian-polynomial-map"),
        ("family=5.1", "jacobian-polynomial-map", "derivative-polynomial"),
        ("owner=1", "slope-of-a-wave", "derivative-polynomial"),
        ("owner=shipped", "derivative-polynomial", "slope-of-a-wave"),
        ("text=slope+of+a+WAVE", "slope-of-a-wave", "derivative-polynomial"),
        ("text=100%25_", "", "slope-of-a-wave"),
        ("page=99999", "derivative-polynomial", "no-such"),
    ],
)
def test_problems_are_found(teacher: Visitor, query: str, there: str, away: str) -> None:
    assert teacher.post(f"{COURSE}/new", NEW).status_code == 303
    page = teacher.page(f"/bank?{query}")
    assert there in page
    assert f"/{away}" not in page


def test_the_number_of_statements_of_the_browser_does_not_grow(teacher: Visitor, engine: Engine) -> None:
    counts = []
    for number in range(3):
        teacher.post(f"{COURSE}/new", NEW | {"title": f"Wave {number}"})
        with counted_statements(engine) as statements:
            teacher.page("/bank")
        counts.append(len(statements))
    assert counts[0] == counts[2] <= 12


def test_a_new_problem_is_clean_and_a_bad_header_comes_back_with_what_was_typed(teacher: Visitor) -> None:
    refused = teacher.post(f"{COURSE}/new", NEW | {"id": "Not An Id", "topic": "new topic!"})
    assert refused.status_code == 400
    assert value(refused.text, "title") if 'name="title" value' in refused.text else "Slope of a wave" in refused.text
    assert refused.text.count("field-fault") == 2
    for taken in ("jacobian-polynomial-map", "new"):
        page = teacher.post(f"{COURSE}/new", NEW | {"id": taken})
        assert (page.status_code, "is taken" in page.text) == (400, True)
    made = teacher.post(f"{COURSE}/new", NEW)
    page = teacher.page(made.location)
    assert "Nothing to mend." in text(page)
    assert teacher.post(f"{COURSE}/new", NEW).location.endswith("slope-of-a-wave-2/edit")


def test_a_shipped_problem_is_copied_and_stays_as_it_is(teacher: Visitor) -> None:
    made = teacher.post("/bank/jacobian-polynomial-map/copy", {"course": "1"})
    assert made.location == f"{COURSE}/jacobian-polynomial-map-own/edit"
    again = teacher.post("/bank/jacobian-polynomial-map/copy", {"course": "1"})
    assert again.location == f"{COURSE}/jacobian-polynomial-map-own-2/edit"
    page = teacher.page(made.location)
    assert source_in(page).startswith("id: jacobian-polynomial-map-own\n")
    assert "your course&#39;s own" in page or "your course's own" in page
    assert "shipped with the bank" in text(teacher.page("/bank/jacobian-polynomial-map"))
    assert teacher.post("/bank/jacobian-polynomial-map/copy", {"course": "7"}).status_code == 404


def test_the_source_of_a_shipped_problem_is_shown_with_its_findings(teacher: Visitor) -> None:
    page = text(teacher.page("/bank/jacobian-polynomial-map/source"))
    assert "Lint finds nothing to mend." in page
    assert "id: jacobian-polynomial-map" in page


def test_a_saved_text_is_a_version_and_earlier_ones_stay(teacher: Visitor) -> None:
    address = write(teacher)
    assert "Look to the" in teacher.page(address)
    assert save(teacher, address, SOUND.replace("Look to the", "Turn to the")) == 303
    page = teacher.page(address)
    assert "Turn to the" in page
    saves = re.findall(r"\?save=(\d+)", page)
    assert len(saves) == 3
    assert "Look to the" in teacher.page(f"{address}?save={saves[1]}")
    assert teacher.get(f"{address}?save=99999").status_code == 404


def test_a_preview_keeps_nothing(teacher: Visitor) -> None:
    address = write(teacher)
    base = value(teacher.page(f"{address}/edit"), "base")
    fields = {"source": SOUND.replace("Look to the", "Turn to the"), "base": base, "do": "preview", "seed": "7"}
    page = teacher.post(f"{address}/edit", fields).text
    assert "Turn to the" in source_in(page)
    assert "12*x + 3" in text(page)
    assert "Turn to the" not in teacher.page(address)


def test_a_broken_text_is_a_draft_and_students_get_the_last_sound_one(teacher: Visitor) -> None:
    address = write(teacher)
    version = re.search(r"Version ([0-9a-f]{12})", text(teacher.page(address)))
    assert version is not None
    assert save(teacher, address, spoiled("level: drill", "levl: drill")) == 303
    page = text(teacher.page(address))
    assert "Draft" in page
    assert "Did you mean 'level'?" in page
    assert version[1] in page
    form = {"title": "T", "zone": "UTC", "mode": "ordinary", "late_kind": "none", "show_solution": "done"}
    form |= {"visibility": "shown", "problem": "slope-of-a-parabola"}
    made = teacher.post("/courses/1/assignments/new", form)
    assert made.status_code == 303, text(made.text)
    opened = teacher.post(f"{made.location}/problems/slope-of-a-parabola/preview", {"seed": "7"})
    assert "Look to the" in teacher.page(opened.location)


def test_what_was_never_sound_cannot_be_set(teacher: Visitor) -> None:
    made = teacher.post(f"{COURSE}/new", NEW)
    draft = f"{COURSE}/never-sound"
    assert made.status_code == 303
    form = {"title": "T", "zone": "UTC", "mode": "ordinary", "late_kind": "none", "show_solution": "done"}
    refused = teacher.post("/courses/1/assignments/new", form | {"visibility": "shown", "problem": "never-sound"})
    assert (refused.status_code, "There is no problem never-sound" in refused.text) == (400, True)
    assert teacher.get(draft).status_code == 404


def test_the_id_of_a_problem_stays(teacher: Visitor) -> None:
    address = write(teacher)
    save(teacher, address, SOUND.replace("id: slope-of-a-parabola", "id: another"))
    page = text(teacher.page(address))
    assert "Draft" in page


def test_of_two_who_save_at_once_the_second_sees_both_and_nothing_is_lost(teacher: Visitor, colleague: Visitor) -> None:
    address = write(teacher)
    base = value(teacher.page(f"{address}/edit"), "base")
    mine, theirs = SOUND.replace("Look to the", "Mine is"), SOUND.replace("Look to the", "Theirs is")
    assert save(colleague, address, theirs, base) == 303
    refused = teacher.post(f"{address}/edit", {"source": mine, "base": base, "do": "save"})
    assert refused.status_code == 409
    assert "Ben Berger has saved meanwhile" in text(refused.text)
    assert "Mine is" in source_in(refused.text)
    assert re.findall(r'class="changed"><span class="hidden-text">differs: </span>([^<]*)', refused.text) == [
        line for whole, word in ((theirs, "Theirs is"), (mine, "Mine is")) for line in whole.split("\n") if word in line
    ]
    number = next(place for place, line in enumerate(mine.split("\n"), start=1) if "Mine is" in line)
    shown = re.findall(r'<li data-line="(\d+)"', refused.text)
    assert shown == [str(each) for each in range(number - 3, number + 4)] * 2
    assert refused.text.count("lines that both have") == 4
    newest = re.search(r'type="checkbox" name="base" value="(\d+)"', refused.text)
    assert newest is not None
    assert save(teacher, address, mine, newest[1]) == 303
    page = teacher.page(address)
    assert "Mine is" in page
    assert page.count("?save=") == 4


def test_the_script_asks_for_findings_and_a_variant(teacher: Visitor) -> None:
    address = write(teacher)
    seen = teacher.post(f"{address}/look", {"source": spoiled("level: drill", "levl: drill"), "seed": "3"}).get_json()
    assert (seen["findings"][0]["row"], seen["findings"][0]["column"], seen["sound"]) == (5, 1, False)
    seen = teacher.post(f"{address}/look", {"source": SOUND, "seed": "7"}).get_json()
    assert (seen["findings"], seen["sound"]) == ([], True)
    assert "12*x + 3" in text(seen["html"])
    assert teacher.post(f"{address}/look", {"source": "x" * 300_000}).status_code == 400
    assert teacher.post(f"{address}/look", {"source": SOUND, "seed": "x"}).status_code == 400


def test_the_script_saves_and_stays_on_the_page(teacher: Visitor) -> None:
    address = write(teacher)
    page = teacher.page(f"{address}/edit")
    base, token = value(page, "base"), value(page, "csrf_token")
    tones = []
    for source in (SOUND + "# Once.\n", SOUND + "# Twice.\n", spoiled("level: drill", "levl: drill")):
        sent = {"source": source, "base": base, "do": "save", "csrf_token": token}
        saved = teacher.client.post(f"{address}/edit", data=sent, headers={"Accept": "application/json"}).get_json()
        base = str(saved["base"])
        tones.append(saved["tone"])
        assert value(teacher.page(f"{address}/edit"), "base") == base
    assert tones == ["right", "right", "notice"]
    assert saved["message"].startswith("Kept as a draft.")
    assert "Kept as a draft." not in text(teacher.page(f"{address}/edit")), "it is said once"


def test_a_sweep_runs_in_the_background(teacher: Visitor, sessions: sessionmaker[Session], clock: SteadyClock) -> None:
    address = write(teacher)
    wrong = SOUND.replace("marks: {slope: 0}", "marks: {slope: 1}")
    asked = teacher.post(f"{address}/sweep", {"source": wrong}).get_json()
    assert asked["over"] is False
    assert "0 of 50 seeds" in text(asked["html"])
    with sessions() as session, Workshop(Limits()) as workshop:
        sweeps.run_sweep(session, clock, lambda source, seeds: sweep_within(workshop.isolation, source, seeds), 1)
    found = teacher.get(f"{address}/sweep").get_json()
    assert found["over"] is True
    assert "50 of 50 seeds" in text(found["html"])
    assert "gets 0 points, not 1" in text(found["html"])
    assert "50 of 50 seeds" in text(teacher.page(f"{address}/edit"))


def test_only_the_page_of_the_editor_allows_styles_with_its_nonce(teacher: Visitor) -> None:
    address = write(teacher)
    first, second = (teacher.get(f"{address}/edit").headers["Content-Security-Policy"] for _ in range(2))
    assert re.search(r"style-src 'self' 'nonce-[\w-]{20,}'", first)
    assert first != second
    assert "unsafe-inline" not in first
    assert "nonce" not in teacher.get(address).headers["Content-Security-Policy"]


def test_only_teachers_see_and_only_instructors_change_problems_of_a_course(
    teacher: Visitor, student: Visitor, app: Flask, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    address = write(teacher)
    assert student.get(address).status_code == 403
    assert student.get(f"{address}/edit").status_code == 403
    assert student.get("/bank.schema.json").status_code == 403
    with sessions() as session:
        courses.enrol(session, clock, Actor(1), 1, "chen", "assistant")
    helper = Visitor(app.test_client())
    helper.log_in("chen")
    assert helper.get(address).status_code == 200
    assert helper.get(f"{address}/edit").status_code == 403
    assert helper.post(f"{address}/edit", {"source": "", "base": "1"}).status_code == 403
    assert helper.get(f"{COURSE}/new").status_code == 403
