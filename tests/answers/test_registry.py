"""What holds for every answer type there is."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from grader.answers import BY_NAME
from grader.answers.base import AnswerType, Context, Settings, judge_response, key_fault, read_response
from grader.answers.choice import options_tree
from grader.answers.settings import settings_schema, validate_settings
from grader.checking.domain import ANYTHING
from grader.checking.verdict import Outcome
from grader.errors import AnswerError
from grader.reading.text import read
from grader.reading.tree import Tree

CONTEXT = Context.of(ANYTHING)
OPTIONS = {"convex": "bends upwards", "concave": "bends downwards", "neither": "neither of them"}

# For every type: keys, each with settings under which it is a key.
KEYS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "expression": [("x^2 - 1", {"form": "expanded"}), ("2x cos(x^2)", {}), ("-x", {"disclose": "values"}), ("3", {})],
    "number": [
        ("1/64", {}),
        ("pi", {"tolerance": {"significant_figures": 3}}),
        ("-2.5", {"tolerance": {"absolute": "0.01"}}),
        ("sqrt(2)", {"tolerance": {"decimal_places": 2}}),
        ("1000", {"tolerance": {"relative": 0.001}}),
    ],
    "vector": [
        ("[2x, 3]", {}),
        ("[1; 2; 3]", {"layout": "column"}),
        ("[1, 2]", {"layout": "row", "tolerance": {"absolute": 0.1}}),
        ("[5]", {}),
    ],
    "matrix": [
        ("[[1, 2], [3, x]]", {}),
        ("[[1, 2]]", {"layout": "row"}),
        ("[[1], [2]]", {"transpose_share": 0.5}),
        ("[[7]]", {}),
    ],
    "matrix-expression": [
        ("[[1, 0], [2, 3]]^T", {}),
        ("2*[1; 2]", {"transpose_share": 0.5}),
        ("[[1, 2], [3, 4]]*[1; 2] = [5; 11]", {}),
    ],
    "choice": [("convex", {"options": OPTIONS}), ("convex, neither", {"options": OPTIONS, "multiple": True})],
    "table": [
        ("[[1, 2], [4/5, 8/5]]", {}),
        ("[3, 2.4, 1.92]", {"start_row": "optional"}),
        ("[[1/3, 2/3]]", {"tolerance": {"decimal_places": 2}}),
    ],
    "list": [("3, 2.4, 1.92", {}), ("(0,0), (1,1)", {}), ("x, x^2", {"partial": False})],
    "indexed-expression": [
        ("A_ip B_qj", {"indices": {"i": "m", "j": "n", "p": "n", "q": 3}}),
        ("p_i delta_ij - p_i p_j", {}),
        ("sum_(k=1)^n A_ik exp(x_k)", {}),
    ],
    "interval": [("(0, 1]", {}), ("(-oo, -6] U [6, oo)", {}), ("(0, 2/L)", {}), ("{}", {}), ("{2}", {}), ("R", {})],
    "inequality": [("0 < eta < 1", {}), ("c^2 >= 36", {}), ("x < 0 or x > 1", {}), ("|x - a| < 1", {})],
    "equation": [("y = 6x - 9", {}), ("x^2 + y^2 = 1", {}), ("x = 2 or x = -2", {}), ("y = e^x", {})],
    "witness": [
        ("[1/sqrt(17), -4/sqrt(17)]", {"conditions": ["4*d1 + d2 = 0", "d1^2 + d2^2 = 1"], "names": ["d1", "d2"]}),
        ("3", {"conditions": ["x > 2", "x^2 <= 9"], "names": ["x"]}),
        ("[1.5, 2]", {"conditions": ["0 < a < b"], "names": ["a", "b"], "tolerance": {"absolute": 0.1}}),
    ],
    "tensor": [
        ("[[[1, 2], [3, x]], [[5, 6], [7, 8]]]", {}),
        ("[[[[1, 2]], [[3, 4]]]]", {"tolerance": {"absolute": 0.1}}),
        ("[[[x]]]", {}),
    ],
    "shape": [("3 x 2", {}), ("m x (n + 1)", {}), ("(m x n) x (p x q)", {}), ("n", {})],
    "written": [],  # a person judges it
    "set": [("{1, -1}", {}), ("{(0,0), (1,x)}", {}), ("{2 + sqrt(3), 2 - sqrt(3)}", {}), ("5", {})],
}
ALL_KEYS = [pytest.param(BY_NAME[name], *row, id=f"{name}-{row[0]}") for name, rows in KEYS.items() for row in rows]


def key_of(kind: AnswerType[Any], text: str) -> Tree:
    if kind.name == "choice":
        return options_tree(tuple(each.strip() for each in text.split(",")))
    if kind.name in {"indexed-expression", "shape", "interval", "inequality", "equation"}:
        return read_response(kind, text, kind.settings(), CONTEXT).tree
    return read(text).tree


def outcome(kind: AnswerType[Any], text: str, key: Tree, settings: Settings) -> Outcome:
    response = read_response(kind, text, settings, CONTEXT)
    return judge_response(kind, response, key, settings, CONTEXT).verdict.outcome


def test_names_are_distinct_and_every_type_has_keys_here() -> None:
    assert [kind.name for kind in BY_NAME.values()] == list(BY_NAME)
    assert set(KEYS) == set(BY_NAME)
    assert all(kind.meaning and kind.__doc__ for kind in BY_NAME.values())


@pytest.mark.parametrize(("kind", "text", "given"), ALL_KEYS)
def test_examples_are_right_wrong_and_unreadable(kind: AnswerType[Any], text: str, given: dict[str, Any]) -> None:
    settings, key = validate_settings(kind, given), key_of(kind, text)
    examples = kind.examples(key, settings)
    assert examples.right
    assert examples.wrong
    assert examples.unreadable
    for example in examples.right:
        assert outcome(kind, example, key, settings) is Outcome.EQUAL, example
    for example in examples.wrong:
        assert outcome(kind, example, key, settings) in {Outcome.DIFFERENT, Outcome.INVALID}, example
    for example in examples.unreadable:
        with pytest.raises(AnswerError):
            read_response(kind, example, settings, CONTEXT)


@pytest.mark.parametrize(("kind", "text", "given"), ALL_KEYS)
def test_what_is_shown_is_read_as_the_same(kind: AnswerType[Any], text: str, given: dict[str, Any]) -> None:
    settings, key = validate_settings(kind, given), key_of(kind, text)
    assert key_fault(kind, key, settings) == ""
    assert outcome(kind, kind.show(key, settings), key, settings) is Outcome.EQUAL


@pytest.mark.parametrize("kind", BY_NAME.values(), ids=lambda kind: kind.name)
def test_settings_have_a_schema_and_refuse_unknown_keys(kind: AnswerType[Any]) -> None:
    schema = settings_schema(kind)
    assert schema["additionalProperties"] is False
    assert {"disclose", "partial"} <= set(schema["properties"])
    with pytest.raises(ValidationError) as caught:
        validate_settings(kind, {"tolerence": 1})
    assert caught.value.errors()[0]["loc"] == ("tolerence",)


@pytest.mark.parametrize(
    ("name", "given", "place"),
    [
        ("number", {"tolerance": {}}, ("tolerance",)),
        ("number", {"tolerance": {"absolute": 1, "relative": 1}}, ("tolerance",)),
        ("number", {"tolerance": {"absolute": -1}}, ("tolerance",)),
        ("number", {"tolerance": {"absolute": "much"}}, ("tolerance",)),
        ("number", {"tolerance": {"absolute": "1e999999999"}}, ("tolerance",)),
        ("number", {"tolerance": {"significant_figures": 0}}, ("tolerance",)),
        ("number", {"tolerance": {"decimal_places": 1000}}, ("tolerance",)),
        ("vector", {"layout": "diagonal"}, ("layout",)),
        ("matrix", {"transpose_share": 2}, ()),
        ("table", {"start_row": "maybe"}, ("start_row",)),
        ("expression", {"disclose": "all"}, ("disclose",)),
        ("expression", {"form": "expandd"}, ()),
        ("matrix", {"form": "exact", "form_share": 2}, ()),
        ("witness", {"conditions": ["x > 0"]}, ()),
        ("witness", {"conditions": ["x >"], "names": ["x"]}, ()),
        ("witness", {"conditions": ["y > 0"], "names": ["x"]}, ()),
        ("witness", {"conditions": [], "names": ["x"]}, ()),
        ("witness", {"conditions": ["x > 0"], "names": ["x", "x"]}, ()),
        ("written", {"rubric": []}, ()),
        ("written", {"rubric": [{"points": 0, "text": "nothing"}]}, ("rubric", 0)),
        ("written", {"rubric": [{"points": "some", "text": "a reason"}]}, ("rubric", 0)),
        ("written", {"rubric": [{"points": 1, "text": " "}]}, ("rubric", 0)),
        ("written", {"rubric": [{"points": 1}]}, ("rubric", 0, "text")),
        ("expression", {"up_to": "luck"}, ("up_to",)),
        ("expression", {"up_to": "renaming"}, ()),
        ("expression", {"up_to": "sign", "strict": True}, ()),
        ("expression", {"strict": "perhaps"}, ("strict",)),
        ("expression", {"up_to": {"renaming": []}}, ()),
        ("expression", {"up_to": {"sign": ["x"]}}, ()),
        ("expression", {"up_to": {"constant": ["x"], "factor": ["x"]}}, ()),
        ("vector", {"up_to": "constant"}, ()),
        ("number", {"up_to": "factor"}, ("up_to",)),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_their_place(
    name: str, given: dict[str, Any], place: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_settings(BY_NAME[name], given)
    assert caught.value.errors()[0]["loc"][: len(place)] == place


@pytest.mark.parametrize(
    ("name", "key", "given"),
    [
        ("expression", "[x, 1]", {}),
        ("expression", "x > 1", {}),
        ("number", "2x", {}),
        ("number", "{1, 2}", {}),
        ("vector", "3", {}),
        ("vector", "[[1,2],[3,4]]", {}),
        ("vector", "[1,2] + [1,2,3]", {}),
        ("matrix", "{1}", {}),
        ("table", "x > 1", {}),
        ("table", "[[1, 2]]", {"start_row": "optional"}),
        ("list", "{1, 2}", {}),
        ("set", "x > 1", {}),
        ("interval", "2x", {}),
        ("interval", "0 < 1", {}),
        ("inequality", "[1, 2, 3]", {}),
        ("equation", "y < 2", {}),
        ("equation", "1 = 1", {}),
        ("equation", "6x - 9", {}),
    ],
)
def test_a_key_of_another_kind_is_named(name: str, key: str, given: dict[str, Any]) -> None:
    kind = BY_NAME[name]
    assert key_fault(kind, read(key).tree, validate_settings(kind, given)).endswith(".")


def test_choice_keys_must_be_options() -> None:
    kind = BY_NAME["choice"]
    settings = validate_settings(kind, {"options": OPTIONS})
    assert "flat is no option" in key_fault(kind, options_tree(("flat",)), settings)
    assert "only one may be chosen" in key_fault(kind, options_tree(("convex", "neither")), settings)
    assert key_fault(kind, options_tree(()), settings)


@pytest.mark.parametrize("kind", BY_NAME.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("text", ["", "   ", "(" * 3000, "9^9^9^9", "x" * 30_000, '["' * 200, "[" * 15_000 + '"'])
def test_hostile_text_is_read_or_refused_and_never_breaks(kind: AnswerType[Any], text: str) -> None:
    settings = kind.settings()
    key = key_of(kind, KEYS[kind.name][0][0]) if KEYS[kind.name] else Tree("empty")
    try:
        response = read_response(kind, text, settings, CONTEXT)
    except AnswerError:
        return
    assert judge_response(kind, response, key, settings, CONTEXT).verdict.outcome is not Outcome.EQUAL
