"""Turning a cluster into a mistake of the problem's own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.bank.cluster_rules import Rule, ground
from grader.bank.cluster_snippets import OwnMistakeText, inserted, own_mistake_of
from grader.errors import Conflict, GraderError, InvalidRequest
from grader.services.cluster_views import ClusterPage
from grader.services.clusters import GONE
from grader.store import clusters

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class MistakeDraft:
    """The lines for the problem file, and the whole file with them; `reason` says why there are none."""

    lines: str = ""
    source: str = ""
    reason: str = ""


CATALOGUED = "catalogued"
NO_FORMULA = "no-formula"


def mistake_draft(session: Session, page: ClusterPage, mark: str, id: str, feedback: str) -> MistakeDraft:
    """The cluster as a mistake of the problem's own, or the `reason` why it cannot be one.

    For whoever was shown the page.
    """
    kept = clusters.kept(session, page.course_id, page.problem_version_id, page.part)
    found = [Rule.from_json(data["rule"]) for data in (kept.clusters if kept else ())]
    rule = next((each for each in found if each.mark == mark), None)
    if rule is None:
        raise Conflict(GONE)
    if rule.mistake is not None:
        return MistakeDraft(reason=CATALOGUED)
    text = _text(page.source, page.part, rule, _seed(page.cluster(mark)), _slug(id), feedback.strip())
    if text is None:
        return MistakeDraft(reason=NO_FORMULA)
    try:
        whole = inserted(page.source, page.part, text)
    except GraderError:
        whole = ""
    return MistakeDraft(text.to_yaml(page.part), whole)


def _seed(cluster: object) -> int:
    samples = getattr(cluster, "samples", ())
    return samples[0].seed if samples else 0


def _text(source: str, part: str, rule: Rule, seed: int, id: str, feedback: str) -> OwnMistakeText | None:
    on = ground(source, seed, part)
    return None if on is None else own_mistake_of(rule, on, id, feedback)


def _slug(id: str) -> str:
    found = id.strip()
    if len(found) > LONGEST_ID or not SLUG.fullmatch(found):
        raise InvalidRequest(
            "An id is made of small letters, digits and single hyphens, such as factor-two-lost.", "id"
        )
    return found
