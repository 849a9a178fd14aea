"""In which language and time zone a page is for whoever asks for it."""

from __future__ import annotations

from datetime import tzinfo

from babel.dates import get_timezone
from flask import has_request_context, request
from flask_babel import get_locale

from grader.bank.wording import ENGLISH, LANGUAGES
from grader.services.preferences import time_zones
from grader.web.auth import current_preferences

ZONE_COOKIE = "time_zone"
"""Set by the script of the pages to the zone of the browser."""


def wished_language() -> str:
    """The language of the query, or that of the person's settings, or else the one that the browser asks for."""
    if not has_request_context():
        return ENGLISH
    given = request.args.get("language", "")
    if given in LANGUAGES:
        return given
    mine = current_preferences()
    chosen = mine.language if mine else None
    if chosen is not None and chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(LANGUAGES)) or ENGLISH


def page_language() -> str:
    """The language that the page is written in; English outside of a page."""
    found = get_locale() if has_request_context() else None
    return str(found.language) if found is not None and found.language in LANGUAGES else ENGLISH


def wished_zone() -> str | None:
    """The time zone of the person's settings, or else that of the browser; None where neither is known."""
    if not has_request_context():
        return None
    mine = current_preferences()
    if mine is not None and mine.time_zone is not None:
        return mine.time_zone
    return browser_zone() or None


def page_zone() -> tzinfo | None:
    """The time zone of the page; None, which means UTC, where none is known or its rules are not."""
    name = wished_zone()
    try:
        return get_timezone(name) if name else None
    except LookupError:
        return None


def browser_zone() -> str:
    """The zone that the browser names, "" where it names none that there is."""
    named = request.cookies.get(ZONE_COOKIE, "").replace("%2F", "/")
    return named if named in time_zones() else ""
