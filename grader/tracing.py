"""Spans for OpenTelemetry: requests, taking answers in, judging, jobs. Here nothing is recorded.

A span holds numbers, names of routes and of rungs, never an address, a name or a word of what somebody typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from time import time_ns
from typing import Any

from sqlalchemy.orm import Session

from grader.bank.compiling import version_of
from grader.checking.verdict import Evidence, Proof
from grader.grading import PartResult, Result
from grader.services.admission import JudgeNew
from grader.services.quarantine import Grade
from grader.services.submissions import Judged, TakenIn

Attributes = Mapping[str, str | int | Sequence[str]]
Tell = Callable[[Attributes], None]
"""Adds attributes to the span in progress."""
Handler = Callable[[Session, Mapping[str, Any]], None]
REQUEST_BEGAN: ContextVar[int] = ContextVar("request_began")
"""When the request in progress came in, in nanoseconds."""


def _nobody(_attributes: Attributes) -> None:
    """Where nothing is recorded."""


class Tracing:
    """Where spans are wanted, and what stands in them; this one records nothing, `telemetry.Telemetry` does."""

    def span(
        self,
        name: str,
        attributes: Attributes,
        *,
        began: int | None = None,
        came_with: Mapping[str, str] | None = None,
    ) -> AbstractContextManager[Tell]:
        """A span in the one in progress; what happens in it may tell more.

        `began` is in nanoseconds, now if not said. `came_with` are the headers of a request that is answered; they
        may say that it belongs to a trace of the one who sent it.
        """
        del name, attributes, began, came_with
        return nullcontext(_nobody)

    def close(self) -> None:
        """Send what is left, for a few seconds at most."""

    def judging(self, grade: Grade) -> Grade:
        """The same judge, with a span for each judgement."""

        def judge(source: str, seed: int, responses: Mapping[str, str]) -> Result:
            with self.span("judging", {"grader.problem_version": version_of(source)}) as tell:
                result = grade(source, seed, responses)
                tell(_told_of(result))
                return result

        return judge

    def taking_in(self, judge_new: JudgeNew) -> JudgeNew:
        """The same desk, with a span for what came before it in the request, until the answer was stored."""

        def judge(session: Session, taken: TakenIn) -> Judged | None:
            with self.span("intake", {"grader.submission": taken.id}, began=REQUEST_BEGAN.get(time_ns())):
                pass
            return judge_new(session, taken)

        return judge

    def working(self, handlers: Mapping[str, Handler]) -> Mapping[str, Handler]:
        """The same handlers of jobs, with a span for each job."""
        return {kind: self._working(kind, handler) for kind, handler in handlers.items()}

    def _working(self, kind: str, handler: Handler) -> Handler:
        def do(session: Session, payload: Mapping[str, Any]) -> None:
            with self.span(f"job {kind}", {"grader.job": kind}):
                handler(session, payload)

        return do


def _told_of(result: Result) -> Attributes:
    """How each part came out, and by what."""
    return {
        "grader.outcomes": [str(part.outcome) for part in result.parts],
        "grader.rungs": [rung for part in result.parts for rung in sorted(set(_rungs(part)))],
        "grader.engine": result.engine,
    }


def _rungs(part: PartResult) -> Iterator[str]:
    for evidence in (part.evidence, *(entry.evidence for entry in part.entries)):
        if evidence is not None:
            yield _rung(evidence)


def _rung(evidence: Evidence) -> str:
    """What decided: the method of a proof, else the kind of evidence; neither holds anything of the answer."""
    return evidence.method if isinstance(evidence, Proof) else evidence.kind
