"""With the platform code of Open edX: launch, grades in both modes, roster, Deep Linking."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from html import unescape
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.lti.calling import open_client
from grader.lti.claims import SCOPE_RESULT, SCOPE_SCORE
from grader.lti.scores import Delivery, Score, read_results, send_score
from grader.lti.tokens import request_token
from grader.services import assignments, attempts, lti_platforms, lti_rosters, users
from grader.services.access import Actor
from grader.services.assignments import AssignmentView, ChosenProblem
from grader.services.lti_platforms import NewPlatform
from grader.services.problems import source_of
from grader.store import enrolments
from grader.store.courses import Course
from grader.store.database import open_engine, open_sessions
from grader.store.lti_grades import LtiGrade
from grader.store.lti_links import LtiLink
from grader.store.lti_platforms import LtiPlatform
from grader.web.variants import variant_at
from tests import servers
from tests.lti.openedx_host import PYTHON, RUN, Visitor, installed, visiting
from tests.lti.processes import POWER, SLOPE, serving, started, until
from tests.small_bank import small_bank
from tests.web.filling import right_fields

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("openedx")]  # one platform for all of them

SECRET = "s" * 40
SCOPES = (SCOPE_SCORE, SCOPE_RESULT)
SHOWN = re.compile(r"<b>([^<:]+): </b>\s*(\S+)")
Make = Callable[..., AssignmentView]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Both:
    """Our server and the platform, and what is stored at ours."""

    tool: str
    platform: str
    home: Path
    session: Session
    people: ExitStack

    def visit(self, login: str) -> Visitor:
        return self.people.enter_context(visiting(self.platform, self.tool, login))

    def actor(self, name: str) -> Actor:
        self.session.rollback()
        people = enrolments.people(self.session, self.course_id())
        return Actor(next(row.user_id for row, person in people if person.name == name))

    def roles(self) -> dict[str, str]:
        """Who is what in our course, by name."""
        self.session.rollback()
        people = enrolments.people(self.session, self.course_id())
        return {person.name: row.role for row, person in people}

    def course_id(self) -> int:
        return self.session.scalars(select(Course.id)).one()

    def arrives(self, block: str, grade: list[float]) -> None:
        """Wait until the platform's gradebook shows this for Ada: value and maximum."""
        try:
            until(lambda: httpx.get(f"{self.platform}/gradebook").json().get(f"{block}/ada") == grade)
        except pytest.fail.Exception:
            self.session.rollback()
            rows = self.session.execute(select(LtiGrade.link_id, LtiGrade.state, LtiGrade.reason)).all()
            pytest.fail(f"{grade} does not arrive: {rows}")

    def columns(self, view: AssignmentView) -> list[str]:
        """The addresses of the columns that are known for an assignment."""
        self.session.rollback()
        return list(self.session.scalars(select(LtiLink.line_item).where(LtiLink.assignment_id == view.id)))

    def token(self, client: httpx.Client) -> str:
        row = self.session.scalars(select(LtiPlatform)).one()
        key = lti_platforms.signing_key(self.session, now, SECRET)
        return request_token(client, lti_platforms.platform_of(row), key, SCOPES, now()).value

    def results(self, column: str) -> dict[str, Fraction | None]:
        """What the platform tells of a column, by its id of the person."""
        with open_client() as client:
            return dict(read_results(client, self.token(client), column))

    def forget_platform_key(self) -> None:
        """The platform signs with a new key from now on, and takes nothing that the old one has signed."""
        with closing(sqlite3.connect(self.home / "openedx.sqlite3", timeout=30)) as database, database:
            database.execute("UPDATE lti_consumer_lti1p3passport SET lti_1p3_internal_private_key = ''")


