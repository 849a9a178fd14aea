"""Fragments: put into texts and declarations, carried in a problem's own source, faults in their own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.bank.linting import lint
from grader.bank.loading import load_bank, load_file, load_problem
from grader.bank.variants import make_variant
from grader.errors import BankErrors
from grader.grading import grade
from tests.bank.samples import SOUND

TEXT = "Here $f$ is a {{ kind }} with $a = {{ a }}$.\n{% if a > 100 %}Large.{% endif %}\n"
POINTS = """parameters:
  p: {integer: [1, 3]}
where: ["p != 2"]
derived:
  twice: "2*p"
hints: ["Look at {{ p }}."]
"""
USING = SOUND.replace("level: drill\n", "level: drill\nuse: [points]\n").replace(
    "  Find $f'(x)$.\n", "  Find $f'(x)$, and {{ p }} twice: {{ twice }}.\n\n  {{> reminder }}\n"
)

USING = USING.replace("side: left}", "side: left, p: 1}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "derivatives").mkdir()
    (tmp_path / "fragments").mkdir()
    (tmp_path / "fragments" / "reminder.md").write_text(TEXT.replace("{{ kind }}", "parabola"), encoding="utf-8")
    (tmp_path / "fragments" / "points.yaml").write_text(POINTS, encoding="utf-8")
    (tmp_path / "derivatives" / "slope-of-a-parabola.yaml").write_text(USING, encoding="utf-8")
    return tmp_path


def test_fragments_are_part_of_a_problem(folder: Path) -> None:
    problem = load_file(folder / "derivatives" / "slope-of-a-parabola.yaml")
    variant = make_variant(problem, 7)
    p = int(variant.parameters["p"])
    assert p in {1, 3}
    assert f"and {p} twice: {2 * p}." in variant.prompt
    assert "Here $f$ is a parabola with $a = 6$." in variant.prompt
    assert "Large" not in variant.prompt
    assert variant.hints == ("Take one term at a time.", "Then put the number in.", f"Look at {p}.")
    assert list(variant.parameters) == ["p", "a", "b", "side"]


def test_the_source_of_a_problem_is_whole(folder: Path) -> None:
    problem = load_file(folder / "derivatives" / "slope-of-a-parabola.yaml")
    again = load_problem(problem.source, "elsewhere")
    assert again.version == problem.version
    assert make_variant(again, 7) == make_variant(problem, 7)
    (folder / "fragments" / "reminder.md").write_text("Other words.", encoding="utf-8")
    assert load_file(folder / "derivatives" / "slope-of-a-parabola.yaml").version != problem.version


def test_the_folder_of_fragments_holds_no_problems(folder: Path) -> None:
    bank = load_bank([folder])
    assert (list(bank.problems), bank.errors, bank.files) == (["slope-of-a-parabola"], (), 1)
    found = [str(each) for each in lint([folder], grade).findings if "Look to" not in str(each)]
    assert not [each for each in found if "error" in each], found


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("reminder.md", "{{ a }}", "{{ ¡q }}", "The name q is not used in this problem."),
        ("reminder.md", "{{ a }}", "{{> ¡points }}", "A fragment cannot hold another one."),
        ("points.yaml", "2*p", "2*¡q", "The name q is not used in this problem."),
        ("points.yaml", "[1, 3]", "¡[3, 1]", "The range from 3 to 1 is empty."),
        ("points.yaml", "where:", "¡wher:", "Unknown key 'wher'."),
        ("points.yaml", '["p != 2"]', "¡no", "Unquoted, no is false or true"),
    ],
)
def test_a_fault_in_a_fragment_is_named_in_its_file(folder: Path, name: str, old: str, new: str, says: str) -> None:
    path = folder / "fragments" / name
    text = path.read_text(encoding="utf-8").replace(old, new)
    before = text[: text.index("¡")]
    path.write_text(text.replace("¡", ""), encoding="utf-8")
    with pytest.raises(BankErrors) as caught:
        load_file(folder / "derivatives" / "slope-of-a-parabola.yaml")
    error = next(each for each in caught.value.errors if each.message.startswith(says))
    assert error.file == str(path)
    assert (error.line, error.column) == (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)


@pytest.mark.parametrize(
    ("old", "new", "says", "repair"),
    [
        ("{{> reminder }}", "{{> ¡remindr }}", "There is no fragment 'remindr'.", ""),
        ("use: [points]", "use: [¡point]", "There is no fragment 'point'.", ""),
        ("use: [points]", "use: [¡'../points']", "'../points' is not a name of this kind.", ""),
        ("  a: {integer: [2, 6]}", "  ¡p: {integer: [2, 6]}\n  a: {integer: [2, 6]}", "'p' is declared by", "Rename"),
    ],
)
def test_a_fault_beside_fragments_is_named_where_it_stands(
    folder: Path, old: str, new: str, says: str, repair: str
) -> None:
    path = folder / "derivatives" / "slope-of-a-parabola.yaml"
    text = USING.replace(old, new)
    before = text[: text.index("¡")]
    path.write_text(text.replace("¡", ""), encoding="utf-8")
    with pytest.raises(BankErrors) as caught:
        load_file(path)
    error = next(each for each in caught.value.errors if each.message.startswith(says))
    assert error.file == str(path)
    assert (error.line, error.column) == (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    assert repair in error.repair


def test_a_fragment_may_stand_in_the_file_itself() -> None:
    text = SOUND.replace("Find $f'(x)$.\n", "{{> short }}\n") + 'fragments: {short: {text: "Short: {{ a }}."}}\n'
    assert "Short: 6." in make_variant(load_problem(text, "x"), 7).prompt


def test_a_fragment_speaks_the_language_of_the_text() -> None:
    text = SOUND.replace("title: The slope of a parabola", "title: {en: Slope, de: Steigung}").replace(
        "prompt: |\n  Let $f(x) = {{ f }}$. Look to the {{ side }}.\n  Find $f'(x)$.\n",
        'prompt: {en: "{{> short }} {{ side }}", de: "{{> short }}"}\n',
    )
    text += 'fragments: {short: {text: {en: "Short.", de: "Kurz."}}}\n'
    problem = load_problem(text, "x")
    assert make_variant(problem, 7, language="de").prompt == "Kurz."
    assert make_variant(problem, 7).prompt.startswith("Short.")


def test_a_text_includes_a_bounded_number_of_fragments(folder: Path) -> None:
    path = folder / "derivatives" / "slope-of-a-parabola.yaml"
    path.write_text(USING.replace("{{> reminder }}", "{{> reminder }} " * 30), encoding="utf-8")
    with pytest.raises(BankErrors) as caught:
        load_file(path)
    assert {error.message for error in caught.value.errors} == {"This text includes more than 20 fragments."}


def test_a_fragment_that_is_too_long_is_refused(folder: Path) -> None:
    (folder / "fragments" / "reminder.md").write_text("x" * 30_000, encoding="utf-8")
    with pytest.raises(BankErrors) as caught:
        load_file(folder / "derivatives" / "slope-of-a-parabola.yaml")
    assert "at most 20000 are read" in str(caught.value.errors[0])


TABLE = SOUND.replace(
    "  shape: {convexity: f, by: x}\n",
    "  shape: {convexity: f, by: x}\n"
    '  steps: {descent: "x^2", by: x, start: 3, rate: "1/4", steps: 2, columns: [x, value], start_row: true}\n',
)


@pytest.mark.parametrize(
    ("written", "rows"),
    [
        (
            "{{ table(steps, $k$, $x$, value) | decimal }}",
            ["| $k$ | $x$ | value |", "| --- | --- | --- |", "| 0 | $3$ | $9$ |", "| 1 | $1.5$ | $2.25$ |"],
        ),
        ("{{ table(steps) | decimal 1 }}", ["|   |   |", "| --- | --- |", "| $3.0$ | $9.0$ |", "| $1.5$ | $2.3$ |"]),
    ],
)
def test_a_quantity_is_printed_as_a_table(written: str, rows: list[str]) -> None:
    source = TABLE.replace("  Find $f'(x)$.\n", f"  Find $f'(x)$: {written} Go on.\n")
    lines = make_variant(load_problem(source, "x"), 7).prompt.split("\n")
    start = lines.index(rows[0])
    assert lines[start : start + len(rows)] == rows
    assert lines[start - 1] == ""


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{{ table(steps, a) }}", "The table has 2 columns, and here are 1 headers."),
        ("{{ table(slope) }}", "is no table."),
        ("{{ table(stps) }}", "The name stps is not used in this problem."),
        ("{{ table() }}", "Nothing is printed here."),
    ],
)
def test_what_is_no_table_is_refused(written: str, says: str) -> None:
    source = TABLE.replace("  Find $f'(x)$.\n", f"  Find $f'(x)$: {written}\n")
    with pytest.raises(BankErrors) as caught:
        make_variant(load_problem(source, "x"), 7)
    assert any(says in each.message for each in caught.value.errors), caught.value.errors
