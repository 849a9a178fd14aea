"""The texts of problems, kept by content hash: what was set can be judged again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.bank.problem import Problem as BankProblem
from grader.store import problems
from grader.store.problems import ProblemVersion


@dataclass(frozen=True, slots=True)
class ProblemSource:
    """A problem file as an assignment needs it.

    `version` is the bank's content hash, `parts` the ids of its parts.
    With `course_id` it belongs to a course. A search looks through its `words`.
    """

    id: str
    version: str
    title: str
    topic: str
    level: str
    source: str
    max_score: Fraction
    parts: tuple[str, ...] = ()
    course_id: int | None = None
    family: str = ""
    words: str = ""


def source_of(problem: BankProblem, course_id: int | None = None) -> ProblemSource:
    """A problem of the bank, or of a course, as an assignment needs it."""
    return ProblemSource(
        id=problem.id,
        version=problem.version,
        title=problem.title,
        topic=problem.topic,
        level=problem.level,
        source=problem.source,
        max_score=problem.max_score,
        parts=tuple(part.id for part in problem.parts),
        course_id=course_id,
        family=problem.family,
        words=words_of(problem),
    )


def words_of(problem: BankProblem) -> str:
    """What a search looks through, in lower case: the title and the prompt in every language."""
    texts = (problem.document.value((key,)) for key in ("title", "prompt"))
    found = (each for text in texts for each in (text.values() if isinstance(text, Mapping) else (text,)))
    return "\n".join(str(each) for each in found if each).lower()


def keep(session: Session, now: datetime, sources: Sequence[ProblemSource]) -> dict[str, ProblemVersion]:
    """The stored versions of these problems by problem id; those that are new are added.

    Called within a transaction that writes.
    """
    return {source.id: _kept(session, now, source) for source in sources}


def _kept(session: Session, now: datetime, source: ProblemSource) -> ProblemVersion:
    """The stored version of one problem."""
    values = {
        "version": source.version,
        "title": source.title,
        "topic": source.topic,
        "level": source.level,
        "source": source.source,
        "max_score": source.max_score,
        "parts": list(source.parts) or None,
        "family": source.family or None,
        "words": source.words or None,
    }
    problem = problems.keep(session, now, source.id, source.course_id)
    return problems.keep_version(session, now, problem, values)
