"""The log: one JSON object a line, with the request that it belongs to and without secrets.

What people are called, and what they type, is nowhere written into it: lines name rows by their numbers.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

Event = MutableMapping[str, Any]

HIDDEN = "(hidden)"
SECRET_NAMES = re.compile(r"password|passwd|secret|token|authorization|cookie|api_?key", re.IGNORECASE)
SECRET_TEXTS = (
    (re.compile(r"(://[^\s:/@]*:)[^\s@/]+(@)"), r"\1***\2"),  # the password in a URL
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 ***"),
    (re.compile(r"(?i)\b(password|secret|token)=[^\s&]+"), r"\1=***"),
)
LOUD = {"httpx": logging.WARNING, "httpcore": logging.WARNING, "celery": logging.WARNING, "kombu": logging.WARNING}
"""Libraries that say at every step what they do, the addresses that they ask included."""


def configure(level: str, *, for_person: bool | None = None) -> None:
    """Send the log to standard error: JSON, or lines for a person where one looks at a terminal."""
    readable = sys.stderr.isatty() if for_person is None else for_person
    last: Any = structlog.dev.ConsoleRenderer(colors=False) if readable else structlog.processors.JSONRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(["method", "route", "status", "milliseconds"]),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            without_secrets,
            last,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name, least in LOUD.items():
        logging.getLogger(name).setLevel(max(least, root.level))


def without_secrets(_logger: Any, _method: str, event: Event) -> Event:
    """The line with everything hidden that lets somebody in."""
    for name, value in event.items():
        if SECRET_NAMES.search(name):
            event[name] = HIDDEN
        elif isinstance(value, str):
            event[name] = _scrubbed(value)
    return event


def _scrubbed(text: str) -> str:
    for pattern, instead in SECRET_TEXTS:
        text = pattern.sub(instead, text)
    return text