@pytest.fixture(scope="module")
def both(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Both servers, neither knowing the other yet."""
    installed()
    home = tmp_path_factory.mktemp("openedx")
    with ExitStack() as stack:
        tool, database = stack.enter_context(serving(sqlite_template, home, SECRET))
        port = servers.free_port()
        platform = f"http://localhost:{port}"
        stack.enter_context(started([str(PYTHON), str(RUN), str(home), str(port), tool], "ready"))
        engine = open_engine(database)
        stack.callback(engine.dispose)
        session = stack.enter_context(open_sessions(engine)())
        yield Both(tool, platform, home, session, stack.enter_context(ExitStack()))


@pytest.fixture(scope="module")
def registered(both: Both) -> Both:
    """The platform is registered with the values that the block shows to its author, under the names it gives them."""
    shown = dict(SHOWN.findall(both.visit("tina").page("declarative", "author")))
    staff = Actor(users.register(both.session, now, "admin", "Anna Admin", None, is_staff=True).id)
    new = NewPlatform(
        name="Open edX",
        issuer=both.platform,
        client_id=shown["Client ID"],
        authorization_url=shown["Login URL"],
        token_url=shown["Access Token URL"],
        keyset_url=shown["Keyset URL"],
        deployments=(shown["Deployment ID"],),
    )
    lti_platforms.add_platform(both.session, now, staff, new)
    return both


@pytest.fixture(scope="module")
def tina(registered: Both) -> Visitor:
    """The teacher, whose first launch has made the course."""
    visitor = registered.visit("tina")
    assert visitor.open("opened").status_code == 200
    return visitor


@pytest.fixture(scope="module")
def ada(tina: Visitor, registered: Both) -> Visitor:
    assert tina
    return registered.visit("ada")


@pytest.fixture(scope="module")
def make(registered: Both, tina: Visitor) -> Make:
    """Makes an assignment of the teacher's, of two problems that count the same."""
    assert tina

    def make(title: str, points: Fraction = Fraction(1)) -> AssignmentView:
        chosen = [ChosenProblem(source_of(small_bank().problems[name]), points) for name in (SLOPE, POWER)]
        args = (registered.session, now, registered.actor("Tina Teacher"), registered.course_id())
        return assignments.create_assignment(*args, title, chosen)

    return make


def choose(teacher: Visitor, block: str, target: str) -> httpx.Response:
    """The teacher says where the block's link leads."""
    return teacher.send(teacher.open(block).text, "/lti/choose", target=target)


def link(teacher: Visitor, block: str, *targets: str) -> str:
    """The teacher chooses content for the block; what the platform says then."""
    ours = teacher.send(teacher.link_content(block).text, "/lti/choose", target=list(targets))
    return teacher.send(ours.text, "/lti-dl/response").text


def answer(both: Both, student: Visitor, view: AssignmentView, problem: str) -> None:
    """Ada opens a problem of the assignment on its page, and answers it rightly there."""
    page = student.browser.get(f"/assignments/{view.id}/problems/{problem}")
    assert page.status_code == 200, page.text
    number = int(page.url.path.rsplit("/", 1)[1])
    attempt = attempts.attempt(both.session, now, both.actor("Ada Ahmed"), number)
    right = right_fields(variant_at(attempt.problem_source, attempt.seed))
    answered = student.send(page.text, f"/attempts/{number}/", **right)
    assert answered.status_code == 200, answered.text


def test_launch_of_a_teacher_and_of_a_student(registered: Both, tina: Visitor, ada: Visitor, make: Make) -> None:
    view = make("Slopes")
    assert registered.session.scalars(select(Course.title)).one() == "Calculus - Demo"
    assert "Slopes" in choose(tina, "opened", str(view.id)).text
    page = ada.open("opened")
    assert (page.status_code, page.url.path) == (200, f"/assignments/{view.id}")
    assert "Ada Ahmed" in page.text
    roles = registered.roles()
    assert (roles["Tina Teacher"], roles["Ada Ahmed"]) == ("instructor", "student")


def test_score_in_declarative_mode(registered: Both, tina: Visitor, ada: Visitor, make: Make) -> None:
    view = make("Declared")
    choose(tina, "declarative", str(view.id))
    ada.open("declarative")
    answer(registered, ada, view, SLOPE)
    registered.arrives("declarative", [0.5, 1.0])
    answer(registered, ada, view, POWER)
    registered.arrives("declarative", [1.0, 1.0])


def test_score_in_programmatic_mode_in_a_column_that_we_make(
    registered: Both, tina: Visitor, ada: Visitor, make: Make
) -> None:
    view = make("A title that is longer than the columns of this platform can have, " * 2, Fraction(5, 4))
    choose(tina, "programmatic", str(view.id))
    ada.open("programmatic")
    answer(registered, ada, view, SLOPE)
    registered.arrives("programmatic", [5.0, 10.0])
    address, *others = registered.columns(view)
    assert others == []
    assert registered.results(address).popitem()[1] == Fraction(1, 2)


def test_an_older_score_is_superseded(registered: Both, tina: Visitor, ada: Visitor, make: Make) -> None:
    view = make("Twice")
    choose(tina, "twice", str(view.id))
    ada.open("twice")
    answer(registered, ada, view, SLOPE)
    registered.arrives("twice", [0.5, 1.0])
    [address] = registered.columns(view)
    [(subject, share)] = registered.results(address).items()
    older = Score(subject, Fraction(0), Fraction(1), now() - timedelta(minutes=5))
    with open_client() as client:
        delivered = send_score(client, registered.token(client), address, older)
    assert delivered.outcome is Delivery.SUPERSEDED, delivered
    assert registered.results(address) == {subject: share}


def test_a_score_arrives_though_the_platform_takes_a_new_key(
    registered: Both, tina: Visitor, ada: Visitor, make: Make
) -> None:
    view = make("Rotated")
    choose(tina, "rotated", str(view.id))
    ada.open("rotated")
    answer(registered, ada, view, SLOPE)
    registered.arrives("rotated", [0.5, 1.0])
    registered.forget_platform_key()
    assert ada.open("rotated").url.path == f"/assignments/{view.id}"
    answer(registered, ada, view, POWER)
    registered.arrives("rotated", [1.0, 1.0])


def test_roster_with_pages(registered: Both, make: Make) -> None:
    course_id = make("Roster").course_id
    asked: list[str] = []
    with open_client() as client:
        client.event_hooks = {"request": [lambda request: asked.append(str(request.url))]}
        args = (registered.session, now, client, SECRET, registered.actor("Tina Teacher"), course_id)
        done = lti_rosters.sync_roster(*args)
    assert done.members == 121
    assert len([address for address in asked if "/memberships" in address]) == 2
    roles = registered.roles()
    assert (len(roles), roles["Student 117"], roles["Tina Teacher"]) == (121, "student", "instructor")


def test_deep_linking_with_the_content_chosen(registered: Both, tina: Visitor, ada: Visitor, make: Make) -> None:
    view = make("Linked")
    assert "successfully saved" in link(tina, "linked", f"{view.id}/{POWER}")
    page = ada.open("linked")
    assert page.url.path.startswith("/attempts/"), page.text
    answer(registered, ada, view, POWER)
    registered.arrives("linked", [1.0, 1.0])


def test_deep_linking_with_several_contents(tina: Visitor, ada: Visitor, make: Make) -> None:
    first, second = make("First"), make("Second")
    assert "successfully saved" in link(tina, "several", str(first.id), str(second.id))
    contents = ada.browser.get(ada.address("several")).text
    links = re.findall(r'<a href="([^"]+)"', contents)
    reached = [ada.launch(unescape(each)).url.path for each in links]
    assert reached == [f"/assignments/{first.id}", f"/assignments/{second.id}"]


def test_the_lock_of_the_platform_holds_hashes_and_names_no_address() -> None:
    lock = (RUN.parent / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(r"^lti-consumer-xblock==11\.[4-9]", lock, re.MULTILINE)
    assert "://" not in lock
    assert lock.count("==") <= lock.count("--hash=sha256:")
