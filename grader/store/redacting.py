"""Taking somebody's name out of what people wrote, and out of nothing that programs read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, and_, delete, or_, select, true, type_coerce, update
from sqlalchemy.orm import Session

from grader.store.base import Base, JsonText

SHORTEST = 5
"""What is shorter stands in too many words that name nobody."""
REDACTED = "[erased]"
_SAID = ("feedback", "read_as", "read_as_mathml")
_EVIDENCE = ("message", "repair", "reason", "found", "expected", "first", "second")
_JUDGED = (*_SAID, *_EVIDENCE)
WRITTEN: Mapping[str, Mapping[str, Sequence[str]]] = {
    # what a student typed, and what was said of it
    "drafts": {"responses": ()},
    "submissions": {"responses": ()},
    "gradings": {"result": _JUDGED, "note": ()},
    "manual_marks": {"comment": (), "reason": ()},
    "quarantine": {"response": (), "reason": ()},
    "contradictions": {"first": (), "second": ()},
    "regrade_changes": {"results": _JUDGED},
    "replay_changes": {"before": ("why",), "after": ("why",)},
    "statements": {"reason": ()},
    # what teachers wrote about answers
    "cluster_rules": {"feedback": ()},
    "regrades": {"reason": ()},
    "events": {"payload": ("reason",)},
    "webhook_deliveries": {"body": ("reason",)},
    # what was noted of a failure
    "jobs": {"error": ()},
}
"""The columns in which people's words stand; of JSON with named members only what is below a member so called.

All else is spared: hashes, states, kinds, roles, addresses, and what a rule or a verdict is read from. Texts of
problems and titles are written for all and stay as well.
"""
_COURSE_OF = {"regrades": ("assignments", "assignment_id"), "webhook_deliveries": ("webhooks", "webhook_id")}


def own_words(name: str, login: str, email: str | None) -> tuple[str, ...]:
    """What says who somebody is wherever it stands: a whole name, an address, a log-in name that is no plain word."""
    whole = [name] if " " in name.strip() else []
    marked = [] if login.isalpha() else [login]
    return tuple(word for word in (*whole, *marked, *([email] if email else [])) if len(word) >= SHORTEST)


def redact(session: Session, words: Sequence[str], course_ids: Sequence[int], attempt_ids: Sequence[int]) -> None:
    """Take these words out of what was written in these attempts, and by the teachers of these courses."""
    if not words:
        return
    session.flush()
    pattern = _pattern(words)
    for name, columns in WRITTEN.items():
        table = Base.metadata.tables[name]
        _redact_rows(session, table, columns, pattern, _holding(table, columns, words), course_ids, attempt_ids)
    verdicts = Base.metadata.tables["verdicts"]  # kept to save time: they are worked out again when they are asked for
    session.execute(delete(verdicts).where(_holding(verdicts, ("result",), words)))
    session.expire_all()


def _redact_rows(
    session: Session,
    table: Table,
    columns: Mapping[str, Sequence[str]],
    pattern: re.Pattern[str],
    holding: ColumnElement[bool],
    course_ids: Sequence[int],
    attempt_ids: Sequence[int],
) -> None:
    """Redact the rows of a table that hold one of the words somewhere."""
    keys = list(table.primary_key)
    own = _own_rows(table, course_ids, attempt_ids)
    found = session.execute(select(*keys, *(table.c[name] for name in columns)).where(own, holding)).mappings().all()
    for values in found:
        changed = {}
        for name, members in columns.items():
            new = _redacted(values[table.c[name]], pattern, members, is_json=isinstance(table.c[name].type, JsonText))
            if new != values[table.c[name]]:
                changed[name] = new
        if changed:
            session.execute(update(table).where(and_(*(key == values[key] for key in keys))).values(changed))


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """The words where they stand by themselves, with the s of a genitive; the longer ones first."""
    longest_first = sorted(set(words), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})s?(?!\w)")


def _redacted(value: Any, pattern: re.Pattern[str], members: Sequence[str], *, is_json: bool) -> Any:
    """What stands in a column, without the words."""
    if value is None:
        return None
    if is_json:
        return _without(value, pattern, members)
    if not members:
        return pattern.sub(REDACTED, value)
    told = json.loads(value)
    clean = _without(told, pattern, members)
    return value if clean == told else json.dumps(clean, separators=(",", ":"))


def _without(value: Any, pattern: re.Pattern[str], members: Sequence[str]) -> Any:
    """JSON data with the words taken out of its texts, of all or of those below certain members."""
    if isinstance(value, Mapping):
        return {name: _without(each, pattern, () if name in members else members) for name, each in value.items()}
    if isinstance(value, list):
        return [_without(each, pattern, members) for each in value]
    return pattern.sub(REDACTED, value) if isinstance(value, str) and not members else value


def _holding(table: Table, columns: Iterable[str], words: Sequence[str]) -> ColumnElement[bool]:
    """Whether a row may hold one of the words, as it stands in plain text or in JSON."""
    forms = {form for word in words for form in (word, json.dumps(word)[1:-1])}
    plain = [type_coerce(table.c[name], Text) for name in columns]
    return or_(*(column.contains(form, autoescape=True) for column in plain for form in sorted(forms)))


def _own_rows(table: Table, course_ids: Sequence[int], attempt_ids: Sequence[int]) -> ColumnElement[bool]:
    """What picks the rows of these attempts out of a table of answers, and those of these courses out of another."""
    if "attempt_id" in table.c:
        return table.c.attempt_id.in_(attempt_ids)
    if "submission_id" in table.c:
        submissions = Base.metadata.tables["submissions"]
        mine = select(submissions.c.id).where(submissions.c.attempt_id.in_(attempt_ids))
        return table.c.submission_id.in_(mine)
    if "course_id" in table.c:
        return table.c.course_id.in_(course_ids)
    if table.name in _COURSE_OF:
        other, reference = _COURSE_OF[table.name]
        owner = Base.metadata.tables[other]
        return table.c[reference].in_(select(owner.c.id).where(owner.c.course_id.in_(course_ids)))
    return true()
