"""Lint finds what is wrong in files, folders, examples and known cases, and says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.bank.linting import LintReport, lint
from grader.bank.loading import load_bank
from grader.errors import NotFound
from grader.grading import grade
from tests.bank.samples import SOUND, spoiled


def write(folder: Path, text: str, name: str = "slope-of-a-parabola.yaml", topic: str = "derivatives") -> Path:
    path = folder / topic / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def report(folder: Path, text: str) -> LintReport:
    write(folder, text)
    return lint([folder], grade)


def test_a_sound_problem_has_nothing_to_mend(tmp_path: Path) -> None:
    found = report(tmp_path, SOUND)
    assert [str(finding) for finding in found.findings] == []
    assert list(found.bank.problems) == ["slope-of-a-parabola"]


# What is changed in the sound file, the kind of finding, its line and column, and part of what it says.
FINDINGS = [
    ("topic: derivatives", "topic: gradients", "folder", 3, 8, "stands in the folder 'derivatives'"),
    ("marks: {derivative: 2, slope: 1}", "marks: {derivative: 1, slope: 1}", "example", 47, 25, "gets 2 points, not 1"),
    ('slope: "7"}', 'slope: "8"}', "example", 47, 35, "'8' gets 0 points, not 1"),
    ("marks: {slope: 0}", "marks: {slope: 1}", "example", 49, 20, "gets 0 points, not 1"),
    (
        'answers: {derivative: "8*x - 5"}',
        'answers: {derivative: "8*x"}',
        "known-case",
        52,
        25,
        "but the key is '8*x - 5'",
    ),
    ('f: "a*x^2 + b*x"', 'f: "a*x^2 + b*x"\n  g: "a"', "unused", 15, 3, "'g' is never used."),
    ("a: {integer: [2, 6]}", "a: {integer: [2, 6]}\n  c: {integer: [2, 6]}", "unused", 10, 3, "'c' is never used."),
    (
        'hints:\n  - "Take one term at a time."\n  - "Then put the number in."\n',
        "",
        "no-hints",
        1,
        1,
        "There are no hints.",
    ),
    ('\n  - "Then put the number in."', "", "hints", 1, 1, "There is only one hint."),
    ('\n    feedback: {wrong: "Put the number in."}', "", "no-wrong-text", 28, 5, "'slope' says nothing to a wrong"),
    ("answer: df", 'answer: "0*x"', "trivial", 25, 13, "The answer is zero."),
    ('concave: "concave"', 'concave: "convex"', "same-options", 36, 42, "The options 'convex' and 'concave'"),
    ("Find $f'(x)$.\nparts", "Find $({{ a - a }}x)$.\nparts", "awkward", 20, 10, "This reads '0x"),
    ("Find $f'(x)$.\nparts", "Of {{ f }}.\nparts", "awkward", 20, 6, "Outside of $…$ this prints the LaTeX"),
    ("Find $f'(x)$.\nparts", "Find $f'(x).\nparts", "text", 20, 8, "The dollar signs of this paragraph"),
    ("Find $f'(x)$.\nparts", "Add { a } to it.\nparts", "text", 20, 7, "Single braces print the letters 'a'"),
    ("title: The slope of", "title: The slope #1 of", "text", 2, 17, "From the # on, this is a comment"),
]


@pytest.mark.parametrize(
    ("old", "new", "kind", "line", "column", "says"), FINDINGS, ids=[row[1][:40] for row in FINDINGS]
)
def test_a_finding_has_its_kind_and_place(  # one argument for each column of the table
    tmp_path: Path, old: str, new: str, kind: str, line: int, column: int, says: str
) -> None:
    text = spoiled(old, new)
    if "c: {integer" in new:
        text = text.replace("a: 2, b: 3", "a: 2, c: 2, b: 3").replace("a: 4, b: -5", "a: 4, c: 2, b: -5")
    found = [finding for finding in report(tmp_path, text).findings if finding.kind == kind]
    assert [(finding.line, finding.column) for finding in found] == [(line, column)]
    assert says in found[0].message


@pytest.mark.parametrize(
    "text",
    [
        "A price of \\$5.",
        "Write it as `{ a }` or `$`.",
        "$$\\frac{ a }{ b } x^{ a }$$",
        "{{ a }} apples, {{ f | text }}.",
        "${% if a > 2 %}x{% else %}y{% endif %}$, $z$",
    ],
)
def test_texts_that_print_what_was_meant_are_left_alone(tmp_path: Path, text: str) -> None:
    found = report(tmp_path, spoiled("Find $f'(x)$.\nparts", f"{text}\nparts"))
    assert [str(finding) for finding in found.findings] == []


def test_what_an_example_shows_as_well_as_a_seed_is_told_once(tmp_path: Path) -> None:
    found = report(tmp_path, spoiled("type: number\n    answer: slope", "type: number\n    answer: f"))
    (error,) = [error for error in found.errors if "no number" in error.message]
    assert error.seeds == (0, 1, 2)
    assert error.repair == "Write `type: expression`, or give its variables values."


def test_an_id_of_the_bank_beside_is_taken_unless_it_is_the_same_file(tmp_path: Path) -> None:
    drafts, bank = tmp_path / "drafts", tmp_path / "bank"
    write(drafts, SOUND)
    write(bank, SOUND)
    (finding,) = lint([drafts], grade, beside=load_bank([bank])).findings
    assert (finding.kind, finding.line, finding.column, finding.severity) == ("id-taken", 1, 5, "warning")
    assert lint([bank], grade, beside=load_bank([bank])).findings == ()


def test_a_wrong_answer_of_the_author_is_an_example_that_fails(tmp_path: Path) -> None:
    kinds = {finding.kind for finding in report(tmp_path, spoiled("answer: df", "answer: f")).errors}
    assert kinds == {"example", "known-case", "given-away"}


def test_a_broken_file_stops_no_other(tmp_path: Path) -> None:
    write(tmp_path, "id: [", "broken.yaml")
    found = report(tmp_path, SOUND)
    assert list(found.bank.problems) == ["slope-of-a-parabola"]
    assert {Path(finding.file).name for finding in found.errors} == {"broken.yaml"}


def test_an_id_is_given_once_in_the_bank(tmp_path: Path) -> None:
    write(tmp_path, SOUND, "another.yaml")
    (error,) = report(tmp_path, SOUND).errors
    assert error.message.startswith("The id 'slope-of-a-parabola' is taken by")
    assert (Path(error.file).name, error.line, error.column) == ("slope-of-a-parabola.yaml", 1, 5)


def test_files_that_are_no_text_or_not_there_are_faults(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"title: \xe9\n")
    found = load_bank([tmp_path, tmp_path / "nowhere"])
    assert [error.message for error in found.errors] == [
        "The file is not UTF-8 text (byte 7).",
        "There is no such file or folder.",
    ]


def test_an_unknown_id_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    bank = load_bank([tmp_path])
    assert bank.problem("slope-of-a-parabola").title == "The slope of a parabola"
    with pytest.raises(NotFound, match="Did you mean 'slope-of-a-parabola'"):
        bank.problem("slope-of-parabola")
