"""Checks of `grader doctor` that ask the database: its state, its clock, and what waits in it for too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from grader.cli.findings import Ailment, Check, fault, warning
from grader.cli.installation import Installation, opened
from grader.config import Config
from grader.errors import ConfigError
from grader.services.sealing import unsealed
from grader.store import condition, schema

LEAST_VERSIONS = {"sqlite": (3, 35), "postgresql": (13,)}
"""The first ones with everything that our statements use."""
MOST_SKEW = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=2)
LONGEST_OVERDUE = timedelta(minutes=15)
KEYS_KEPT = timedelta(days=30)
KEYS_USED = timedelta(days=400)


def database_checks(installation: Installation, now: datetime) -> tuple[Check, ...]:
    """The checks of a database that answers and is up to date, in the order in which they are made."""
    return (
        Check("clock", partial(clock, installation, now)),
        Check("worker", partial(worker, installation, now)),
        Check("outbox", partial(outbox, installation, now)),
        Check("platforms", partial(platforms, installation, now)),
    )


def reached(config: Config) -> Installation | Ailment:
    """The installation, or why its database cannot be used."""
    try:
        installation = opened(config)
    except ConfigError as error:
        return fault("database", error.message, "Start it, or mend GRADER_DATABASE_URL.")
    found = next(_state(installation), None)
    if found is None:
        return installation
    installation.engine.dispose()
    return found


def _state(installation: Installation) -> Iterator[Ailment]:
    kind = installation.engine.dialect.name
    try:
        _, version = condition.clock_and_version(installation.engine)
        if version < LEAST_VERSIONS[kind]:
            least = ".".join(map(str, LEAST_VERSIONS[kind]))
            yield fault("database", f"The database is older than {least}.", f"Install {kind} {least} or later.")
        elif not schema.is_known(installation.engine):
            message = "The database was brought up to date by a newer version of the grader than this one."
            yield fault("database", message, "Install that version here, or restore a backup.")
        elif not schema.is_current(installation.engine):
            yield fault("database", "The database is not up to date.", "Run `grader db upgrade`.")
    except SQLAlchemyError as error:
        message = f"The database cannot be read: {str(error).splitlines()[0]}."
        yield fault("database", message, "Look into its log; restore a backup where it is damaged.")


def clock(installation: Installation, now: datetime) -> Iterator[Ailment]:
    """Machines whose clocks differ disagree about due dates."""
    told, _ = condition.clock_and_version(installation.engine)
    if told is not None and abs(told - now) > MOST_SKEW:
        seconds = abs(told - now).total_seconds()
        message = f"The clock of this machine and that of the database are {seconds:.0f} seconds apart."
        yield fault("clock", message, "Set both by NTP.")


def worker(installation: Installation, now: datetime) -> Iterator[Ailment]:
    """Work that nobody takes: the rows themselves tell whether a worker is running."""
    repair = "Start `grader worker`, or `grader serve`, which has one in it, and look into its log."
    with installation.sessions() as session:
        count, since = condition.unjudged(session, now - LONGEST_WAIT)
        if count and since is not None:
            minutes = (now - since).total_seconds() // 60
            message = f"{count} submissions wait for the judge, the first one for {minutes:.0f} minutes."
            yield fault("worker", message, repair)
        if given_up := condition.given_up(session):
            message = f"{given_up} submissions were begun again and again and never judged."
            yield fault("worker", message, "Look into the worker's log for their numbers; have them marked by hand.")
        if dead := condition.dead_jobs(session):
            yield warning("worker", f"{dead} jobs failed again and again.", "Look into the worker's log for why.")


def outbox(installation: Installation, now: datetime) -> Iterator[Ailment]:
    """What should have been done or sent long ago."""
    with installation.sessions() as session:
        for kind, count in condition.overdue(session, now - LONGEST_OVERDUE):
            message = f"{count} {kind} are overdue by more than {LONGEST_OVERDUE.seconds // 60} minutes."
            yield fault("outbox", message, "Start a worker, and look into its log.")
        if refused := condition.refused_grades(session):
            message = f"{refused} grades were refused by learning platforms."
            yield warning("outbox", message, "Look at the course's page about its gradebook.")
        for webhook_id, reason in condition.disabled_webhooks(session):
            message = f"Nothing is sent to webhook {webhook_id} any more: {reason}."
            yield warning(
                "outbox", message, "Have its instructor delete it, or create it anew for a receiver that works."
            )


def platforms(installation: Installation, now: datetime) -> Iterator[Ailment]:
    """Keys of learning platforms, and our own."""
    with installation.sessions() as session:
        for name in condition.stale_platforms(session, now - KEYS_KEPT):
            message = f"The keys of {name} were fetched more than {KEYS_KEPT.days} days ago."
            yield warning("platforms", message, "Launch from it once; a platform that is gone can be ended.")
        for key in condition.own_keys(session):
            try:
                unsealed(key.sealed, installation.config.secret_key)
            except ConfigError as error:
                yield fault("platforms", "Our own key for learning platforms cannot be read.", error.message)
            if now - key.created > KEYS_USED:
                message = f"Our own key for learning platforms is older than {KEYS_USED.days} days."
                yield warning("platforms", message, "Change it: see `grader lti --help`.")
