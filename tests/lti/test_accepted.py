"""Launches that must be taken: all kinds of roles, people with and without names, and where links lead."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.bank.loading import Bank
from grader.lti import claims as names
from grader.services import assignments
from grader.services.access import Actor
from grader.services.assignments import ChosenProblem
from grader.services.problems import source_of
from grader.store.courses import Course
from grader.store.enrolments import Enrolment
from grader.store.lti_links import LtiLink, LtiPerson
from grader.store.users import User
from tests.lti.conftest import HOME, Browser
from tests.lti.forging import INSTRUCTOR, LEARNER, MEMBERSHIP, ForgingPlatform, pairs_of
from tests.lti.test_refused import reason

LAUNCH = f"{HOME}lti/launch"
TEACHER = {"sub": "teacher-1", "name": "Tina Teacher", "email": "tina@example.org", names.ROLES: [INSTRUCTOR]}


@pytest.fixture
def course_id(browser: Browser, platforms: list[ForgingPlatform], session: Session) -> int:
    """The course that a teacher's first launch makes."""
    answer = browser.whole(platforms[0], **TEACHER)
    assert answer.status_code == 200, answer.text
    return session.scalars(select(Course.id)).one()


@pytest.fixture
def assignment_id(course_id: int, session: Session, browser: Browser, bank: Bank) -> int:
    teacher = session.scalars(select(LtiPerson.user_id)).one()
    chosen = [ChosenProblem(source_of(problem)) for problem in list(bank.problems.values())[:2]]
    return assignments.create_assignment(session, browser.clock, Actor(teacher), course_id, "Week 1", chosen).id


def custom(assignment_id: int, problem: str = "") -> dict[str, Any]:
    values = {"assignment": str(assignment_id)} | ({"problem": problem} if problem else {})
    return {names.CUSTOM: values}


def role_of(session: Session, subject: str) -> str:
    session.expire_all()
    return session.scalars(
        select(Enrolment.role)
        .join(LtiPerson, LtiPerson.user_id == Enrolment.user_id)
        .where(LtiPerson.subject == subject)
    ).one()


def test_a_teachers_first_launch_makes_the_course(course_id: int, session: Session) -> None:
    assert session.get_one(Course, course_id).title == "Optimisation"
    assert role_of(session, "teacher-1") == "instructor"


