"""Derivations written out in texts, in both languages."""

from __future__ import annotations

import pytest

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.bank.wording import translated
from grader.calculus.describing import SENTENCES
from grader.calculus.rules import RULES
from grader.errors import BankErrors
from tests.bank.samples import SOUND

SOLUTION = "solution: |\n  $f'(x) = {{ df }}$, and so $f'(1) = {{ slope }}$.\n"
LINE = r"- Power rule: $\frac{\mathrm{d}}{\mathrm{d} x}\left[x^{2}\right] = 2 x$."


def solution_of(written: str, language: str = "en") -> str:
    source = SOUND.replace(SOLUTION, written)
    if language != "en":
        source = source.replace("title: The slope of a parabola", "title: {en: The slope, de: Die Steigung}")
        source = source.replace("prompt: |\n  Let $f(x) = {{ f }}$. Look to the {{ side }}.\n  Find $f'(x)$.\n", BOTH)
    return make_variant(load_problem(source, "x"), 7, language=language).solution


BOTH = 'prompt: {en: "Find {{ side }} $f\'$ of ${{ f }}$.", de: "Leite ab: ${{ f }}$."}\n'


@pytest.mark.parametrize(
    "written",
    [
        "solution: |\n  Rule by rule: {{ steps(df) }} So it is.\n",
        'solution: {text: "Rule by rule.", steps: df}\n',
        "solution: {steps: [df]}\n",
        "solution:\n  text: {en: Rule by rule., de: Regel für Regel.}\n  steps: [df]\n",
    ],
)
def test_a_derivation_is_a_list_of_its_rules(written: str) -> None:
    lines = solution_of(written).split("\n")
    assert LINE in lines
    assert lines[lines.index(LINE) - 1].startswith("- ")


def test_a_derivation_is_translated() -> None:
    text = solution_of('solution: {text: {en: "So.", de: "Also."}, steps: df}\n', "de")
    assert text.startswith("Also.")
    assert "- Potenzregel: $" in text
    assert "- Summenregel: $" in text


@pytest.mark.parametrize(
    ("written", "repair"),
    [
        ("solution: |\n  So {{ steps(¡f) }}.\n", "Name a quantity that is derived by one of"),
        ("solution: |\n  So {{ steps(¡q) }}.\n", "Name a quantity that is derived by one of"),
        ("solution: |\n  So {{ steps(¡slope) }}.\n", "Name a quantity that is derived by one of"),
        ("solution: {steps: [df, ¡f]}\n", "Name a quantity that is derived by one of"),
        ("solution: {¡setps: df}\n", "Did you mean 'steps'?"),
        ("solution: {steps: ¡f}\n", "Name a quantity that is derived by one of"),
    ],
)
def test_what_is_not_derived_is_named_where_it_stands(written: str, repair: str) -> None:
    source = SOUND.replace(SOLUTION, written)
    before = source[: source.index("¡")]
    with pytest.raises(BankErrors) as caught:
        load_problem(source.replace("¡", ""), "x")
    (error,) = caught.value.errors
    assert (error.line, error.column) == (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1), str(error)
    assert error.repair.startswith(repair)


@pytest.mark.parametrize("words", [*SENTENCES, *sorted({rule.title for rule in RULES.values()})])
def test_all_words_of_the_differentiator_are_translated(words: str) -> None:
    assert translated(words, "de") != words
    assert sorted(part for part in translated(words, "de") if part in "{}$") == sorted(
        part for part in words if part in "{}$"
    )
