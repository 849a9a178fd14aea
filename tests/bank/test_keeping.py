"""A kept variant is read strictly: the very same, or nothing. The whole bank is read back in tests/problems."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from grader.bank.keeping import VARIANT, NotKept, pack, unpack
from grader.bank.loading import load_problem
from grader.bank.variant import Variant
from grader.bank.variants import make_variant
from grader.grading import grade
from tests.bank.samples import SOUND

MADE = make_variant(load_problem(SOUND, "sample.yaml"), 7)
RESPONSES = {"derivative": "12x + 4", "slope": "6*1 + 3 + 0", "shape": "convex"}


def packed(data: Any) -> bytes:
    return zlib.compress(json.dumps(data).encode())


def with_settings(settings: dict[str, Any]) -> Variant:
    return replace(MADE, parts=(replace(MADE.parts[0], settings=settings),))


def test_the_same_is_judged_from_what_was_kept() -> None:
    read = unpack(pack(MADE))
    assert read == MADE
    assert grade(read, RESPONSES) == grade(MADE, RESPONSES)
    assert pack(read) == pack(MADE)


def test_exact_numbers_stay_exact() -> None:
    settings = {"tolerance": Decimal("0.10"), "share": Fraction(1, 3), "places": 2, "deep": [{"on": True}, None, 0.5]}
    read = unpack(pack(with_settings(settings))).parts[0].settings
    assert repr(read) == repr(settings)


@pytest.mark.parametrize("value", [{"#decimal": "1"}, (1, 2), object(), float("nan"), {1: 2}])
def test_what_cannot_be_read_again_is_not_kept(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - NotKept, and what JSON says of a number that is none
        pack(with_settings({"odd": value}))


@pytest.mark.parametrize("data", [b"", b"nothing", packed([]), packed("x"), pack(MADE)[:-5], pack(MADE) + b"x"])
def test_bytes_that_are_no_variant_are_refused(data: bytes) -> None:
    with pytest.raises(NotKept):
        unpack(data)


def test_nothing_but_the_form_is_taken() -> None:
    """Each place in turn holds something else: that is another variant, or refused, and never another error."""
    whole = VARIANT.write(MADE)
    refused = 0
    for path in list(places(whole))[:400]:
        for other in (None, 7, "x", [], {}, [["x"], 1]):
            try:
                assert unpack(packed(with_other(whole, path, other))) is not None
            except NotKept:
                refused += 1
    assert refused > 1000


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, entry in entries:
        yield from places(entry, (*path, key))


def with_other(data: Any, path: tuple[Any, ...], other: Any) -> Any:
    changed = deepcopy(data)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = other
    return changed
