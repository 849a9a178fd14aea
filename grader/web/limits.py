"""How often something may be asked for."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

LOGINS = "20 per minute; 200 per hour"


def register_limits(app: Flask) -> None:
    """Limit the tries to log in; the counts live in this process."""
    limiter = Limiter(key_func=caller, app=app, storage_uri="memory://")
    limited: Any = limiter.limit(LOGINS)(app.view_functions["sessions.log_in"])
    app.view_functions["sessions.log_in"] = limited


def caller() -> str:
    """The caller's address with the log-in name that is tried: a classroom may share one address."""
    return f"{get_remote_address()} {request.form.get('login', '')[:200].strip().lower()}"