ROLES: dict[str, tuple[list[Any], str]] = {
    "learner": ([LEARNER], "student"),
    "instructor": ([INSTRUCTOR], "instructor"),
    "learner in short form": (["Learner"], "student"),
    "instructor in short form": (["Instructor"], "instructor"),
    "several of a learner": ([f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Mentor"], "student"),
    "several with an instructor's": ([LEARNER, INSTRUCTOR], "instructor"),
    "assistant": ([INSTRUCTOR, f"{MEMBERSHIP}/Instructor#TeachingAssistant"], "assistant"),
    "of the institution": (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"], "student"),
    "of the system": (["http://purl.imsglobal.org/vocab/lis/v2/system/person#SysAdmin", LEARNER], "student"),
    "unknown": (["urn:lti:role:ims/lis/Emperor"], "student"),
    "none": ([], "student"),
    "not all of them text": ([17, None, LEARNER], "student"),
}


@pytest.mark.parametrize(("roles", "expected"), ROLES.values(), ids=ROLES)
def test_roles(
    roles: list[Any],
    expected: str,
    assignment_id: int,
    another: Browser,
    platforms: list[ForgingPlatform],
    session: Session,
) -> None:
    answer = another.whole(platforms[0], sub="somebody", **{names.ROLES: roles}, **custom(assignment_id))
    assert answer.location == f"/assignments/{assignment_id}", answer.text
    assert role_of(session, "somebody") == expected
    assert another.client.get(answer.location).status_code == 200


PEOPLE: dict[str, tuple[dict[str, Any], str]] = {
    "only e-mail": ({"name": None, "email": "only@example.org"}, "Student"),
    "only names": ({"email": None, "given_name": "Grace", "family_name": "Hopper", "name": None}, "Grace Hopper"),
    "nothing personal": ({"name": None, "email": None}, "Student"),
    "a name over two lines": ({"name": "  Emmy\n Noether "}, "Emmy Noether"),
    "a name that is no text": ({"name": 17}, "Student"),
}


@pytest.mark.parametrize(("person", "shown"), PEOPLE.values(), ids=PEOPLE)
def test_people(
    person: dict[str, Any],
    shown: str,
    assignment_id: int,
    another: Browser,
    platforms: list[ForgingPlatform],
    session: Session,
) -> None:
    answer = another.whole(platforms[0], sub="somebody", **person, **custom(assignment_id))
    assert answer.status_code == 303, answer.text
    name = session.scalars(
        select(User.name).join(LtiPerson, LtiPerson.user_id == User.id).where(LtiPerson.subject == "somebody")
    ).one()
    assert name.startswith(shown)


MORE: dict[str, dict[str, Any]] = {
    "unknown extra claims": {"https://example.org/unknown": {"deep": [1, 2]}},
    "aud as list": {"aud": ["client-a"]},
    "aud as list with azp": {"aud": ["client-a"], "azp": "client-a"},
    "how it is shown": {names.PRESENTATION: {"locale": "de-AT", "document_target": "iframe"}},
    "unknown custom parameters": {names.CUSTOM: {"colour": "red"}, "locale": "fr"},
}


@pytest.mark.parametrize("changes", MORE.values(), ids=MORE)
def test_more_than_is_needed(
    changes: dict[str, Any], course_id: int, another: Browser, platforms: list[ForgingPlatform]
) -> None:
    assert course_id
    answer = another.whole(platforms[0], **changes)
    assert reason(answer.text) == "link-not-set"  # taken; only nobody has said where the link leads


def test_no_context_makes_a_course_of_the_link(
    browser: Browser, another: Browser, platforms: list[ForgingPlatform], session: Session, bank: Bank
) -> None:
    alone = {names.CONTEXT: None}
    assert browser.whole(platforms[0], **alone, **TEACHER).status_code == 200
    course = session.scalars(select(Course)).one()
    assert course.title == "Week 1"  # the link's own title
    teacher = Actor(session.scalars(select(LtiPerson.user_id)).one())
    chosen = [ChosenProblem(source_of(next(iter(bank.problems.values()))))]
    made = assignments.create_assignment(session, browser.clock, teacher, course.id, "Alone", chosen)
    page = browser.whole(platforms[0], **alone, **TEACHER).text
    choice = page.partition('name="choice" value="')[2].partition('"')[0]
    browser.client.post("/lti/choose", data={"choice": choice, "target": str(made.id)})
    assert another.whole(platforms[0], **alone).location == f"/assignments/{made.id}"
    other = alone | {names.RESOURCE_LINK: {"id": "link-2"}}
    assert reason(another.whole(platforms[0], **other).text) == "course-not-set-up"


def test_no_context_to_choose_content_for(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    answer = browser.whole(platforms[0], **linking() | {names.CONTEXT: None})
    assert reason(answer.text) == "context-missing"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_log_in_by_get_and_post_with_hints_verbatim(
    method: str, browser: Browser, platforms: list[ForgingPlatform]
) -> None:
    hints = {"login_hint": "a b+c/%20é", "lti_message_hint": '{"x": "<&>"}'}
    sent = pairs_of(browser.log_in(platforms[0], method, **hints).location)
    assert {name: sent[name] for name in hints} == hints
    assert sent["redirect_uri"] == LAUNCH
    assert (sent["response_mode"], sent["prompt"], sent["scope"]) == ("form_post", "none", "openid")


def test_absent_hints_are_not_sent(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    sent = pairs_of(browser.log_in(platforms[0], lti_message_hint=None).location)
    assert "lti_message_hint" not in sent


def test_two_clients_under_one_issuer(
    assignment_id: int, another: Browser, platforms: list[ForgingPlatform], session: Session
) -> None:
    answer = another.whole(platforms[1], **TEACHER)
    assert answer.status_code == 200, answer.text
    assert len(session.scalars(select(Course.id)).all()) == 2  # tenants never see each other
    foreign = another.whole(platforms[1], **custom(assignment_id))
    assert reason(foreign.text) == "custom"


def test_custom_parameters_choose_the_problem(
    assignment_id: int, another: Browser, platforms: list[ForgingPlatform], bank: Bank
) -> None:
    problem = next(iter(bank.problems))
    answer = another.whole(platforms[0], **custom(assignment_id, problem))
    assert answer.location == f"/assignments/{assignment_id}/problems/{problem}"
    assert another.client.get(answer.location, follow_redirects=True).status_code == 200
    assert reason(another.whole(platforms[0], **custom(assignment_id, "no-such")).text) == "custom"


def test_a_teacher_sets_a_link_and_students_follow_it(
    assignment_id: int, browser: Browser, another: Browser, platforms: list[ForgingPlatform], session: Session
) -> None:
    page = browser.whole(platforms[0], **TEACHER)
    assert f'value="{assignment_id}"' in page.text
    choice = page.text.partition('name="choice" value="')[2].partition('"')[0]
    answer = browser.client.post("/lti/choose", data={"choice": choice, "target": str(assignment_id)})
    assert answer.location == f"/assignments/{assignment_id}"
    grades = {names.GRADES: {"scope": [names.SCOPE_SCORE], "lineitem": "https://lms.example/items/7"}}
    assert another.whole(platforms[0], **grades).location == f"/assignments/{assignment_id}"
    link = session.scalars(select(LtiLink)).one()
    assert (link.line_item, link.scopes) == ("https://lms.example/items/7", [names.SCOPE_SCORE])
    forged = another.client.post("/lti/choose", data={"choice": choice[:-3] + "abc", "target": str(assignment_id)})
    assert reason(forged.text) == "choice-expired"


def test_in_a_frame_the_session_has_a_cookie_of_its_own(
    assignment_id: int, another: Browser, platforms: list[ForgingPlatform]
) -> None:
    another.client.environ_base["HTTP_SEC_FETCH_DEST"] = "iframe"
    answer = another.whole(platforms[0], **custom(assignment_id))
    kept = next(value for name, value in answer.headers if name == "Set-Cookie" and value.startswith("grader_frame="))
    assert all(word in kept for word in ("Secure", "HttpOnly", "SameSite=None", "Partitioned"))
    page = another.client.get(answer.location, follow_redirects=True)
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "https://lms.example" in policy.partition("frame-ancestors")[2]
    assert "X-Frame-Options" not in page.headers


def test_without_cookies_a_window_is_offered_once(
    assignment_id: int, another: Browser, platforms: list[ForgingPlatform]
) -> None:
    another.client.environ_base["HTTP_SEC_FETCH_DEST"] = "iframe"
    answer = another.whole(platforms[0], **custom(assignment_id))
    blocked = another.client.application.test_client(use_cookies=False)
    offer = blocked.get(answer.location)
    assert "https://lms.example" in offer.headers["Content-Security-Policy"].partition("frame-ancestors")[2]
    page = offer.text
    address = page.partition('href="/lti/enter')[2].partition('"')[0]
    window = another.client.application.test_client()
    assert window.get(f"/lti/enter{address}").location == f"/assignments/{assignment_id}"
    assert window.get(f"/assignments/{assignment_id}").status_code == 200
    assert reason(window.get(f"/lti/enter{address}").text) == "ticket"


def test_a_frame_without_cookies_and_storage_is_offered_a_window(
    assignment_id: int, another: Browser, platforms: list[ForgingPlatform]
) -> None:
    frame = Browser(another.client.application.test_client(use_cookies=False), another.clock)
    frame.client.environ_base["HTTP_SEC_FETCH_DEST"] = "iframe"
    asked = frame.log_in(platforms[0])
    page = frame.client.get(asked.location)
    address = unescape(page.text.partition('<a class="button" href="')[2].partition('"')[0])
    assert "https://lms.example" in page.headers["Content-Security-Policy"].partition("frame-ancestors")[2]
    given = pairs_of(another.client.get(address).location)  # the window, where cookies are kept
    claims = platforms[0].claims(another.clock(), given["nonce"], LAUNCH, **custom(assignment_id))
    assert another.launch(platforms[0].sign(claims), given["state"]).location == f"/assignments/{assignment_id}"


def linking(**settings: Any) -> dict[str, Any]:
    """A request to choose links."""
    found = {"deep_link_return_url": "https://lms.example/return", "accept_types": ["ltiResourceLink"], **settings}
    return TEACHER | {
        names.MESSAGE_TYPE: names.DEEP_LINKING_REQUEST,
        names.RESOURCE_LINK: None,
        names.TARGET_LINK_URI: None,
        names.DEEP_LINKING_SETTINGS: found,
    }


def chosen(browser: Browser, platform: ForgingPlatform, targets: list[str], **settings: Any) -> dict[str, Any]:
    """The message that goes back to the platform, its signature checked with our published keys."""
    page = browser.whole(platform, **linking(**settings))
    choice = page.text.partition('name="choice" value="')[2].partition('"')[0]
    answer = browser.client.post("/lti/choose", data={"choice": choice, "target": targets})
    assert 'action="https://lms.example/return"' in answer.text
    assert "form-action 'self' https://lms.example" in answer.headers["Content-Security-Policy"]
    token = answer.text.partition('name="JWT" value="')[2].partition('"')[0]
    published = KeySet.import_key_set(browser.client.get("/lti/keys").json)
    return dict(jwt.decode(token, published, algorithms=["RS256"]).claims)


def test_deep_linking_with_data(assignment_id: int, browser: Browser, platforms: list[ForgingPlatform]) -> None:
    claims = chosen(browser, platforms[0], [str(assignment_id)], data="keep-me")
    assert (claims["iss"], claims["aud"], claims[names.DATA]) == ("client-a", ["https://lms.example"], "keep-me")
    [item] = claims[names.CONTENT_ITEMS]
    assert (item["type"], item["custom"]) == ("ltiResourceLink", {"assignment": str(assignment_id)})
    assert item["lineItem"]["scoreMaximum"] > 0


def test_deep_linking_with_nothing_chosen_asks_once_more(
    assignment_id: int, browser: Browser, platforms: list[ForgingPlatform]
) -> None:
    page = browser.whole(platforms[0], **linking())
    choice = page.text.partition('name="choice" value="')[2].partition('"')[0]
    again = browser.client.post("/lti/choose", data={"choice": choice}).text
    assert "Choose something first." in again
    assert f'value="{assignment_id}"' in again
    assert 'name="JWT"' not in again


def test_deep_linking_without_data(assignment_id: int, browser: Browser, platforms: list[ForgingPlatform]) -> None:
    assert names.DATA not in chosen(browser, platforms[0], [str(assignment_id)])


def test_deep_linking_with_a_single_choice(
    assignment_id: int, browser: Browser, platforms: list[ForgingPlatform], bank: Bank
) -> None:
    page = browser.whole(platforms[0], **linking(accept_multiple=False)).text
    assert 'type="radio"' in page
    assert 'type="checkbox"' not in page
    problem = next(iter(bank.problems))
    targets = [f"{assignment_id}/{problem}", str(assignment_id)]
    claims = chosen(browser, platforms[0], targets, accept_multiple=False)
    [item] = claims[names.CONTENT_ITEMS]
    assert item["custom"] == {"assignment": str(assignment_id), "problem": problem}


def test_deep_linking_where_no_line_items_are_accepted(
    assignment_id: int, browser: Browser, platforms: list[ForgingPlatform]
) -> None:
    claims = chosen(browser, platforms[0], [str(assignment_id)], accept_lineitem=False)
    assert all("lineItem" not in item for item in claims[names.CONTENT_ITEMS])


def test_a_student_cannot_choose(assignment_id: int, another: Browser, platforms: list[ForgingPlatform]) -> None:
    assert assignment_id
    request = linking() | {"sub": "student-5", names.ROLES: [LEARNER]}
    assert reason(another.whole(platforms[0], **request).text) == "link-not-set"
