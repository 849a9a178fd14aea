"""What works in the background of a server and in a worker: the same threads, put together in one place."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import httpx

from grader.broker import Bell
from grader.cli.installation import Installation, home_of, judging_limits, now, pace_of
from grader.cli.tracing import start_tracing
from grader.config import Config
from grader.isolation import Isolation, grade_within, pack_within, prove_within
from grader.lti.calling import open_client
from grader.queue import BELL, NO_GRACE
from grader.services import background, gradings, lti_grades, proofs, ready_variants, statements, sweeps
from grader.services.admission import Desk
from grader.services.examining import Workshop
from grader.services.lti_grades import Courier
from grader.services.quarantine import Grade
from grader.services.statements import Reporter, Telling
from grader.services.webhooks import Messenger
from grader.store.database import open_sessions
from grader.sweep import sweep_within
from grader.tracing import Tracing
from grader.webhooks import sending
from grader.worker import CourierThread, EmbeddedWorker, MessengerThread, ReporterThread
from grader.xapi.sending import Store

SWEEP_AFTER = timedelta(seconds=5)
"""With a broker: so long a row is left to those whom a bell has told of it; then whoever looks around takes it."""


XAPI_SECONDS = 20
"""How long a learning record store may be silent."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What was started: the judge and who judges with it, for the server or the listener beside them; their spans."""

    installation: Installation
    isolation: Isolation
    workshop: Workshop
    grade: Grade
    desk: Desk
    worker: EmbeddedWorker
    tracing: Tracing


def start_working(
    opened: ExitStack,
    config: Config,
    installation: Installation,
    counted: Callable[[Grade], Grade] = lambda grade: grade,
) -> Workplace:
    """Start judging, doing jobs, and sending grades and webhooks; all ends with `opened`, in the right order.

    What is in hand then is finished; should that take long, it is handed back. `counted` has the results counted.
    """
    tracing = start_tracing(os.environ)
    opened.callback(tracing.close)
    opened.callback(installation.engine.dispose)
    installation = _with_bell(opened, config, installation)
    isolation = Isolation(judging_limits(config))
    ready = ready_variants.shelf(installation.sessions)
    grade = tracing.judging(counted(partial(grade_within, isolation, ready=ready)))
    workshop = Workshop(judging_limits(config))
    handlers = {
        gradings.PROVE: proofs.handler(now, partial(prove_within, isolation, ready=ready)),
        **background.handlers(now, grade),
        sweeps.SWEEP: sweeps.handler(now, partial(sweep_within, workshop.isolation)),
        ready_variants.READY: ready_variants.handler(now, partial(_pack, workshop)),
    }
    with installation.sessions() as session:
        ready_variants.ask_for_all(session, now)
        lti_grades.ask_for_held(session, now)
    grace = SWEEP_AFTER if config.broker_url else NO_GRACE
    worker = EmbeddedWorker(installation.sessions, now, grade, tracing.working(handlers), grace=grace)
    places, seconds = config.answers_at_once, config.answer_seconds
    desk = opened.enter_context(Desk(installation.sessions, now, grade, places, seconds))
    opened.callback(worker.stop)  # once more, after judge and workshop: what it had in hand is handed back now
    opened.enter_context(workshop)
    opened.enter_context(isolation)
    opened.enter_context(worker)
    client = opened.enter_context(open_client(config.lti_timeout_seconds))
    courier = Courier(installation.sessions, now, client, config.secret_key, pace=pace_of(config))
    opened.enter_context(CourierThread(courier))
    poster = opened.enter_context(sending.open_client(private=config.webhook_private_targets))
    opened.enter_context(MessengerThread(Messenger(installation.sessions, now, poster, config.secret_key)))
    _start_telling(opened, config, installation)
    return Workplace(installation, isolation, workshop, grade, desk, worker, tracing)


def _pack(workshop: Workshop, source: str, seed: int) -> Mapping[str, bytes]:
    """Make a variant apart from the processes that students wait for."""
    return pack_within(workshop.isolation(), source, seed)


def _start_telling(opened: ExitStack, config: Config, installation: Installation) -> None:
    """Tell the learning record store what is answered, where there is one."""
    statements.switch(installation.sessions, is_on=bool(config.xapi_endpoint))
    if config.xapi_endpoint:
        store = Store(config.xapi_endpoint, config.xapi_key, config.xapi_secret)
        client = opened.enter_context(httpx.Client(timeout=XAPI_SECONDS, follow_redirects=False))
        telling = Telling(store, home_of(config), config.xapi_names)
        opened.enter_context(ReporterThread(Reporter(installation.sessions, now, client, telling)))


def _with_bell(opened: ExitStack, config: Config, installation: Installation) -> Installation:
    """The installation whose sessions tell the workers of what waits, where there is a broker."""
    if not config.broker_url:
        return installation
    bell = opened.enter_context(Bell(config.broker_url))
    sessions = open_sessions(installation.engine, **{BELL: bell.ring})
    return Installation(config, installation.engine, sessions)
