"""`grader bank sweep --report`: every problem in numbers, on a page that needs nothing else."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from grader.bank.loading import load_problem
from grader.bank.measuring import MEASURES, measure_problem, measures_to_json
from grader.cli import cli
from grader.cli.failures import EXIT_CODES
from grader.errors import InvalidRequest
from grader.web.charts import columns, histogram
from tests.bank.samples import SOUND, spoiled

ID = "slope-of-a-parabola"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["bank", "sweep", *arguments], catch_exceptions=False)


def swept(folder: Path, text: str, *more: str, seeds: int = 12) -> tuple[Result, str]:
    path = folder / "derivatives" / f"{ID}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    report = folder / "report.html"
    result = run(str(folder / "derivatives"), "--seeds", str(seeds), "--report", str(report), *more)
    return result, report.read_text(encoding="utf-8") if report.exists() else ""


class Balanced(HTMLParser):
    """The tags that are open, which at the end are none."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in {"meta", "br", "link", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_asks_nobody_for_anything(tmp_path: Path) -> None:
    result, page = swept(tmp_path, SOUND)
    assert result.exit_code == 0
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert not re.search(r"https?://|url\(|@import|<script|<link|\ssrc=", page)
    for piece in ("The slope of a parabola", "Parameter a", "Parameter side", *MEASURES.values(), "12 seeds each"):
        assert piece in page
    assert "prefers-color-scheme: dark" in page


def test_findings_stand_on_the_page_with_their_seeds(tmp_path: Path) -> None:
    result, page = swept(tmp_path, spoiled("at: {x: 1}}", 'at: {x: "1/(a - 4)"}}'), seeds=20)
    assert result.exit_code == 1
    assert "division by zero" in page
    assert re.search(r"Seeds \d", page)


def test_a_file_that_cannot_be_read_stands_on_the_page(tmp_path: Path) -> None:
    result, page = swept(tmp_path, "id: <b>[")
    assert result.exit_code == 1
    assert "Files that cannot be read" in page
    assert "<b>" not in page


def test_what_an_author_writes_is_escaped(tmp_path: Path) -> None:
    _, page = swept(tmp_path, SOUND.replace("title: The slope", "title: <i>The & slope</i>"))
    assert "&lt;i&gt;The &amp; slope" in page
    assert "<i>" not in page


def test_programs_get_the_measures(tmp_path: Path) -> None:
    result, _ = swept(tmp_path, SOUND, "--json")
    measures = json.loads(result.stdout)["problems"][0]["measures"]
    assert measures["variants"] == 12
    assert sum(measures["parameters"]["side"].values()) == 12
    assert all(measures[name]["least"] <= measures[name]["middle"] <= measures[name]["most"] for name in MEASURES)
    assert (
        "measures" not in json.loads(run(str(tmp_path / "derivatives"), "--seeds", "2", "--json").stdout)["problems"][0]
    )


def test_a_place_that_cannot_be_written_is_refused_before_the_sweep(tmp_path: Path) -> None:
    result = run("--report", str(tmp_path / "nowhere" / "report.html"))
    assert result.exit_code == EXIT_CODES[InvalidRequest]


def test_more_processes_measure_the_same(tmp_path: Path) -> None:
    one, two = (swept(tmp_path, SOUND, "--json", "--jobs", jobs)[0].stdout for jobs in ("1", "2"))
    assert json.loads(one) == json.loads(two)


def test_a_measure_is_what_it_says() -> None:
    (first, *_) = measure_problem(load_problem(SOUND), 1)
    a, b = int(first.parameters["a"]), int(first.parameters["b"])
    assert first.largest == max(2 * a, abs(b), abs(2 * a + b))
    assert first.length >= len("convex")
    assert first.nodes >= 5
    assert first.rules > 0


def test_a_longer_derivation_has_more_steps() -> None:
    chain = SOUND[: SOUND.index("examples:")].replace('f: "a*x^2 + b*x"', 'f: "sin(a*x^2 + b*x)*e^(a*x)"')
    chain = chain.replace("  shape: {convexity: f, by: x}\n", "").replace("    answer: shape", "    answer: neither")
    plain, hard = (measure_problem(load_problem(text), 1)[0].rules for text in (SOUND, chain))
    assert hard > plain


def test_nothing_measured_is_nothing_told() -> None:
    assert measures_to_json(())["variants"] == 0


def bars(markup: str) -> dict[str, int]:
    """What each bar of a plot says of itself."""
    root = ET.fromstring(markup)
    titles = (each.text or "" for each in root.iter("title"))
    return {label: int(count) for label, _, count in (title.rpartition(": ") for title in titles)}


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["1", "3", "1"], {"1": 2, "2": 0, "3": 1}),
        (["-2", "-2"], {"-2": 2}),
        (["[1, 2]", "[2, 3]"], {"1": 1, "2": 2, "3": 1}),
        (["left", "right", "left"], {"left": 2, "right": 1}),
        (["a<b", "sin(x)"], {"a<b": 1, "sin(x)": 1}),
        ([str(number) for number in range(100)], None),
        (["1/2", "0.25", "3"], None),
        ([], {}),
    ],
)
def test_a_histogram_counts(texts: list[str], found: dict[str, int] | None) -> None:
    counted: Any = bars(histogram("Drawn", texts))
    assert sum(counted.values()) == sum(max(len(re.findall(r"\d+", text)), 1) if "[" in text else 1 for text in texts)
    if found is not None:
        assert counted == found


def test_many_words_are_gathered() -> None:
    counted = bars(histogram("Drawn", [f"word{letter}" for letter in "abcdefghijklmno"]))
    assert len(counted) == 11
    assert counted["5 others"] == 5


@pytest.mark.parametrize("values", [[], [0.0], [1e30, -1e30], [0.1, 0.2], [5.0] * 9, [1.5, 1e-9]])
def test_columns_stay_within_the_plot(values: list[float]) -> None:
    root = ET.fromstring(columns("Values", values))
    for bar in root.iter("rect"):
        x, y, width, height = (float(bar.get(name, "nan")) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + width <= 320.1
        assert 0 <= y <= y + height <= 96
    assert sum(bars(columns("Values", values)).values()) == len(values)
