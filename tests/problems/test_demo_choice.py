"""What the demo shows first is in the bank."""

from __future__ import annotations

from pathlib import Path

from grader.services.demo import PROBLEMS_EACH, SHOWN_FIRST, TOPICS

PROBLEMS = Path(__file__).parents[2] / "problems"


def test_the_problems_of_the_demo_are_there() -> None:
    chosen = {topic: {path.stem for path in (PROBLEMS / topic).glob("*.yaml")} & SHOWN_FIRST for topic in TOPICS}
    assert set().union(*chosen.values()) == SHOWN_FIRST
    assert all(1 <= len(ids) <= PROBLEMS_EACH for ids in chosen.values())
