"""Headers: of every reply, what a browser may load and must not guess; of a request, who asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Response, request
from werkzeug.sansio.utils import host_is_trusted

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
"""By these the machine itself asks whether the server lives; nobody is led astray by them."""
YEAR = 31_536_000  # seconds
HOUR = 3600


class OwnHosts:
    """Refuses requests that name another host than ours: links in our pages are made from that name."""

    def __init__(self, inner: WSGIApplication, public_url: str) -> None:
        self._inner = inner
        self._names = [str(urlsplit(public_url).hostname), *OWN_NAMES]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The reply of the application, or 400 before it is asked anything."""
        if host_is_trusted(environ.get("HTTP_HOST"), self._names):
            return self._inner(environ, start_response)
        refusal = Response("This server is not reached under that name.\n", 400, HEADERS, content_type="text/plain")
        return refusal(environ, start_response)


def add_headers(response: Response) -> Response:
    """Security headers; a page is asked for anew each time, what never changes is kept."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    if request.endpoint == "static":
        keeps_for_good = "v" in request.args or "/fonts/" in request.path or "/built/assets/" in request.path
        age = f"max-age={YEAR}, immutable" if keeps_for_good else f"max-age={HOUR}"
        response.headers["Cache-Control"] = f"public, {age}"
    else:
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def is_script() -> bool:
    """Whether the page's own script asks, by what it accepts, not a browser for a page."""
    return request.accept_mimetypes.best == "application/json"
