"""Every row of the curriculum has problems, and the page says which."""

from __future__ import annotations

import pytest

from tests.problems.curriculum import DATA, PAGE, case_of, families, few, page


@pytest.mark.parametrize("row", DATA["rows"])
def test_a_row_has_a_problem_and_a_case(row: str) -> None:
    assert families()[row]
    assert case_of(row) or row == "9.3"  # written answers have no key


def test_no_problem_is_of_a_row_that_is_not_there() -> None:
    listed = {one.id for problems in families().values() for one in problems}
    assert listed == {path.stem for path in (PAGE.parents[1] / "problems").rglob("*.yaml")}


def test_problems_with_few_draws_have_a_reason() -> None:
    assert set(few()) == set(DATA["fixed"])


def test_the_page_is_the_present_one() -> None:
    """Made anew by `python -m tests.problems.curriculum > docs/curriculum.md`."""
    assert PAGE.read_text(encoding="utf-8") == page()
