"""Pages inside a learning platform's frame: a session cookie of their own, and who may frame us."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Flask, Response, g, has_request_context, request, session
from flask.sessions import SecureCookieSessionInterface

FRAME_COOKIE = "grader_frame"
"""Kept apart by the browser for each platform (Partitioned), so that it never meets the cookie of a window."""
FRAMES = "frames"
MOST_FRAMES = 10


class FramedSessions(SecureCookieSessionInterface):
    """Flask's signed sessions, in a cookie that a frame of another site can keep where one was launched there."""

    def get_cookie_name(self, app: Flask) -> str:
        """The frame's cookie within a frame, the usual one elsewhere."""
        return FRAME_COOKIE if is_framed() else super().get_cookie_name(app)

    def get_cookie_samesite(self, app: Flask) -> str | None:
        """A frame's cookie must be sent in a frame of another site."""
        return "None" if is_framed() else super().get_cookie_samesite(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Browsers take a frame's cookie over TLS only (and on the machine itself)."""
        return True if is_framed() else super().get_cookie_secure(app)

    def get_cookie_partitioned(self, app: Flask) -> bool:
        """One for each platform."""
        return is_framed() or super().get_cookie_partitioned(app)


def is_framed() -> bool:
    """Whether this request belongs to a session in a frame."""
    if not has_request_context():
        return False
    return bool(g.get("framed", FRAME_COOKIE in request.cookies))


def is_in_frame() -> bool:
    """Whether the browser shows what it asks for now in a frame."""
    return request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame")


def begin_framed() -> None:
    """The session that begins now is one in a frame."""
    g.framed = True


def may_frame(addresses: Iterable[str]) -> None:
    """Let these addresses' sites frame the pages of this session."""
    session[FRAMES] = sorted({origin for address in addresses if (origin := origin_of(address))})[:MOST_FRAMES]


def allow_frames(response: Response, origins: Iterable[str]) -> Response:
    """Let these sites, and no others, show the reply in a frame."""
    policy = response.headers.get("Content-Security-Policy", "")
    allowed = " ".join(("'self'", *origins))
    response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", f"frame-ancestors {allowed}")
    response.headers.pop("X-Frame-Options", None)
    response.headers.pop("Cross-Origin-Opener-Policy", None)
    return response


def add_frames(response: Response) -> Response:
    """Pages of a session in a frame may be framed by the platform that it came from."""
    if "form_target" in g:
        policy = response.headers.get("Content-Security-Policy", "")
        allowed = policy.replace("form-action 'self'", f"form-action 'self' {g.form_target}")
        response.headers["Content-Security-Policy"] = allowed
    origins = g.get(FRAMES) or (session.get(FRAMES) if is_framed() else None)
    return allow_frames(response, origins) if origins else response


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, "" where it has none."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
        return (
            f"{parts.scheme}://{parts.hostname}{port}" if parts.scheme in ("http", "https") and parts.hostname else ""
        )
    except ValueError:
        return ""
