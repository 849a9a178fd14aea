"""Looking for problems: those of the bank and those of the courses that somebody teaches, in one list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.services.access import STUDENT, Actor, require_scope
from grader.store import enrolments, problem_saves
from grader.store.problem_saves import Present

MOST_OWN = 2000
LONGEST_SEARCH = 100
EVERYBODYS = "shipped"


@dataclass(frozen=True, slots=True)
class Card:
    """A problem in a list; without `course_id` it came with the bank."""

    id: str
    title: str
    topic: str
    level: str
    family: str
    version: str | None
    course_id: int | None = None
    course_title: str = ""
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which problems; an empty field asks for all. `owner` is "shipped" or the id of a course."""

    text: str = ""
    topic: str = ""
    level: str = ""
    family: str = ""
    owner: str = ""

    def fits(self, card: Card) -> bool:
        """Whether a problem is wanted, whatever its words."""
        pairs = ((self.topic, card.topic), (self.level, card.level), (self.family, card.family))
        owner = EVERYBODYS if card.course_id is None else str(card.course_id)
        return all(wanted in ("", has) for wanted, has in (*pairs, (self.owner, owner)))


def browse(
    session: Session, actor: Actor, shipped: Iterable[tuple[Card, str]], wanted: Wanted
) -> tuple[tuple[Card, ...], dict[int, str]]:
    """The problems that are wanted by topic and title, and the courses that the actor teaches by id.

    `shipped` are those of the bank with their words in lower case.
    """
    require_scope(actor, "problems:read")
    taught = {
        course.id: course.title
        for enrolment, course in enrolments.of_user(session, actor.user_id)
        if enrolment.role != STUDENT and actor.course_id in (None, course.id)
    }
    text = wanted.text.strip().lower()[:LONGEST_SEARCH]
    found = [card for card, words in shipped if text in words and wanted.fits(card)]
    own = problem_saves.of_courses(session, [*taught], text, MOST_OWN) if taught else ()
    found += [card for card in _cards(own, taught) if wanted.fits(card)]
    return tuple(sorted(found, key=lambda card: (card.topic, card.title, card.id))), taught


def _cards(rows: Sequence[Present], titles: dict[int, str]) -> Iterable[Card]:
    for row in rows:
        yield Card(
            id=row.key,
            title=row.title,
            topic=row.topic or "",
            level=row.level or "",
            family=row.family or "",
            version=row.version,
            course_id=row.course_id,
            course_title=titles[row.course_id],
            is_draft=row.is_draft,
        )
