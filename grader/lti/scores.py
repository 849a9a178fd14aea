"""Scores and line items of a platform's gradebook: Assignment and Grade Services 2.0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import httpx

from grader.errors import PlatformFailed, PlatformSilent
from grader.lti.calling import call, pages

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
PLACES = 6
LONGEST_LABEL = 100  # of a column's name in Open edX
CONFLICT = 409
HAS_LATER = ("later timestamp", "later point in time", "already exists for the provided timestamp")
"""How platforms say in words that they have this score, or a later one; the last two are those of Open edX."""
PASSING = frozenset({0, 401, 408, 425, 429})
"""Refusals that may pass; 401 because a new token was asked for already, and its grant may come with a new key."""
SERVER_TROUBLE = 500


@dataclass(frozen=True, slots=True)
class LineItem:
    """A column of the gradebook; `url` is "" for one that is to be made."""

    label: str
    maximum: Fraction
    resource_id: str = ""
    resource_link: str = ""
    tag: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A grade for one person; `given` None: nothing is graded, only how far they have come."""

    user: str
    given: Fraction | None
    maximum: Fraction
    timestamp: datetime
    completed: bool = True
    pending: bool = False
    comment: str = ""


class Delivery(StrEnum):
    """What became of a score."""

    SENT = "sent"
    SUPERSEDED = "superseded"  # the platform has a later one
    LATER = "later"  # too many requests, or the platform is in trouble
    REFUSED = "refused"  # asking again will not help


@dataclass(frozen=True, slots=True)
class Delivered:
    """The outcome with the platform's words; `wait` is in seconds where the platform says how long.

    `is_silent`: the platform did not answer at all.
    """

    outcome: Delivery
    reason: str = ""
    wait: float | None = None
    is_silent: bool = False


def send_score(client: httpx.Client, token: str, line_item: str, score: Score) -> Delivered:
    """Send one score, and say what came of it; PlatformFailed where it was not taken, with the platform's status."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": SCORE}
    reply = call(client, "POST", below(line_item, "scores"), headers=headers, json=score_to_json(score))
    if reply.is_good:
        return Delivered(Delivery.SENT)
    if reply.status == CONFLICT or any(words in reply.text.lower() for words in HAS_LATER):
        return Delivered(Delivery.SUPERSEDED, reply.words)
    raise PlatformFailed(reply.words, reply.status, reply.wait)


def delivered_of(failed: PlatformFailed) -> Delivered:
    """What to do after a failure: ask again, unless the platform has refused for good."""
    may_pass = failed.status in PASSING or failed.status >= SERVER_TROUBLE
    return Delivered(
        Delivery.LATER if may_pass else Delivery.REFUSED, str(failed), failed.wait, isinstance(failed, PlatformSilent)
    )


def score_to_json(score: Score) -> Mapping[str, Any]:
    """The score as it goes over the wire; zero is a grade, and no grade leaves it out."""
    data: dict[str, Any] = {
        "userId": score.user,
        "timestamp": score.timestamp.isoformat(timespec="microseconds"),
        "activityProgress": "Completed" if score.completed else "InProgress",
        "gradingProgress": "PendingManual" if score.pending else "FullyGraded",
    }
    if score.given is None:
        data["gradingProgress"] = "NotReady"
    else:
        data |= {"scoreGiven": _number(score.given), "scoreMaximum": _number(score.maximum)}
    if score.comment:
        data["comment"] = score.comment
    return data


def find_line_item(client: httpx.Client, token: str, line_items: str, wanted: LineItem) -> LineItem | None:
    """The column for our resource (and link), if there is one."""
    query = {"resource_id": wanted.resource_id} | (
        {"resource_link_id": wanted.resource_link} if wanted.resource_link else {}
    )
    for item in _listed(client, token, with_query(line_items, query), LINE_ITEMS):
        found = line_item_of(item)
        if found is not None and found.resource_id == wanted.resource_id and found.tag == wanted.tag:
            return found
    return None


def create_line_item(client: httpx.Client, token: str, line_items: str, wanted: LineItem) -> LineItem:
    """A new column; PlatformFailed where the platform makes none.

    Its maximum is a whole number, as Open edX wants it: each score says its own maximum, and is scaled by the platform.
    """
    body: dict[str, Any] = {"label": wanted.label[:LONGEST_LABEL], "scoreMaximum": ceil(wanted.maximum)}
    given = {"resourceId": wanted.resource_id, "resourceLinkId": wanted.resource_link, "tag": wanted.tag}
    body |= {name: value for name, value in given.items() if value}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": LINE_ITEM, "Accept": LINE_ITEM}
    reply = call(client, "POST", line_items, headers=headers, json=body)
    if not reply.is_good:
        raise reply.failed(f"The platform makes no column for {wanted.label}")
    made = line_item_of(reply.data)
    if made is None:
        raise PlatformFailed(f"The platform does not say which column it made for {wanted.label}.")
    return made


def read_results(client: httpx.Client, token: str, line_item: str) -> Mapping[str, Fraction | None]:
    """What the gradebook shows, as a share of the maximum, by the platform's id of the person."""
    found: dict[str, Fraction | None] = {}
    for entry in _listed(client, token, below(line_item, "results"), RESULTS):
        user = entry.get("userId") if isinstance(entry, dict) else None
        if isinstance(user, str):
            found[user] = _share(entry.get("resultScore"), entry.get("resultMaximum", 1))
    return found


def below(address: str, name: str) -> str:
    """The address with one more step in its path, before the query.

    >>> below("https://lms.example/items/7?type=lti", "scores")
    'https://lms.example/items/7/scores?type=lti'
    """
    parts = urlsplit(address)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def with_query(address: str, values: Mapping[str, str]) -> str:
    """The address with more in its query."""
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, urlencode(values)) if part)
    return urlunsplit(parts._replace(query=query))


def line_item_of(data: Any) -> LineItem | None:
    """A line item from its JSON, None where it is none."""
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        return None
    maximum = _fraction(data.get("scoreMaximum"))
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    return LineItem(
        label=texts.get("label", ""),
        maximum=Fraction(1) if maximum is None else maximum,
        resource_id=texts.get("resourceId", ""),
        resource_link=texts.get("resourceLinkId", ""),
        tag=texts.get("tag", ""),
        url=texts["id"],
    )


def _listed(client: httpx.Client, token: str, url: str, kind: str) -> Iterator[Any]:
    """All entries of a list over its pages."""
    for page in pages(client, url, {"Authorization": f"Bearer {token}", "Accept": kind}):
        yield from page if isinstance(page, list) else ()


def _share(score: Any, maximum: Any) -> Fraction | None:
    given, most = _fraction(score), _fraction(maximum)
    return None if given is None or not most else given / most


def _fraction(value: Any) -> Fraction | None:
    """A number of a platform's JSON; NaN and infinities are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return Fraction(value).limit_denominator(10**9)
    except (ValueError, OverflowError):
        return None


def _number(value: Fraction) -> int | float:
    """A number as JSON has it."""
    return int(value) if value.denominator == 1 else round(float(value), PLACES)
