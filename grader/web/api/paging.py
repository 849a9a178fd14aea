"""Pages of a list by an opaque cursor, with the address of the next one in the Link header."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from flask import request

from grader.web.api.bodies import Fault, UnfitRequest
from grader.web.api.schemas import Paging

T = TypeVar("T")


def page(items: Sequence[T], query: Paging, key: Callable[[T], str | int]) -> tuple[list[T], dict[str, str]]:
    """The items of the page and the headers that lead to the next."""
    start = 0 if query.cursor is None else _start(items, query.cursor, key)
    shown = list(items[start : start + query.limit])
    end = start + len(shown)
    if not shown or end >= len(items):
        return shown, {}
    cursor = urlsafe_b64encode(json.dumps([end, key(shown[-1])]).encode()).decode().rstrip("=")
    address = f"{request.base_url}?{urlencode({**request.args.to_dict(), 'cursor': cursor})}"
    return shown, {"Link": f'<{address}>; rel="next"'}


def _start(items: Sequence[T], cursor: str, key: Callable[[T], str | int]) -> int:
    """Where to go on: after the last item seen, or at its former place when it is gone."""
    place, last = _read(cursor)
    return next((number + 1 for number, item in enumerate(items) if key(item) == last), place)


def _read(cursor: str) -> tuple[int, str | int]:
    """What a cursor of ours holds."""
    try:
        place, last = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (Error, ValueError, TypeError, RecursionError):
        place, last = None, None
    if type(place) is not int or place < 0 or not isinstance(last, str | int):
        message = "This cursor does not come from a Link header of this list. Begin again without it."
        raise UnfitRequest(message, "", (Fault(message, parameter="cursor"),))
    return place, last
