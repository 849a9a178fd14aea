"""What two requests at once must not do, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.lti.conftest import HOME, Browser
from tests.lti.forging import ForgingPlatform
from tests.lti.test_refused import reason

LAUNCH = f"{HOME}lti/launch"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_of_two_replays_at_once_exactly_one_wins(browser: Browser, platforms: list[ForgingPlatform]) -> None:
    given = browser.begun(platforms[0])
    token = platforms[0].sign(platforms[0].claims(browser.clock(), given["nonce"], LAUNCH))
    kept = [f"{cookie.key}={cookie.value}" for cookie in browser.client._cookies.values()]

    def replay(_: int) -> str:
        client = browser.client.application.test_client(use_cookies=False)
        data = {"id_token": token, "state": given["state"]}
        return reason(client.post("/lti/launch", data=data, headers={"Cookie": "; ".join(kept)}).text)

    with ThreadPoolExecutor(6) as pool:
        reasons = list(pool.map(replay, range(6)))
    assert sorted(reasons) == ["course-not-set-up", *["state-unknown"] * 5]
