"""How often something may be asked for."""

from __future__ import annotations

from typing import Any

import redis  # noqa: F401 - here, before there are threads: the limiter does not wait for one that is half way through
from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from grader.web.auth import current_user
from grader.web.state import KEY

LOGINS = "20 per minute; 200 per hour"
LOGINS_OF_ADDRESS = "LOGINS_OF_ADDRESS"
MOST_OF_ADDRESS = "120 per minute"  # a classroom may share one address, a flood of names may not


def register_limits(app: Flask) -> None:
    """Limit the tries to log in, to join by a link, or to change a password.

    The counts are shared by all servers where the broker is Redis; else, and while it is away, each has its own.
    """
    url = app.extensions[KEY].config.broker_url
    is_shared = url.startswith(("redis://", "rediss://"))
    limiter = Limiter(
        key_func=caller,
        app=app,
        storage_uri=url if is_shared else "memory://",
        storage_options={"socket_connect_timeout": 1, "socket_timeout": 1} if is_shared else {},
        in_memory_fallback_enabled=is_shared,
        key_prefix="grader",
    )
    by_name: Any = limiter.limit(LOGINS)(app.view_functions["sessions.log_in"])
    app.config.setdefault(LOGINS_OF_ADDRESS, MOST_OF_ADDRESS)
    limited: Any = limiter.limit(lambda: app.config[LOGINS_OF_ADDRESS], key_func=get_remote_address)(by_name)
    app.view_functions["sessions.log_in"] = limited
    joining: Any = limiter.limit(lambda: app.config[LOGINS_OF_ADDRESS], key_func=get_remote_address)
    app.view_functions["invitations.join_as_new"] = joining(app.view_functions["invitations.join_as_new"])
    guarded: Any = limiter.limit(LOGINS, key_func=person)(app.view_functions["settings.change_password"])
    app.view_functions["settings.change_password"] = guarded


def person() -> str:
    """The person who is logged in: whoever finds a machine unlocked may not guess the password at leisure."""
    user = current_user()
    return f"person {user.id}" if user else get_remote_address()


def caller() -> str:
    """The caller's address with the log-in name that is tried: a classroom may share one address."""
    return f"{get_remote_address()} {request.form.get('login', '').strip()[:200].lower()}"
