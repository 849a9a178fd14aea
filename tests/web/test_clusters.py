"""The pages of clusters and regrades: forms, what is refused, what is said, who may."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader.bank.cluster_rules import Rule
from grader.bank.findings import Finding
from grader.errors import BankError
from grader.services import assignments, authoring, courses, users
from grader.services.access import Actor
from grader.services.assignments import ChosenProblem
from grader.services.background import handlers
from grader.services.demo import DEMO_PASSWORD
from grader.services.examining import SEEDS_BEFORE_SAVING, Examination, examine
from grader.services.policies import Policy
from grader.store import attempts
from grader.store.clusters import ClusterSet
from grader.store.database import writing
from grader.web.pages.clusters import SHOWN
from grader.web.state import database
from grader.web.variants import variant_at
from grader.worker import EmbeddedWorker
from tests.factories import SteadyClock
from tests.web.conftest import Visitor, judge
from tests.web.own_problem import OWN, add_own_problem

PROBLEM = "derivative-polynomial"
FIELD = "answer.derivative"


@pytest.fixture
def assignment_id(sessions: sessionmaker[Session], clock: SteadyClock) -> int:
    """The demo's assignment that sets the problem."""
    with sessions() as session:
        teacher = Actor(users.authenticate(session, clock, "instructor", DEMO_PASSWORD).user_id)
        course = courses.list_courses(session, teacher)[0]
        for line in assignments.list_assignments(session, clock, teacher, course.id):
            view = assignments.assignment(session, clock, teacher, line.id)
            if PROBLEM in [each.problem_id for each in view.problems]:
                return view.id
    raise LookupError(PROBLEM)


def answer(app: Flask, assignment_id: int, text: str, problem: str = PROBLEM, field: str = FIELD) -> str:
    """All students of the demo give this answer with their numbers for `{a}`, `{n}`; the address of the clusters."""
    for login in ("ada", "ben", "chen"):
        visitor = Visitor(app.test_client())
        visitor.log_in(login)
        address = visitor.attempt(problem, assignment_id)
        with app.app_context():
            row = attempts.whole(database(), int(address.rsplit("/", 1)[1]))
            assert row is not None
            numbers = variant_at(row.variant.problem_version.source, row.variant.seed).parameters
        response = visitor.post(f"{address}/answer", {field: text.format(**numbers)}, address)
        assert response.status_code == 303, response.text
    return f"/assignments/{assignment_id}/problems/{problem}/clusters"


@pytest.fixture
def answered(app: Flask, assignment_id: int) -> str:
    """Something that is no recognised mistake."""
    return answer(app, assignment_id, "({a})*x^({n}) + sin(x)")


def work(sessions: sessionmaker[Session], clock: SteadyClock) -> None:
    EmbeddedWorker(sessions, clock, judge, handlers(clock, judge)).run_once()


def action(page: str, name: str) -> str:
    found = re.search(rf'action="([^"]+/{name}[^"]*)"', page)
    assert found is not None, name
    return unescape(found[1])


def test_from_a_cluster_to_an_undone_regrade(
    sessions: sessionmaker[Session], clock: SteadyClock, teacher: Visitor, answered: str
) -> None:
    index = teacher.page(answered.split("/problems/", maxsplit=1)[0] + "/clusters")
    assert "3 wrong submissions" in index
    page = teacher.page(answered)
    assert "+ sin(x)" in page
    teacher.post(action(page, "feedback"), {"feedback": "Look at <b>every</b> term."}, answered)
    assert "Look at &lt;b&gt;every&lt;/b&gt; term." in teacher.page(answered)
    refused = teacher.post(action(page, "accept"), {"share": "150"}, answered)
    assert refused.status_code == 400
    assert 'value="150"' in refused.text
    endless = teacher.post(action(page, "accept"), {"share": "1e9999999"}, answered)
    assert "A share is a number such as 50 or 100." in endless.text
    accepted = teacher.post(action(page, "accept"), {"share": "50"}, answered)
    regrades = accepted.location
    assert "Accepted for 50" in teacher.page(answered)
    form = action(teacher.page(regrades), "regrades")
    shown = teacher.post(
        form, {"basis": "clusters", "policy": "never_lower", "reason": "a close call"}, regrades
    ).location
    assert "data-waiting" in teacher.page(shown)
    work(sessions, clock)
    ready = teacher.page(shown)
    assert "Not applied" in ready
    assert "a close call" in ready
    teacher.post(action(ready, "apply"), {}, shown)
    work(sessions, clock)
    teacher.post(action(teacher.page(shown), "undo"), {}, shown)
    work(sessions, clock)
    assert "Undone" in teacher.page(shown)
    again = teacher.post(action(ready, "apply"), {}, shown)
    assert "applied it already" in teacher.page(again.location)
    teacher.post(action(teacher.page(answered), "withdraw"), {}, answered)
    assert "Accepted for 50" not in teacher.page(answered)


