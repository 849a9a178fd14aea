"""Declarations of variables, and the points that are looked at."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from grader.checking.domain import Domain, parse_declaration
from grader.errors import InvalidRequest

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("region", "inside", "outside"),
    [
        ("(0, oo)", [HALF, 10**9], [0, -1]),
        ("[0, 1]", [0, 1, HALF], [2, -1]),
        ("]0, 1[", [HALF], [0, 1]),
        ("(-oo, 0) U (0, oo)", [-1, 1], [0]),
        ("(-oo,0)∪[1,2]", [-5, 1, 2], [0, HALF]),
        ("(-1/2, 2*pi)", [0, 6], [-HALF, 7]),
        (["0", "1"], [0, 1], [2]),
        (["-oo", "0.5"], [-7, HALF], [1]),
        (["-pi/2", "pi/2"], [Fraction(3, 2)], [Fraction(8, 5)]),
    ],
)
def test_region(region: Any, inside: list[Any], outside: list[Any]) -> None:
    variable = Domain.of({"x": {"in": region}}).variable("x")
    assert all(variable.holds(Fraction(value)) for value in inside)
    assert not any(variable.holds(Fraction(value)) for value in outside)


@pytest.mark.parametrize(
    ("declaration", "field"),
    [
        ({"in": "0 to 1"}, "variables.x.in"),
        ({"in": "(1, 0)"}, "variables.x.in"),
        ({"in": "(0, 0]"}, "variables.x.in"),
        ({"in": "(oo, 0)"}, "variables.x.in"),
        ({"in": ["0"]}, "variables.x.in"),
        ({"in": "(0, __import__)"}, "variables.x.in"),
        ({"in": "(0, 1/0)"}, "variables.x.in"),
        ({"in": "(-1, 0]", "positive": True}, "variables.x"),
        ({"in": "(1/3, 1/2)", "integer": True}, "variables.x"),
        ({"integer": "yes"}, "variables.x.integer"),
        ({"shape": [0, 2]}, "variables.x.shape"),
        ({"shape": "2x2"}, "variables.x.shape"),
        ({"shape": ["m", "n"], "symmetric": True}, "variables.x"),
        ({"shape": ["n"], "orthogonal": True}, "variables.x"),
        ({"symmetric": True}, "variables.x"),
        ({"shape": ["n", "n"], "invertible": 1}, "variables.x.invertible"),
        ({"real": True}, "variables.x"),
        ("positive", "variables.x"),
    ],
)
def test_bad_declaration(declaration: Any, field: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        Domain.of({"x": declaration})
    assert error.value.field == field


def test_variables_must_be_a_mapping_of_names() -> None:
    for declarations in (["x"], {"2x": {}}, {"x+y": {}}):
        with pytest.raises(InvalidRequest):
            Domain.of(declarations)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", ("x", {})),
        ("x in (0, oo)", ("x", {"in": "(0, oo)"})),
        ("t ∈ [0,1]", ("t", {"in": "[0,1]"})),
        ("n integer", ("n", {"integer": True})),
        ("eta positive", ("eta", {"positive": True})),
    ],
)
def test_declaration_in_words(text: str, expected: Any) -> None:
    assert parse_declaration(text) == expected


@pytest.mark.parametrize("text", ["", "2x", "x in", "x in nowhere", "x is real", "in (0, 1) x"])
def test_bad_declaration_in_words(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_declaration(text)


def test_vocabulary_allows_the_declared_names_only() -> None:
    declared = Domain.of({"x": {}, "A": {"shape": ["m", 3]}, "f": {"function": True}}).vocabulary(log_base_ten=True)
    assert declared.names == {"x", "A"}
    assert declared.shapes == {"A": ("m", 3)}
    assert declared.functions == {"f"}
    assert declared.log_base_ten
    assert Domain.of(None).vocabulary().names is None


def test_points_are_in_the_domain_and_always_the_same() -> None:
    domain = Domain.of({"x": {"in": "(0, 1)"}, "n": {"integer": True}, "y": {}})
    points = domain.points(["y", "x", "n"])
    assert points == domain.points(["n", "x", "y"])
    assert all(domain.variable(label).holds(value) for point in points for label, value in point.items())
    assert len(points) >= 40


def test_points_of_reals_reach_everywhere() -> None:
    points = [tuple(point.values()) for point in Domain().points(["x", "y"])]
    assert points[0] == (2, 3)
    assert {(x > 0, y > 0) for x, y in points} == {(a, b) for a in (True, False) for b in (True, False)}
    sizes = [abs(x) for x, _ in points]
    assert min(sizes) < Fraction(1, 10**4)
    assert max(sizes) > 10**4
    assert all(x != y for x, y in points)


def test_short_ranges_are_covered_completely() -> None:
    domain = Domain.of({label: {"integer": True, "in": "[1, 5]"} for label in ("i", "j")})
    assert {tuple(point.values()) for point in domain.points(["i", "j"])} == {
        (i, j) for i in range(1, 6) for j in range(1, 6)
    }


def test_without_variables_there_is_one_point() -> None:
    assert Domain().points([]) == ({},)


def test_what_is_known_of_a_square_matrix() -> None:
    variable = Domain.of({"W": {"shape": ["n", "n"], "symmetric": True, "invertible": True}}).variable("W")
    assert variable.assumptions == {"symmetric", "invertible"}
