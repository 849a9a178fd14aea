"""Checks of `grader doctor` that need no database: the settings, the disk, the judge, the broker, the files."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import make_url

from grader.bank.loading import load_bank
from grader.checking.verdict import Outcome
from grader.cli.findings import Ailment, Check, fault, warning
from grader.cli.installation import judging_limits
from grader.config import Config
from grader.isolation import GivenUp, Isolation, JudgeStopped, Limits, judge_within
from grader.pairs import Pair
from grader.web.assets import Assets, find_assets

LEAST_KINDS = 10
"""A random secret of 32 characters or more has many more kinds of characters."""
KNOWN_SECRETS = ("change", "secret", "password", "example", "default", "0123456789", "abcdef")
LEAST_FREE = 500 * 2**20
LITTLE_FREE = 0.1
PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}
CONNECT_SECONDS = 3.0
ZONE = "Europe/Berlin"
MEBIBYTE = 2**20


def machine_checks(config: Config) -> tuple[Check, ...]:
    """The checks in the order in which they are made."""
    return (
        Check("secret key", partial(secret_key, config)),
        Check("one machine", partial(one_machine, config)),
        Check("https", partial(https, config)),
        Check("disk", partial(disk, data_folder(config))),
        Check("time zones", partial(time_zones, ZONE)),
        Check("problems", partial(problems, config)),
        Check("browser files", lambda: browser_files(find_assets())),
        Check("judge", partial(judge, judging_limits(config))),
        Check("broker", partial(broker, config.broker_url)),
    )


def data_folder(config: Config) -> Path:
    """Where this machine keeps its data: the folder of the SQLite file, or that of temporary files."""
    url = make_url(config.database_url)
    return Path(url.database or "").parent if url.get_backend_name() == "sqlite" else Path(tempfile.gettempdir())


def secret_key(config: Config) -> Iterator[Ailment]:
    """Log-in cookies are signed with it: whoever guesses it is everybody."""
    key = config.secret_key
    if len(set(key)) < LEAST_KINDS or any(word in key.lower() for word in KNOWN_SECRETS):
        repair = "Set it to random characters, as `openssl rand -hex 32` prints them; all log-ins end by that."
        yield fault("secret key", "GRADER_SECRET_KEY can be guessed.", repair)


def one_machine(config: Config) -> Iterator[Ailment]:
    """An SQLite file cannot be shared by machines."""
    if config.broker_url and make_url(config.database_url).get_backend_name() == "sqlite":
        message = "GRADER_BROKER_URL is for workers on other machines, and the database is an SQLite file."
        yield fault("one machine", message, "Set GRADER_DATABASE_URL to a PostgreSQL database, or no broker.")


def https(config: Config) -> Iterator[Ailment]:
    """Passwords and cookies that cross a network in the clear."""
    is_secure = config.public_url.startswith("https://")
    if config.public_url and not is_secure and not _is_own(str(urlsplit(config.public_url).hostname)):
        yield fault("https", "GRADER_PUBLIC_URL is not https.", "Put a proxy with TLS before the server, and name it.")
    if is_secure and not config.cookie_secure:
        yield fault("https", "GRADER_COOKIE_SECURE is no although people come over HTTPS.", "Set it to yes.")
    if not config.public_url and not _is_own(config.host):
        message = "GRADER_PUBLIC_URL is not set, so requests under any host name are taken."
        yield warning("https", message, "Set it to the address that people use, https://host.")
    if (is_secure or config.cookie_secure) and config.proxies == 0:
        message = "GRADER_PROXIES is 0: behind a proxy with TLS all people have its address, and links begin with http."
        yield fault("https", message, "Set it to the number of proxies before the server.")
    if config.proxies and not config.public_url and not config.cookie_secure:
        yield warning("https", "GRADER_COOKIE_SECURE is no behind a proxy.", "Set it to yes where the proxy has TLS.")


def _is_own(host: str) -> bool:
    """Whether only this machine itself reaches that address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def disk(folder: Path) -> Iterator[Ailment]:
    """A folder in which nothing can be written, or soon no more."""
    for place in (folder, Path(tempfile.gettempdir())):
        try:
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(b"x")
        except OSError as error:
            repair = "Give the folder to the account that the grader runs under, or mend the disk."
            yield fault("disk", f"Nothing can be written to {place}: {error.strerror}.", repair)
    if folder.is_dir():
        yield from free_space(folder, *shutil.disk_usage(folder)[::2])


