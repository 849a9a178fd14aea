"""`grader replay`: stored answers judged again with the present engine."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import click

from grader.cli.installation import Installation, configured, judging_limits, now, opened_here, require_current
from grader.cli.printing import progress
from grader.engine import present_engine
from grader.errors import InvalidRequest
from grader.isolation import Isolation, grade_within, prove_within
from grader.services import replaying
from grader.services.replaying import Change, Judges, Replayed, Said, Scope

LONGEST_SHOWN = 60
RECORDED_AT_ONCE = 100
INTERRUPTED = 130  # as shells say it of a program that was stopped from the keyboard
DAYS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")


@click.command()
@click.option("--since", type=click.DateTime(DAYS), help="Only answers that came in from this moment on (UTC).")
@click.option("--course", "course_id", type=int, help="Only answers in this course.")
@click.option("--jobs", type=click.IntRange(1, 64), default=os.cpu_count() or 1, help="Judging processes.")
@click.option("--after", type=click.IntRange(0), default=0, help="Begin after the submission with this number.")
@click.option("--record", is_flag=True, help="Store the report in the database.")
@click.option("--resume", is_flag=True, help="Go on with the stored report that was not finished.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each changed verdict.")
def replay(
    since: datetime | None, course_id: int | None, jobs: int, after: int, record: bool, resume: bool, as_json: bool
) -> None:
    """Judge all stored answers again and list every verdict that comes out otherwise with this version.

    Run it after an upgrade, before anybody is served. Nothing is written, marks stay as they are; a regrade lets
    new verdicts count. The exit code is 1 where any verdict changed. Stopped half way, it says how to go on.

    \b
      grader replay --jobs 4
      grader replay --course 3 --since 2026-03-01
      grader replay --record ; grader replay --resume
    """
    scope = Scope(since.replace(tzinfo=UTC) if since else None, course_id)
    require_current(configured())
    with opened_here() as installation, _judging(installation, jobs) as judges:
        report = _Report(installation, as_json)
        if resume:
            report.record_id, scope, after = _unended(installation)
        elif record:
            with installation.sessions() as session:
                report.record_id = replaying.begin_record(session, now, scope)
        with installation.sessions() as session:
            total = replaying.count(session, scope, after)
        with progress("Judging again", total) as advance:
            report.run(replaying.replay(installation.sessions, judges, scope, after, jobs), advance)
    click.echo(report.summary(), err=as_json)
    raise SystemExit(1 if report.changed else 0)


class _Report:
    """What was found so far: printed as it is found, and stored where a record is kept."""

    def __init__(self, installation: Installation, as_json: bool) -> None:
        self.record_id: int | None = None
        self.changed = 0
        self._judged = 0
        self._last = 0
        self._installation = installation
        self._as_json = as_json
        self._unstored: list[Replayed] = []

    def run(self, found: Iterator[Replayed], advance: Callable[[int], None]) -> None:
        """Go through all answers; an interruption is told with the way to go on."""
        try:
            for each in found:
                self._take(each)
                advance(1)
        except KeyboardInterrupt:
            self._store(at_end=False)
            way = "--resume" if self.record_id is not None else f"--after {self._last}"
            click.echo(f"Stopped after submission {self._last}. Go on with: grader replay {way}", err=True)
            raise SystemExit(INTERRUPTED) from None
        self._store(at_end=True)

    def summary(self) -> str:
        """The last line."""
        answers = f"{self._judged} {'answer' if self._judged == 1 else 'answers'} judged again"
        changed = f"{self.changed or 'no'} {'verdict' if self.changed == 1 else 'verdicts'} changed"
        kept = f" Stored as report {self.record_id}." if self.record_id is not None else ""
        return f"{answers} with engine {present_engine()}: {changed}.{kept}"

    def _take(self, each: Replayed) -> None:
        for change in each.changes:
            click.echo(_as_json(change) if self._as_json else _as_line(change))
        self.changed += len(each.changes)
        self._judged += 1
        self._last = each.submission_id
        if self.record_id is not None:
            self._unstored.append(each)
            if len(self._unstored) >= RECORDED_AT_ONCE:
                self._store(at_end=False)

    def _store(self, *, at_end: bool) -> None:
        if self.record_id is None:
            return
        with self._installation.sessions() as session:
            replaying.record(session, now, self.record_id, self._unstored, at_end=at_end)
        self._unstored = []


@contextmanager
def _judging(installation: Installation, jobs: int) -> Iterator[Judges]:
    """The judges with the limits of the installation, in so many processes."""
    limits = judging_limits(installation.config)
    with Isolation(type(limits)(limits.seconds, mebibytes=limits.mebibytes, workers=jobs)) as isolation:
        yield Judges(partial(grade_within, isolation), partial(prove_within, isolation))


def _unended(installation: Installation) -> tuple[int, Scope, int]:
    with installation.sessions() as session:
        found = replaying.unended_record(session)
    if found is None:
        raise InvalidRequest(f"No stored report of engine {present_engine()} waits to be finished.", "--resume")
    return found


def _as_line(change: Change) -> str:
    """A changed verdict for a person: where, whose, what was typed, old and new with their reasons."""
    answer = change.answer
    typed = json.dumps(answer.responses.get(change.part, ""))  # escaped: what was typed may break a terminal
    shown = typed if len(typed) <= LONGEST_SHOWN else f"{typed[:LONGEST_SHOWN]}…"
    place = f"{answer.course} / {answer.assignment} / {answer.problem} seed {answer.seed} part {change.part}"
    lines: Sequence[str] = (
        f"submission {answer.submission_id}, {answer.student}: {place}: {shown}",
        f"  was {_words(change.before)}",
        f"  now {_words(change.after)}",
    )
    return "\n".join(lines)


def _words(said: Said) -> str:
    return f"{said.outcome}, {said.score} of {said.max_score} (engine {said.engine}): {said.why}"


def _as_json(change: Change) -> str:
    answer = change.answer
    about = {
        "submission": answer.submission_id,
        "student": answer.student,
        "course": answer.course_id,
        "assignment": answer.assignment,
        "problem": answer.problem,
        "version": answer.version,
        "seed": answer.seed,
        "part": change.part,
        "response": answer.responses.get(change.part, ""),
        "before": change.before.to_json(),
        "after": change.after.to_json(),
    }
    return json.dumps(about)
