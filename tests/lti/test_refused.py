"""Launches that must be refused, each by its name and with its reason."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from sqlalchemy.orm import Session

from grader.errors import LaunchRefused, PlatformFailed
from grader.lti import claims as names
from grader.lti.messages import Platform
from grader.services import lti_launches, lti_platforms
from grader.services.access import Actor
from grader.services.lti_keys import FAILURE_PAUSE, KeyFetcher
from grader.services.lti_launches import Returned
from tests.factories import SteadyClock
from tests.lti.conftest import HOME, Browser
from tests.lti.forging import KEY, OTHER_KEY, ForgingPlatform, make_key, pairs_of

LAUNCH = f"{HOME}lti/launch"
DAY = 86_400
Forge = Callable[[ForgingPlatform, dict[str, Any]], str]


def reason(page: str) -> str:
    return page.partition("<code>")[2].partition("</code>")[0]


def changed(**changes: Any) -> Forge:
    """A token whose claims are changed; None leaves one out."""
    return lambda platform, claims: platform.sign({k: v for k, v in (claims | changes).items() if v is not None})


def without(name: str) -> Forge:
    return lambda platform, claims: platform.sign({k: v for k, v in claims.items() if k != name})


def headed(**header: Any) -> Forge:
    return lambda platform, claims: platform.sign(claims, header)


def swap_payload(platform: ForgingPlatform, claims: dict[str, Any]) -> str:
    head, _, signature = platform.sign(claims).split(".")
    payload = platform.sign(claims | {"sub": "somebody-else"}).split(".")[1]
    return f"{head}.{payload}.{signature}"


def issued(seconds: int) -> Forge:
    return lambda platform, claims: platform.sign(claims | {"iat": claims["iat"] + seconds, "exp": claims["exp"] + DAY})


REFUSED: dict[str, tuple[Forge, str]] = {
    "no kid": (headed(kid=None), "key-id-missing"),
    "unknown kid": (headed(kid="nobody-knows"), "key-unknown"),
    "wrong kid": (lambda platform, claims: platform.sign(claims, {"kid": OTHER_KEY.kid}), "key-unknown"),
    "wrong key": (lambda platform, claims: platform.sign(claims, {"kid": KEY.kid}, OTHER_KEY), "signature"),
    "changed payload": (swap_payload, "signature"),
    "alg none": (ForgingPlatform.unsigned, "algorithm"),
    "no signature": (lambda platform, claims: platform.sign(claims).rpartition(".")[0] + ".", "signature"),
    "HS256 with the public key": (ForgingPlatform.sign_with_public_key_as_secret, "algorithm"),
    "RS384": (headed(alg="RS384"), "algorithm"),
    "PS256": (headed(alg="PS256"), "algorithm"),
    "key in the header": (
        lambda platform, claims: platform.sign(
            claims, {"jwk": OTHER_KEY.as_dict(private=False), "kid": OTHER_KEY.kid}, OTHER_KEY
        ),
        "key-in-header",
    ),
    "address of keys in the header": (headed(jku="https://evil.example/keys"), "key-in-header"),
    "not a JWT": (lambda *_: "not.a-token", "not-a-token"),
    "three parts that are no JWT": (lambda *_: "a.b.c", "not-a-token"),
    "nothing": (lambda *_: "", "not-a-token"),
    "RS512": (headed(alg="RS512"), "algorithm"),
    "wrong version": (changed(**{names.VERSION: "1.1"}), "version"),
    "no version": (without(names.VERSION), "version"),
    "no message type": (without(names.MESSAGE_TYPE), "message-type"),
    "no deployment": (without(names.DEPLOYMENT_ID), "deployment"),
    "no resource link": (without(names.RESOURCE_LINK), "resource-link"),
    "resource link without id": (changed(**{names.RESOURCE_LINK: {"title": "x"}}), "resource-link"),
    "no roles": (without(names.ROLES), "roles"),
    "no issuer": (without("iss"), "issuer"),
    "no audience": (without("aud"), "audience"),
    "expired": (lambda p, c: p.sign(c | {"exp": c["iat"] - 120, "iat": c["iat"] - 300}), "expired"),
    "no exp": (without("exp"), "exp-missing"),
    "no iat": (without("iat"), "iat-missing"),
    "exp that is no number": (changed(exp="tomorrow"), "exp-missing"),
    "exp beyond all time": (changed(exp=10**30), "exp-missing"),
    "iat in the future": (issued(3600), "issued-in-future"),
    "iat days old": (issued(-3 * DAY), "issued-too-old"),
    "unknown message type": (changed(**{names.MESSAGE_TYPE: "LtiSubmissionReviewRequest"}), "message-type"),
    "unknown deployment": (changed(**{names.DEPLOYMENT_ID: "deployment-9"}), "deployment"),
    "no sub": (without("sub"), "subject"),
    "sub that is no text": (changed(sub=17), "subject"),
    "target_link_uri missing": (without(names.TARGET_LINK_URI), "target"),
    "target_link_uri differing from the login's": (changed(**{names.TARGET_LINK_URI: f"{HOME}courses/1"}), "target"),
    "target_link_uri foreign": (changed(**{names.TARGET_LINK_URI: "https://evil.example/"}), "target"),
    "issuer that is unknown": (changed(iss="https://unknown.example"), "issuer"),
    "foreign aud": (changed(aud="client-z"), "audience"),
    "aud list with an untrusted extra": (changed(aud=["client-a", "client-z"]), "audience"),
    "foreign azp": (changed(aud=["client-a"], azp="client-z"), "authorized-party"),
    "nonce missing": (without("nonce"), "nonce"),
    "nonce unknown": (changed(nonce="never-given"), "nonce"),
    "claims of the wrong form": (changed(**{names.CONTEXT: ["course-1"]}), "context"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(
    name: str, browser: Browser, platforms: list[ForgingPlatform], caplog: pytest.LogCaptureFixture
) -> None:
    forge, expected = REFUSED[name]
    given = browser.begun(platforms[0])
    token = forge(platforms[0], platforms[0].claims(browser.clock(), given["nonce"], LAUNCH))
    answer = browser.launch(token, given["state"])
    assert (answer.status_code, reason(answer.text)) == (400, expected)
    assert f"launch refused ({expected})" in caplog.text
    assert browser.client.get("/").status_code == 302  # nobody is logged in


def test_the_right_one_is_taken_where_those_are_refused(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    answer = browser.whole(platforms[0])
    assert reason(answer.text) == "course-not-set-up"  # all of the launch was believed


LINKING = {
    "deep linking settings missing": (None, "deep-linking-settings"),
    "no address to return to": ({"accept_types": ["ltiResourceLink"]}, "deep-linking-settings"),
    "no types that are accepted": ({"deep_link_return_url": "https://lms.example/r"}, "deep-linking-settings"),
}


@pytest.mark.parametrize("name", LINKING)
def test_deep_linking_refused(name: str, browser: Browser, platforms: list[ForgingPlatform]) -> None:
    settings, expected = LINKING[name]
    message = {names.MESSAGE_TYPE: names.DEEP_LINKING_REQUEST, names.DEEP_LINKING_SETTINGS: settings}
    assert reason(browser.whole(platforms[0], **message).text) == expected


def test_deployment_of_another_client(
    browser: Browser, platforms: list[ForgingPlatform], session: Session, staff: Actor
) -> None:
    [other] = [one for one in lti_platforms.list_platforms(session, staff) if one.platform.client_id == "client-b"]
    lti_platforms.add_deployment(session, browser.clock, staff, other.platform.id, "deployment-of-b")
    answer = browser.whole(platforms[0], **{names.DEPLOYMENT_ID: "deployment-of-b"})
    assert reason(answer.text) == "deployment"


def test_key_of_issuer_a_for_issuer_b(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    a, _, c = platforms
    c.key, c.published = OTHER_KEY, [OTHER_KEY]
    given = browser.begun(c)
    claims = c.claims(browser.clock(), given["nonce"], LAUNCH)
    assert reason(browser.launch(a.sign(claims), given["state"]).text) == "key-unknown"


def test_nonce_of_another_login(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    first, second = browser.begun(platforms[0]), browser.begun(platforms[0])
    token = platforms[0].sign(platforms[0].claims(browser.clock(), first["nonce"], LAUNCH))
    assert reason(browser.launch(token, second["state"]).text) == "nonce"


def test_exact_replay(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    given = browser.begun(platforms[0])
    token = platforms[0].sign(platforms[0].claims(browser.clock(), given["nonce"], LAUNCH))
    assert reason(browser.launch(token, given["state"]).text) == "course-not-set-up"
    assert reason(browser.launch(token, given["state"]).text) == "state-unknown"


def test_new_token_with_a_used_nonce(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    given = browser.begun(platforms[0])
    claims = platforms[0].claims(browser.clock(), given["nonce"], LAUNCH)
    browser.launch(platforms[0].sign(claims), given["state"])
    again = browser.begun(platforms[0])
    token = platforms[0].sign(claims | {"sub": "student-18"})
    assert reason(browser.launch(token, given["state"]).text) == "state-unknown"
    assert reason(browser.launch(token, again["state"]).text) == "nonce"


def test_state_missing(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    given = browser.begun(platforms[0])
    token = platforms[0].sign(platforms[0].claims(browser.clock(), given["nonce"], LAUNCH))
    assert reason(browser.launch(token, "").text) == "state-missing"


def test_state_unknown(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    given = browser.begun(platforms[0])
    token = platforms[0].sign(platforms[0].claims(browser.clock(), given["nonce"], LAUNCH))
    assert reason(browser.launch(token, "x" * 43).text) == "state-unknown"


def test_state_expired(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    given = browser.begun(platforms[0])
    browser.clock.advance(minutes=11)
    token = platforms[0].sign(platforms[0].claims(browser.clock(), given["nonce"], LAUNCH))
    assert reason(browser.launch(token, given["state"]).text) == "state-unknown"


def test_state_from_another_browser(browser: Browser, another: Browser, platforms: list[ForgingPlatform]) -> None:
    given = browser.begun(platforms[0])
    token = platforms[0].sign(platforms[0].claims(browser.clock(), given["nonce"], LAUNCH))
    assert reason(another.launch(token, given["state"]).text) == "browser"


def test_a_secret_that_another_site_sends_is_not_believed(
    browser: Browser, another: Browser, platforms: list[ForgingPlatform]
) -> None:
    given = browser.begun(platforms[0])
    [cookie] = [one for one in browser.client._cookies.values() if one.key.startswith("grader_lti_")]
    token = platforms[0].sign(platforms[0].claims(browser.clock(), given["nonce"], LAUNCH))
    answer = another.launch(token, given["state"], browser_secret=cookie.value)
    assert reason(answer.text) == "browser"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"iss": None}, "iss-missing"),
        ({"login_hint": None}, "login_hint-missing"),
        ({"target_link_uri": None}, "target_link_uri-missing"),
        ({"target_link_uri": "https://evil.example/"}, "target-foreign"),
        ({"target_link_uri": "http://localhost.evil.example/"}, "target-foreign"),
        ({"target_link_uri": "http://localhost\\@evil.example/"}, "target-foreign"),
        ({"client_id": "nobody"}, "client-unknown"),
        ({"client_id": None}, "client-missing"),
        ({"iss": "https://unknown.example"}, "issuer-unknown"),
        ({"login_hint": "x" * 5000}, "login_hint-too-long"),
    ],
)
def test_log_ins_refused(
    changes: dict[str, str | None], expected: str, browser: Browser, platforms: list[ForgingPlatform]
) -> None:
    answer = browser.log_in(platforms[0], **changes)
    assert (answer.status_code, reason(answer.text)) == (400, expected)


def test_a_platform_that_was_ended(
    browser: Browser, platforms: list[ForgingPlatform], session: Session, staff: Actor
) -> None:
    given = browser.begun(platforms[0])
    [mine] = [one for one in lti_platforms.list_platforms(session, staff) if one.platform.client_id == "client-a"]
    lti_platforms.end_platform(session, browser.clock, staff, mine.platform.id)
    token = platforms[0].sign(platforms[0].claims(browser.clock(), given["nonce"], LAUNCH))
    assert reason(browser.launch(token, given["state"]).text) == "platform-ended"
    assert reason(browser.log_in(platforms[0]).text) == "client-unknown"


def test_no_transaction_is_open_while_a_platform_is_asked_for_its_keys(
    platforms: list[ForgingPlatform], session: Session, clock: SteadyClock, staff: Actor
) -> None:
    assert staff
    platform = platforms[0]
    values = {"iss": platform.issuer, "login_hint": "5", "target_link_uri": LAUNCH, "client_id": platform.client_id}
    begun = lti_launches.begin_login(session, clock, values, HOME, LAUNCH)
    open_ones = []

    def fetch(_platform: Platform) -> dict[str, Any]:
        open_ones.append(session.in_transaction())
        raise PlatformFailed("It is away.")

    token = platform.sign(platform.claims(clock(), pairs_of(begun.url)["nonce"], LAUNCH))
    with pytest.raises(LaunchRefused, match="It is away"):
        lti_launches.finish_login(session, clock, fetch, Returned(token, begun.state, begun.browser_secret))
    assert open_ones == [False]


def test_a_platform_that_has_just_failed_is_left_alone_for_a_while(clock: SteadyClock) -> None:
    asked: list[int] = []
    faults = [PlatformFailed("It is away.")]

    def fetch(platform: Platform) -> dict[str, Any]:
        asked.append(platform.id)
        for fault in faults:
            raise fault
        return {"keys": []}

    fetcher = KeyFetcher(fetch, clock)
    one, two = (Platform(number, "i", "c", "LMS", "a", "t", "k", "") for number in (1, 2))
    for platform in (one, one, one, two):
        with pytest.raises(PlatformFailed):
            fetcher(platform)
    assert asked == [1, 2]
    clock.advance(seconds=FAILURE_PAUSE.total_seconds())
    faults.clear()
    assert fetcher(one) == fetcher(one) == {"keys": []}
    assert asked == [1, 2, 1]


def test_launches_at_once_ask_for_the_keys_once(clock: SteadyClock) -> None:
    asked: list[int] = []

    def fetch(platform: Platform) -> dict[str, Any]:
        asked.append(platform.id)
        sleep(0.2)
        return {"keys": []}

    fetcher, platform = KeyFetcher(fetch, clock), Platform(1, "i", "c", "LMS", "a", "t", "k", "")
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(lambda _: fetcher(platform), range(8)))) == 8
    assert asked == [1]


def test_keys_that_were_rotated_are_fetched_anew(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    platform = platforms[0]
    assert reason(browser.whole(platform).text) == "course-not-set-up"
    assert platform.asked_for_keys == 1
    platform.key = make_key("second")
    platform.published = [platform.key]
    browser.clock.now += timedelta(seconds=5)
    assert reason(browser.whole(platform).text) == "course-not-set-up"
    assert platform.asked_for_keys == 2
    assert reason(browser.whole(platform).text) == "course-not-set-up"
    assert platform.asked_for_keys == 2
