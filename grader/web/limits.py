"""How often something may be asked for."""

from __future__ import annotations

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

LOGINS = "20 per minute; 200 per hour"


def caller() -> str:
    """The address of the caller and, where one is given, the log-in name, so that a classroom behind one address fits."""
    return f"{get_remote_address()} {request.form.get('login', '')[:200].strip().lower()}"


LIMITER = Limiter(key_func=caller, storage_uri="memory://")
