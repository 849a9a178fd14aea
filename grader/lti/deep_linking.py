"""What an instructor has chosen, sent back to the platform: Deep Linking 2.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

from grader.lti import claims as names
from grader.lti.messages import Launch
from grader.lti.own_keys import OwnKey, seconds, signed

LIFE = timedelta(minutes=5)
LINK = "ltiResourceLink"


@dataclass(frozen=True, slots=True)
class ChosenLink:
    """A link to one of our assignments or problems, with its column in the gradebook where it has one."""

    title: str
    url: str
    custom: Mapping[str, str] = field(default_factory=dict)
    resource_id: str = ""
    maximum: Fraction | None = None


def response(launch: Launch, links: Sequence[ChosenLink], key: OwnKey, now: datetime) -> str:
    """The signed message that the browser posts to the platform's return address."""
    settings = launch.deep_linking
    items = [_item(link, with_line_item=settings is None or settings.line_items) for link in links]
    claims: dict[str, Any] = {
        "iss": launch.platform.client_id,
        "aud": [launch.platform.issuer],
        "iat": seconds(now),
        "exp": seconds(now + LIFE),
        "nonce": str(uuid4()),
        names.MESSAGE_TYPE: names.DEEP_LINKING_RESPONSE,
        names.VERSION: names.SUPPORTED_VERSION,
        names.DEPLOYMENT_ID: launch.deployment,
        names.CONTENT_ITEMS: items,
    }
    if settings is not None and settings.data is not None:
        claims[names.DATA] = settings.data
    return signed(claims, key)


def _item(link: ChosenLink, *, with_line_item: bool) -> Mapping[str, Any]:
    item: dict[str, Any] = {"type": LINK, "title": link.title, "url": link.url}
    if link.custom:
        item["custom"] = dict(link.custom)
    if with_line_item and link.maximum is not None and link.maximum > 0:
        item["lineItem"] = {
            "label": link.title,
            "scoreMaximum": float(link.maximum),
            "resourceId": link.resource_id,
        }
    return item