def free_space(folder: Path, total: int, free: int) -> Iterator[Ailment]:
    """So many bytes in all and free."""
    words, repair = f"{free // MEBIBYTE} MiB are free at {folder}.", "Make room, or move the data to a larger disk."
    if free < LEAST_FREE:
        yield fault("disk", words, repair)
    elif free < total * LITTLE_FREE:
        yield warning("disk", words, repair)


def time_zones(name: str) -> Iterator[Ailment]:
    """Due dates are entered and shown in people's own zones."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        yield fault("time zones", "The machine does not know time zones.", "Install the package tzdata.")


def problems(config: Config) -> Iterator[Ailment]:
    """Problem files that are left out of the bank."""
    bank = load_bank(config.problems)
    if not bank.problems:
        yield fault("problems", "There are no problems.", "Set GRADER_PROBLEMS to the folders that hold them.")
    if bank.errors:
        message = f"{len(bank.errors)} faults in problem files, which are left out; the first: {bank.errors[0]}"
        yield warning("problems", message, "Run `grader bank lint` with the folder.")


def browser_files(assets: Assets) -> Iterator[Ailment]:
    """Style sheets and scripts of the pages."""
    if not assets.styles:
        yield fault("browser files", "The style sheets of the pages are missing.", "Install the package anew.")
    if "main" not in assets.scripts:
        message = "The scripts of the pages are not built: pages work, without the editor and the live preview."
        yield warning("browser files", message, "Install Node.js and run `make setup`.")


def judge(limits: Limits) -> Iterator[Ailment]:
    """A judging process that starts, judges, and is kept to its memory."""
    alone = Limits(limits.seconds, mebibytes=limits.mebibytes)
    with Isolation(alone) as isolation:
        yield from judging(isolation)


def judging(isolation: Isolation) -> Iterator[Ailment]:
    """What these processes make of a pair that is equal, and of a task that takes too much memory."""
    try:
        found = judge_within(isolation, Pair("(x+1)^2", "x^2+2x+1", variables={"x": {}}))
        reason = "" if found.outcome == Outcome.EQUAL else found.message.rstrip(".")
    except (GivenUp, JudgeStopped) as stopped:
        reason = str(stopped)
    if reason:
        repair = "Look whether processes can be started here (limits of the account, of the container)."
        yield fault("judge", f"Judging does not work: {reason}.", repair)
        return
    allowed = isolation.limits.mebibytes
    try:
        isolation.start(_take, 2 * allowed * MEBIBYTE)()
    except GivenUp as stopped:
        if stopped.limit == "memory":
            return
    message = f"A judging process could take twice its {allowed} MiB of memory."
    repair = "Run it where the kernel keeps processes to RLIMIT_AS (Linux), or in a container with a limit."
    yield fault("judge", message, repair)


def _take(size: int) -> int:
    """Take this much memory, all of it."""
    return len(bytearray(size))


def broker(url: str) -> Iterator[Ailment]:
    """A broker that does not answer; work is found without it, a little later."""
    if not url:
        return
    parts = urlsplit(url)
    place = (parts.hostname or "localhost", parts.port or PORTS[parts.scheme])
    try:
        socket.create_connection(place, CONNECT_SECONDS).close()
    except OSError as error:
        message = f"The broker at {place[0]}:{place[1]} does not answer: {error}."
        yield fault("broker", message, "Start it, or mend GRADER_BROKER_URL.")
