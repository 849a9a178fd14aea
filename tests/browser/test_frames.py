"""A launch in a platform's frame in Chromium that keeps no cookies of other sites: every way that is left works.

The platform is at `localhost`, the tool at `127.0.0.1`: two sites, both of which a browser trusts without TLS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from grader.lti import claims as names
from grader.lti.messages import Context, Launch, Person
from grader.lti.roles import CourseRole
from grader.services import assignments, lti_courses, lti_platforms, users
from grader.services.access import Actor
from grader.services.assignments import ChosenProblem
from grader.services.lti_platforms import NewPlatform
from grader.services.problems import source_of
from grader.store.database import open_engine, open_sessions
from tests import servers
from tests.browser.conftest import PATIENCE, QUIET
from tests.lti.framing import Course, open_course
from tests.lti.processes import SLOPE, serving
from tests.small_bank import small_bank

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.xdist_group("frames")]  # one server for all of them

ONE_PROCESS = [*QUIET, "--disable-site-isolation-trials"]
"""Frames of other sites in the page's own process: Playwright waits for ever in one that changes its process."""
BLOCKED: dict[str, Any] = {"cookie_controls_mode": 1, "block_third_party_cookies": True}
"""The browser's setting «block third-party cookies»."""
WINDOW = "Open in a new window"
TITLE = "Derivative of a polynomial"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def course(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """The tool with an assignment, and the platform's course whose link leads to it."""
    home = tmp_path_factory.mktemp("frames")
    with ExitStack() as stack:
        tool, database = stack.enter_context(serving(sqlite_template, home, "s" * 40))
        found = stack.enter_context(open_course(tool))
        assignment_id = prepare(database, found)

        def claims(subject: str, nonce: str) -> dict[str, Any]:
            custom = {names.CUSTOM: {"assignment": str(assignment_id)}}
            return found.signer.claims(now(), nonce, f"{tool}/lti/launch", sub=subject, **custom)

        found.claims = claims
        yield found


def prepare(database: str, course: Course) -> int:
    """Register the platform, let its teacher come once and make an assignment; its number."""
    engine = open_engine(database)
    with open_sessions(engine)() as session:
        staff = Actor(users.register(session, now, "admin", "Anna Admin", None, is_staff=True).id)
        addresses = [f"{course.address}/{name}" for name in ("authorize", "token", "keys")]
        new = NewPlatform("LMS", course.address, "client-a", *addresses, ("deployment-1",))
        platform = lti_platforms.add_platform(session, now, staff, new).platform
        person, context = Person("teacher-1", "Tina Teacher"), Context("course-1", "Optimisation")
        target = f"{course.tool}/lti/launch"
        launch = Launch(
            platform,
            "deployment-1",
            names.RESOURCE_LINK_REQUEST,
            target,
            person,
            CourseRole.INSTRUCTOR,
            context,
            "link-0",
        )
        arrival = lti_courses.arrive(session, now, launch)
        chosen = [ChosenProblem(source_of(small_bank().problems[SLOPE]))]
        made = assignments.create_assignment(session, now, arrival.actor, arrival.course_id, "Week 1", chosen)
    engine.dispose()
    return made.id


@contextmanager
def opened(browser: Browser, home: Path, profile: dict[str, Any]) -> Iterator[BrowserContext]:
    """A Chromium of one's own with these settings."""
    (home / "Default").mkdir()
    (home / "Default" / "Preferences").write_text(json.dumps({"profile": profile}), encoding="utf-8")
    context = browser.browser_type.launch_persistent_context(home, executable_path=servers.chromium(), args=ONE_PROCESS)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="module")
def blocking(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """It keeps no cookies of third parties, only such as are kept apart for each site."""
    with opened(browser, tmp_path_factory.mktemp("blocking"), BLOCKED) as context:
        yield context


@pytest.fixture(scope="module")
def refusing(browser: Browser, course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """It keeps no cookie at all for the tool within the platform's pages, as some other browsers do."""
    pair = f"{course.tool},{course.address}"
    exceptions = {"content_settings": {"exceptions": {"cookies": {pair: {"setting": 2}}}}}
    with opened(browser, tmp_path_factory.mktemp("refusing"), BLOCKED | exceptions) as context:
        yield context


@contextmanager
def visiting(context: BrowserContext, address: str) -> Iterator[Page]:
    """A page of a browser that remembers nothing from before."""
    context.clear_cookies()
    page = context.new_page()
    page.goto(address)
    yield page
    page.close()


def go_on_in_a_window(page: Page, context: BrowserContext) -> None:
    """The frame offers a window, and the assignment is there."""
    with context.expect_page() as opening:
        page.frame_locator("#tool").get_by_role("link", name=WINDOW).click()
    window = opening.value
    expect(window.get_by_role("heading", level=1, name="Week 1")).to_be_visible()
    window.get_by_role("link", name=TITLE).click()
    expect(window.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    window.close()


def test_this_browser_keeps_no_cookies_of_third_parties(blocking: BrowserContext, course: Course) -> None:
    with visiting(blocking, f"{course.address}/plain") as page:
        expect(page.frame_locator("iframe").get_by_text("kept: nothing")).to_be_visible()


@pytest.mark.parametrize("storage", ["", "_parent"], ids=["without-storage", "with-storage"])
def test_a_frame_works_by_partitioned_cookies(storage: str, blocking: BrowserContext, course: Course) -> None:
    with visiting(blocking, f"{course.address}/course?who=ada{len(storage)}&storage={storage}") as page:
        frame = page.frame_locator("#tool")
        expect(frame.get_by_role("heading", level=1, name="Week 1")).to_be_visible()
        frame.get_by_role("link", name=TITLE).click()
        expect(frame.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
        frame.locator('[name^="answer."]').first.fill("0")
        frame.get_by_role("button", name="Submit answer").click()
        expect(frame.get_by_text("Not right yet.").first).to_be_visible()
    kept = next(cookie for cookie in blocking.cookies() if cookie["name"] == "grader_frame")
    assert (kept["secure"], kept["httpOnly"], kept["sameSite"]) == (True, True, "None")


@pytest.mark.parametrize("storage", ["_parent", "keeper"])
def test_a_frame_without_cookies_logs_in_by_platform_storage(
    storage: str, refusing: BrowserContext, course: Course
) -> None:
    with visiting(refusing, f"{course.address}/course?who=ben-{storage}&storage={storage}") as page:
        expect(page.frame_locator("#tool").get_by_role("link", name=WINDOW)).to_be_visible()
        keeper = page if storage == "_parent" else page.frame(name=storage)
        assert keeper is not None
        assert keeper.evaluate("asked") == [f"{course.tool} lti.put_data", f"{course.tool} lti.get_data"]
        assert not [cookie for cookie in refusing.cookies() if cookie["name"].startswith("grader")]
        go_on_in_a_window(page, refusing)


def test_a_frame_without_cookies_and_storage_opens_a_window(refusing: BrowserContext, course: Course) -> None:
    with visiting(refusing, f"{course.address}/course?who=cleo") as page:
        go_on_in_a_window(page, refusing)
