"""A short form of `bench/passback.py`: no grade is lost or overtaken while the platform fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.passback import Size, run
from tests.servers import free_port

pytestmark = pytest.mark.live


def test_no_grade_is_lost_while_the_platform_fails(tmp_path: Path) -> None:
    size = Size(results=16, students=4, links=2, processes=1, seed=4, down_at=(4,), rotated_at=(2, 6), away=0.5)
    figures = run(f"sqlite:///{tmp_path}/passback.sqlite3", size, (free_port(), free_port(), free_port()))
    found = (figures.differing, figures.out_of_order, figures.doubled_columns, figures.waiting)
    assert found == (0, 0, 0, 0), figures
    assert figures.grades >= size.links
    assert figures.counts["rotated"] >= 1
    assert sum(count for kind, count in figures.counts.items() if kind not in ("well", "rotated")) > 0
