"""The real services that tests talk to: used where they are found, demanded where GRADER_REQUIRE names them."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import psycopg
import pytest

POSTGRES_URL = os.environ.get("GRADER_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1/postgres")
REDIS_URL = os.environ.get("GRADER_TEST_REDIS_URL", "redis://127.0.0.1:6379")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def missing(service: str, reason: str) -> NoReturn:
    """Skip the test for want of a service, or fail it where GRADER_REQUIRE names the service."""
    if service in os.environ.get("GRADER_REQUIRE", "").split(","):
        pytest.fail(f"{service} is required and missing: {reason}")
    pytest.skip(f"no {service}: {reason}")


def chromium() -> str:
    """The path of a Chromium."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    missing("chromium", f"none of {', '.join(BROWSERS)} is installed")


def postgres() -> str:
    """The URL of a PostgreSQL in which databases can be made."""
    try:
        psycopg.connect(POSTGRES_URL.replace("+psycopg", ""), connect_timeout=3).close()
    except psycopg.OperationalError as error:
        missing("postgres", str(error).splitlines()[0])
    return POSTGRES_URL
