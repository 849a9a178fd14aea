"""Lists of wrong answers are worked out once, and are the same when they are asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from grader.mistakes.recalling import Recalled
from grader.mistakes.slopes import Slope
from grader.reading.tree import Tree, name, number, power


def test_a_list_is_worked_out_once_for_each_question() -> None:
    asked: list[Tree] = []

    def work_out(tree: Tree) -> Iterator[tuple[str, Tree]]:
        asked.append(tree)
        yield "sign-flipped", Tree("neg", (tree,))

    kept: Recalled[tuple[str, Tree]] = Recalled(most=2)
    x, y, z = map(name, "xyz")
    for tree in (x, y, x, x):
        assert kept.get((tree, {"at": Fraction(1, 3)}), lambda tree=tree: work_out(tree)) == tuple(work_out(tree))
        asked.pop()  # the one to compare with
    assert asked == [x, y]
    kept.get((z, {"at": Fraction(1, 3)}), lambda: work_out(z))  # in the place of y
    kept.get((x, {"at": Fraction(1, 3)}), lambda: work_out(x))
    kept.get((y, {"at": Fraction(1, 3)}), lambda: work_out(y))
    assert asked == [x, y, z, y]


def test_what_fails_is_not_kept() -> None:
    kept: Recalled[int] = Recalled()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            kept.get("question", lambda: (1 // 0 for _ in range(1)))
    assert kept.get("question", lambda: [7]) == (7,)


@pytest.mark.parametrize("at", [{}, {"x": number(2)}])
def test_variants_of_a_slope(at: dict[str, Tree]) -> None:
    slope = Slope(power(Tree("sum", (name("x"), number(5))), 3), ("x",), at)
    found = slope.all_variants()
    assert found == tuple(slope.variants()) == Slope(slope.function, ("x",), at).all_variants()
    assert Slope(slope.function, ("x",), at, of_value=not at).all_variants() != () != found
