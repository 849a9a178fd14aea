"""The real services that tests talk to: used where they are found, demanded where GRADER_REQUIRE names them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from itertools import count
from typing import NoReturn

import psycopg
import pytest
from celery import Celery
from kombu.exceptions import OperationalError

POSTGRES_URL = os.environ.get("GRADER_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1/postgres")
REDIS_URL = os.environ.get("GRADER_TEST_REDIS_URL", "redis://127.0.0.1:6379")
RABBITMQ_URL = os.environ.get("GRADER_TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672")
# Below the range from which Linux gives ports to outgoing connections: one of those may take a port between its
# choice and the server's start. Each process of a parallel run has a stretch of its own.
PORTS = count(20_000 + 1_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")))
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


def compose() -> tuple[str, ...]:
    """The command that reads compose files, a plugin of docker or a program of its own; it needs no engine for that."""
    for command in (("docker", "compose"), ("docker-compose",)):
        if shutil.which(command[0]) is None:
            continue
        if subprocess.run((*command, "version"), capture_output=True, check=False).returncode == 0:
            return command
    missing("compose", "neither `docker compose` nor `docker-compose` is installed")


def postgres() -> str:
    """The URL of a PostgreSQL in which databases can be made."""
    try:
        psycopg.connect(POSTGRES_URL.replace("+psycopg", ""), connect_timeout=3).close()
    except psycopg.OperationalError as error:
        missing("postgres", str(error).splitlines()[0])
    return POSTGRES_URL


def broker(kind: str) -> str:
    """The URL of a Redis or RabbitMQ."""
    url = {"redis": REDIS_URL, "rabbitmq": RABBITMQ_URL}[kind]
    try:
        with Celery(broker=url, set_as_current=False).connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
    except (OSError, OperationalError) as error:
        missing(kind, str(error))
    return url


def free_port() -> int:
    """A port of this machine on which nobody listens, given once only."""
    while True:
        port = next(PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