def test_what_is_refused(teacher: Visitor, student: Visitor, answered: str, assignment_id: int) -> None:
    for address in (answered, f"/assignments/{assignment_id}/clusters"):
        assert student.get(address).status_code == 403
    assert student.get(f"/assignments/{assignment_id}/regrades").status_code == 403
    assert teacher.get(f"/assignments/{assignment_id}/problems/nothing/clusters").status_code == 404
    assert teacher.get(f"{answered}?part=nothing").status_code == 404
    assert teacher.get("/regrades/999").status_code == 404
    refused = teacher.post(f"/assignments/{assignment_id}/regrades", {"basis": "magic"}, answered)
    assert refused.status_code == 400
    assert teacher.post(f"{answered}/{'0' * 16}/accept?part=derivative", {"share": "100"}, answered).status_code == 409


def test_rare_clusters_are_on_further_pages(sessions: sessionmaker[Session], teacher: Visitor, answered: str) -> None:
    """Made of the one that there is, so that nobody has to send so many answers."""
    teacher.page(answered)
    with sessions() as session, writing(session):
        kept = session.scalars(select(ClusterSet)).one()
        answers = [{**each, "text": f"x^{n}"} for each in kept.clusters[0]["answers"][:1] for n in range(SHOWN + 2)]
        rules = [{"rule": Rule(seed=1, answer=each["text"]).to_json(), "answers": [each]} for each in answers]
        kept.clusters = [{**each, "sentence": ""} for each in rules]
    first, second, beyond = (teacher.page(f"{answered}?page={number}") for number in (1, 2, 99))
    assert [page.count('class="card card-body cluster"') for page in (first, second, beyond)] == [SHOWN, 2, 2]
    assert f'<span class="tabular">{SHOWN + 1}.</span>' in second
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    (mark,) = re.findall(r'id="cluster-(\w+)"', second)[:1]
    said = teacher.post(
        f"{answered}/{mark}/feedback?part=derivative&page=2", {"feedback": "Look again."}, f"{answered}?page=2"
    )
    assert said.location.endswith(f"page=2#cluster-{mark}")


def test_a_cluster_as_a_mistake_of_the_problem(teacher: Visitor, answered: str) -> None:
    found = re.search(r'href="([^"]+/mistake[^"]*)"', teacher.page(answered))
    assert found is not None
    address = unescape(found[1])
    shown = unescape(teacher.page(f"{address}&id=sine-added&feedback=No+sine."))
    assert "id: sine-added" in shown
    assert 'answer: "a*x^n + sin(x)"' in shown
    assert "Save as a new version" not in shown, "the problem is the bank's"
    assert "small letters" in teacher.get(f"{address}&id=No+Slug!").text


@pytest.fixture
def own_assignment(sessions: sessionmaker[Session], clock: SteadyClock) -> int:
    """An assignment with a problem that the course has written itself."""
    add_own_problem(sessions, clock)
    with sessions() as session:
        chosen = [ChosenProblem(authoring.sources_of(session, 1, [OWN])[OWN])]
        return assignments.create_assignment(session, clock, Actor(1), 1, "Our own", chosen, Policy()).id


def test_a_mistake_is_saved_like_any_other_text(app: Flask, teacher: Visitor, own_assignment: int) -> None:
    answered = answer(app, own_assignment, "2*({a})*x + ({b}) + sin(x)", OWN, "answer.derivative")
    found = re.search(r'href="([^"]+/mistake[^"]*)"', teacher.page(answered))
    assert found is not None
    address = f"{unescape(found[1])}&id=sine-added&feedback=No+sine."
    assert "Save as a new version" in teacher.page(address)
    asked: list[tuple[int, int]] = []
    present = app.extensions["grader"]

    def examined(source: str, seed: int, seeds: int = 0) -> Examination:
        asked.append((seed, seeds))
        seen = examine(source, seed)
        return replace(seen, findings=(fault(), *seen.findings))

    app.extensions["grader"] = replace(present, examine=examined)
    fields = {"id": "sine-added", "feedback": "No sine."}
    saved = teacher.post(unescape(found[1]), fields, address)
    assert saved.status_code == 303
    assert asked == [(1, SEEDS_BEFORE_SAVING)]
    assert "Kept as a draft" in teacher.page(saved.location)


def fault() -> Finding:
    """What a text lacks that breaks at a later seed."""
    return Finding.of(BankError("It breaks at seed 17.", repair="Mend it."), "variant").at_seed(17)
