"""Routes that are to go: since when, until when at least, and where one reads what takes their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Response
from werkzeug.http import http_date


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A route is to go: `since` and `until` with their time zone, `read` an address."""

    since: datetime
    until: datetime
    read: str


DEPRECATED: Mapping[str, Deprecation] = {}
"""By the name of the route's handler."""


def announce(response: Response, found: Deprecation) -> Response:
    """Say in the headers of RFC 9745 and RFC 8594 that the route is to go."""
    response.headers["Deprecation"] = f"@{int(found.since.timestamp())}"
    response.headers["Sunset"] = http_date(found.until)
    response.headers.add("Link", f'<{found.read}>; rel="deprecation"; type="text/html"')
    return response
