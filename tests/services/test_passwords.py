"""Which passwords people may choose, and what guessing them costs."""

from __future__ import annotations

import pytest

from grader.errors import InvalidRequest
from grader.services.passwords import require_good
from tests.conftest import HASHER_IN_EARNEST

OWN = ("noether@example.org", "Emmy Noether")


@pytest.mark.parametrize(
    "password",
    [
        "eleven char",
        "a" + " " * 20 + "b",  # spaces count once
        "x" * 201,
        "passwordpassword",
        "P@ssw0rd2026!",
        "p4$$w0rd-123456",
        "123456789012",
        "zyxwvutsrqponm",
        "qwertzuiop1234",
        "aaaaaaaaaaaaaaa",
        "abababababababab",
        "Summer-Summer-99",
        "iloveyou iloveyou",
        "emmy.noether.1882",
        "noether@example.org",
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        require_good(password, *OWN)
    assert caught.value.field == "password"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "twelve chars",
        "invariants and rings",
        "830194726531",  # digits, but in no order
        "Emmy likes ideals",
        "über den Wolken",
        "定理と証明について考える",
        "x9$Kq!27vLp0",
        " " * 5 + "gradient descent" + " " * 5,
    ],
)
def test_others_are_taken(password: str) -> None:
    require_good(password, *OWN)


def test_guessing_passwords_is_costly() -> None:
    """The second choice of RFC 9106, section 4: three passes over 64 MiB."""
    assert (HASHER_IN_EARNEST.time_cost, HASHER_IN_EARNEST.memory_cost) >= (3, 64 * 1024)
