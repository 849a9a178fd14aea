"""The sweep names what goes wrong on some seeds, with the seeds, and counts what is different."""

from __future__ import annotations

import pytest

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.sweep import ProblemSweep, sweep
from tests.bank.samples import SOUND, spoiled


def swept(text: str, seeds: int = 30, jobs: int = 1) -> ProblemSweep:
    (found,) = sweep([load_problem(text, "sample.yaml")], seeds, jobs)
    return found


def test_a_sound_problem_is_clean_and_its_variants_are_counted() -> None:
    found = swept(SOUND)
    assert found.is_clean, [str(finding) for finding in found.findings]
    assert 20 <= found.distinct <= 30


def test_progress_hears_of_every_seed() -> None:
    heard: list[tuple[str, int]] = []
    sweep([load_problem(SOUND, "x")], 30, progress=lambda name, count: heard.append((name, count)))
    assert heard == [("slope-of-a-parabola", 25), ("slope-of-a-parabola", 5)]


def test_two_processes_find_what_one_finds() -> None:
    text = spoiled("b: {integer: [-5, 5], exclude: [0]}", "b: {integer: [-2, 2]}")
    assert swept(text, 40, jobs=2) == swept(text, 40)


@pytest.mark.parametrize(
    ("old", "new", "kind", "line", "on_fours"),
    [
        ("    answer: df", '    answer: "(a - 4)*x"', "trivial", 25, True),
        ("at: {x: 1}}", 'at: {x: "1/(a - 4)"}}', "variant", 16, True),
        ("    answer: df", '    answer: "ln(-(a - 4)^2 - x^2)*(a - 4) + df"', "undefined", 25, False),
        ('"{{ slope + 1 }}"', '"{{ slope + a - 4 }}"', "example", 49, True),
    ],
)
def test_a_fault_on_some_seeds_is_named_with_them(old: str, new: str, kind: str, line: int, on_fours: bool) -> None:
    found = [each for each in swept(spoiled(old, new)).findings if each.kind == kind]
    assert len(found) == 1, list(map(str, found))
    finding = found[0]
    sound = load_problem(SOUND, "x")
    fours = {seed for seed in range(30) if make_variant(sound, seed, verify=False).parameters["a"] == "4"}
    assert fours
    assert (finding.line, finding.problem) == (line, "slope-of-a-parabola")
    assert set(finding.seeds) == (fours if on_fours else set(range(30)) - fours)


def test_a_fault_stands_in_the_file_that_was_swept_though_another_says_the_same() -> None:
    text = spoiled("at: {x: 1}}", 'at: {x: "1/(a - 4)"}}')
    for file, seeds in (("first.yaml", 10), ("second.yaml", 30)):
        (found,) = sweep([load_problem(text, file)], seeds)
        assert {finding.file for finding in found.findings} == {file}


def test_a_problem_that_hardly_varies_is_named() -> None:
    text = spoiled("b: {integer: [-5, 5], exclude: [0]}", "b: {integer: [1, 1]}")
    text = text.replace("b: 3, side", "b: 1, side").replace("4x + 3", "4x + 1").replace('slope: "7"', 'slope: "5"')
    text = text.replace("b: -5, side", "b: 1, side").replace("8*x - 5", "8*x + 1")
    found = swept(text)
    assert [finding.kind for finding in found.findings] == ["few-variants"]
    assert found.is_clean
    assert found.distinct == 10
