"""How often something may be asked for."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

LOGINS = "20 per minute; 200 per hour"
LOGINS_OF_ADDRESS = "120 per minute"  # a classroom may share one address, a flood of names may not


def register_limits(app: Flask) -> None:
    """Limit the tries to log in; the counts live in this process."""
    limiter = Limiter(key_func=caller, app=app, storage_uri="memory://")
    by_name: Any = limiter.limit(LOGINS)(app.view_functions["sessions.log_in"])
    limited: Any = limiter.limit(LOGINS_OF_ADDRESS, key_func=get_remote_address)(by_name)
    app.view_functions["sessions.log_in"] = limited


def caller() -> str:
    """The caller's address with the log-in name that is tried: a classroom may share one address."""
    return f"{get_remote_address()} {request.form.get('login', '').strip()[:200].lower()}"
