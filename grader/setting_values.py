"""What the texts of settings mean: each reader gives the value, or raises ValueError with a sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

MIN_SECRET_LENGTH = 32


def plain(text: str) -> str:
    """Any text."""
    return text


def database(text: str) -> str:
    """A URL of SQLite or PostgreSQL."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        message = "It must be a URL, sqlite:///path/to/file or postgresql://user@host/name."
        raise ValueError(message) from None
    if url.get_backend_name() not in ("sqlite", "postgres", "postgresql"):
        message = "It must begin with sqlite:/// or postgresql://."
        raise ValueError(message)
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        message = "An SQLite database must be a file, sqlite:///path/to/file."
        raise ValueError(message)
    return text


def secret(text: str) -> str:
    """A long secret."""
    if text and len(text) < MIN_SECRET_LENGTH:
        message = f"It must have at least {MIN_SECRET_LENGTH} characters."
        raise ValueError(message)
    return text


def address(text: str) -> str:
    """Where people reach the server: scheme and host, no path."""
    message = "It must be https://host or https://host:port (http:// to try it out), without a path."
    try:
        parts = urlsplit(text)
        is_good = parts.port != 0 and parts.hostname is not None
    except ValueError:
        raise ValueError(message) from None
    if not text:
        return text
    if not is_good or parts.scheme not in {"http", "https"} or text != f"{parts.scheme}://{parts.netloc}":
        raise ValueError(message)
    if "@" in parts.netloc or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(message)
    return text.lower()


def paths(text: str) -> tuple[Path, ...]:
    """Folders or files, parted as in PATH."""
    return tuple(Path(part) for part in text.split(os.pathsep) if part)


def broker(text: str) -> str:
    """A URL of Redis or RabbitMQ, or nothing."""
    if text and not text.startswith(("redis://", "rediss://", "amqp://", "amqps://")):
        message = "It must begin with redis://, rediss://, amqp:// or amqps://, or be empty."
        raise ValueError(message)
    return text


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def read(text: str) -> int:
        message = f"It must be a whole number from {low} to {high}."
        if not text.isascii() or not text.isdigit() or not low <= int(text[:12]) <= high:
            raise ValueError(message)
        return int(text)

    return read


def seconds(most: int = 600) -> Callable[[str], float]:
    """A time that is neither nothing nor for ever."""

    def read(text: str) -> float:
        message = f"It must be a number of seconds from 0.1 to {most}."
        try:
            found = float(text)
        except ValueError:
            raise ValueError(message) from None
        if not 0.1 <= found <= most:
            raise ValueError(message)
        return found

    return read


def endpoint(text: str) -> str:
    """The address of another service, or nothing."""
    message = "It must be https://host/path (http:// to try it out), without a password or a query."
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError(message) from None
    if not text:
        return text
    if not is_good or "@" in parts.netloc or parts.query or parts.fragment or not text.isascii() or " " in text:
        raise ValueError(message)
    return text.rstrip("/")


def yes_no(text: str) -> bool:
    """Yes or no in the usual words."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.lower() not in words:
        message = "It must be yes or no."
        raise ValueError(message)
    return words[text.lower()]


def level(text: str) -> str:
    """How much is logged."""
    if text.lower() not in ("debug", "info", "warning", "error"):
        message = "It must be debug, info, warning or error."
        raise ValueError(message)
    return text.lower()


def readers(text: str) -> str:
    """Who may read the metrics."""
    if text.lower() not in ("off", "loopback", "token"):
        message = "It must be off, loopback or token."
        raise ValueError(message)
    return text.lower()
