"""How often something may be asked for."""

from __future__ import annotations

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

LOGINS = "20 per minute; 200 per hour"


def caller() -> str:
    """The caller's address with the log-in name that is tried: a classroom may share one address."""
    return f"{get_remote_address()} {request.form.get('login', '')[:200].strip().lower()}"


LIMITER = Limiter(key_func=caller, storage_uri="memory://")
