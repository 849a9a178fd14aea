"""Headers on every reply: what a browser may load, and what it must not guess."""

from __future__ import annotations

from flask import Response, request

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
YEAR = 31_536_000  # seconds
HOUR = 3600


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
