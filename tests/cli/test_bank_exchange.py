"""`grader bank export` and `import`: there and back, packages that lie, and other systems' formats."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from click.testing import CliRunner, Result

from grader.bank.loading import load_problem
from grader.bank.packing import LARGEST_FILE, pack
from grader.cli import cli
from grader.cli.failures import EXIT_CODES
from grader.errors import BankErrors, Conflict, InvalidRequest, NotFound
from tests.bank.samples import SOUND

ID = "slope-of-a-parabola"
PLACE = f"problems/derivatives/{ID}.yaml"


@pytest.fixture(autouse=True)
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "problems" / "derivatives"
    folder.mkdir(parents=True)
    (folder / f"{ID}.yaml").write_text(SOUND, encoding="utf-8")
    (folder / "other.yaml").write_text(SOUND.replace(ID, "other"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["bank", *arguments], catch_exceptions=False)


def written(folder: str) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in Path(folder).rglob("*.yaml")}


def test_a_bank_goes_there_and_back(bank: Path) -> None:
    assert run("export", "all.zip").stdout == "Written: all.zip, 2 problems.\n"
    before = written("problems")
    for path in bank.iterdir():
        path.unlink()
    assert run("import", "all.zip").stdout == "2 problems written.\n"
    assert written("problems") == before
    assert run("import", "all.zip").stdout == "0 problems written, 2 there already.\n"


def test_the_same_problems_are_the_same_bytes_with_their_hashes() -> None:
    for name in ("a.zip", "b.zip"):
        assert run("export", ID, name).exit_code == 0
    assert Path("a.zip").read_bytes() == Path("b.zip").read_bytes()
    with ZipFile("a.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["format"] == "grader-problems"
    assert [entry["id"] for entry in manifest["problems"]] == [ID]
    assert re.fullmatch("[0-9a-f]{64}", manifest["problems"][0]["sha256"])


def test_a_problem_takes_its_fragments_along(bank: Path) -> None:
    fragment = bank.parent / "fragments" / "greeting.md"
    fragment.parent.mkdir()
    fragment.write_text("Good morning.", encoding="utf-8")
    file = bank / f"{ID}.yaml"
    file.write_text(SOUND.replace("Look to the", "{{> greeting}} Look to the"), encoding="utf-8")
    run("export", ID, "a.zip")
    assert run("import", "a.zip").stdout == "0 problems written, 1 there already.\n"
    shown = run("show", ID).stdout
    fragment.unlink()
    file.unlink()
    assert run("import", "a.zip").stdout == "1 problem written.\n"
    assert run("show", ID).stdout == shown


def test_line_endings_survive(bank: Path) -> None:
    source = SOUND.replace("\n", "\r\n").encode()
    (bank / f"{ID}.yaml").write_bytes(source)
    run("export", ID, "a.zip")
    (bank / f"{ID}.yaml").unlink()
    assert run("import", "a.zip").exit_code == 0
    assert (bank / f"{ID}.yaml").read_bytes().split() == source.split()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("export", "no-such-problem", "a.zip"), NotFound),
        (("export", ID, "a.tar"), InvalidRequest),
        (("export", ID, "nowhere/a.zip"), InvalidRequest),
        (("export", "taken.zip"), Conflict),
        (("export", "--format", "qti21", ID, "a.xml"), InvalidRequest),
        (("export", "--format", "moodle-xml", "a.xml"), InvalidRequest),
        (("export", "--format", "moodle-xml", ID, "a.xml", "--seeds", "1,x"), InvalidRequest),
        (("export", "--format", "moodle-xml", ID, "a.xml", "--seeds", "5-1"), InvalidRequest),
        (("export", "--format", "moodle-xml", ID, "a.xml", "--seeds", "1-9999999"), InvalidRequest),
        (("import", "nowhere.zip"), InvalidRequest),
    ],
)
def test_a_slip_is_a_sentence_and_an_exit_code(arguments: tuple[str, ...], error: type[Exception]) -> None:
    Path("taken.zip").write_bytes(b"mine")
    result = run(*arguments)
    assert (result.exit_code, result.stderr[:6]) == (EXIT_CODES[error], "Error:")  # type: ignore[index]
    assert Path("taken.zip").read_bytes() == b"mine"


def test_overwriting_is_asked_for() -> None:
    Path("a.zip").write_bytes(b"mine")
    assert run("export", "a.zip", "--overwrite").exit_code == 0
    assert Path("a.zip").read_bytes() != b"mine"


def test_a_bank_with_a_broken_file_is_not_exported(bank: Path) -> None:
    (bank / "broken.yaml").write_text("id: [", encoding="utf-8")
    assert run("export", "a.zip").exit_code == EXIT_CODES[BankErrors]
    assert not Path("a.zip").exists()


def package(change: Callable[[dict[str, bytes]], object], source: str = SOUND, compression: int = ZIP_DEFLATED) -> None:
    """A package with its files changed."""
    with ZipFile(BytesIO(pack([load_problem(source)]))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with ZipFile("bad.zip", "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def in_manifest(old: str, new: str) -> Callable[[dict[str, bytes]], object]:
    def change(files: dict[str, bytes]) -> None:
        text = files["manifest.json"].decode()
        assert old in text
        files["manifest.json"] = text.replace(old, new).encode()

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda files: files.pop("manifest.json"), "has no manifest.json"),
        (lambda files: files.update({"manifest.json": b"{"}), "manifest.json is not as it should be"),
        (lambda files: files.update({"manifest.json": b"[" * 100_000}), "manifest.json is not as it should be"),
        (in_manifest("grader-problems", "something"), "read is 'grader-problems'"),
        (in_manifest('"version": 1', '"version": 2'), "version 2"),
        (lambda files: files.update({"../../evil.yaml": b"x"}), "no place for a problem"),
        (lambda files: files.update({"/etc/evil.yaml": b"x"}), "no place for a problem"),
        (lambda files: files.update({"problems/a/../b.yaml": b"x"}), "no place for a problem"),
        (lambda files: files.update({"problems\\a\\b.yaml": b"x"}), "no place for a problem"),
        (lambda files: files.update({"problems/a/b.py": b"x"}), "no place for a problem"),
        (lambda files: files.update({"problems/a/b.yaml": b"x"}), "does not name 'problems/a/b.yaml'"),
        (lambda files: files.update({PLACE: SOUND.encode() + b"\n"}), "its hash is another one"),
        (lambda files: files.update({PLACE: b"\xff"}), "is not UTF-8 text"),
        (lambda files: files.update({PLACE: b" " * (LARGEST_FILE + 1)}), "too large once it is unpacked"),
        (lambda files: files.pop(PLACE), "which is not there"),
        (in_manifest(f'"id": "{ID}"', '"id": "another"'), "cannot be the problem 'another'"),
        (in_manifest(PLACE, "../../x.yaml"), "which is not there"),
    ],
)
def test_a_package_that_lies_is_refused(
    bank: Path, change: Callable[[dict[str, bytes]], object], says: str, tmp_path: Path
) -> None:
    package(change)
    before = sorted(tmp_path.rglob("*"))
    result = run("import", "bad.zip", "--into", "drafts")
    assert result.exit_code == EXIT_CODES[InvalidRequest]
    assert says in result.stderr
    assert sorted(tmp_path.rglob("*")) == before
    assert len(list(bank.iterdir())) == 2


def test_what_is_no_zip_file_is_refused() -> None:
    run("export", ID, "good.zip")
    good = Path("good.zip").read_bytes()
    before = good[:-6] + struct.pack("<L", 10**6) + good[-2:]  # its files would stand before its beginning
    for content in (b"", b"PK", good[:-30], good[:200], b"PK\x05\x06" + b"\0" * 18 + b"x", before):
        Path("bad.zip").write_bytes(content)
        assert run("import", "bad.zip", "--into", "drafts").exit_code == EXIT_CODES[InvalidRequest]
    package(lambda _files: None, compression=ZIP_LZMA)
    assert "unusual way" in run("import", "bad.zip", "--into", "drafts").stderr


def test_a_file_twice_is_refused() -> None:
    with ZipFile(BytesIO(pack([load_problem(SOUND)]))) as archive:
        files = [(name, archive.read(name)) for name in archive.namelist()]
    with ZipFile("bad.zip", "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(*files[-1])
    assert "twice" in run("import", "bad.zip", "--into", "drafts").stderr


def test_a_size_that_lies_does_not_help() -> None:
    """An entry that says it is small and is not."""
    package(lambda files: files.update({PLACE: b" " * (2 * LARGEST_FILE)}))
    content = Path("bad.zip").read_bytes().replace(struct.pack("<L", 2 * LARGEST_FILE), struct.pack("<L", 100))
    Path("bad.zip").write_bytes(content)
    assert run("import", "bad.zip", "--into", "drafts").exit_code == EXIT_CODES[InvalidRequest]


def test_a_problem_with_faults_lets_nothing_in(bank: Path) -> None:
    wrong = SOUND.replace("marks: {slope: 0}", "marks: {slope: 1}").replace(ID, "wrong")
    (bank / "wrong.yaml").write_text(wrong, encoding="utf-8")
    run("export", "all.zip")
    result = run("import", "all.zip", "--into", "elsewhere")
    assert result.exit_code == 0  # all three are in the bank, word for word
    for path in bank.iterdir():
        path.unlink()
    result = run("import", "all.zip")
    assert result.exit_code == 1
    assert "wrong.yaml:" in result.stdout
    assert "nothing was written" in result.stdout
    assert written("problems") == {}


def test_another_problem_under_the_same_id_is_a_conflict(bank: Path) -> None:
    run("export", "all.zip")
    (bank / "other.yaml").write_text(SOUND.replace(ID, "other").replace("Take one", "Look at"), encoding="utf-8")
    (bank / f"{ID}.yaml").unlink()
    result = run("import", "all.zip")
    assert result.exit_code == EXIT_CODES[Conflict]
    assert not (bank / f"{ID}.yaml").exists()


NASTY = (
    SOUND.replace(
        "Look to the {{ side }}.",
        'If $a < b$ & $c > d$: <b>"x"</b> ]]> `a<b`\n\n  $$\\begin{cases} 1 & x<0 \\\\ 2 \\end{cases}$$',
    )
    .replace('{convex: "convex",', "{convex: 'a < b & $x^2 < 1$',")
    .replace("title: The slope of a parabola", "title: 'A < B & \"C\"'")
    .replace("  side: {words: [left, right]}\n", "")
    .replace(", side: left", "")
)


@pytest.fixture
def nasty(bank: Path) -> None:
    (bank / f"{ID}.yaml").write_text(NASTY, encoding="utf-8")


def exported(format: str, name: str, *more: str) -> Result:
    result = run("export", "--format", format, ID, name, *more)
    assert result.exit_code == 0, result.stderr
    return result


@pytest.mark.usefixtures("nasty")
def test_moodle_questions_are_whole_and_escaped() -> None:
    exported("moodle-xml", "a.xml", "--seeds", "1,2-3")
    root = ET.parse("a.xml").getroot()
    questions = root.findall("question")
    kinds = [question.get("type") for question in questions]
    assert kinds == ["category", *["shortanswer", "numerical", "multichoice"] * 3]
    assert root.findtext("question/category/text") == f"$course$/top/derivatives/{ID}"
    text = questions[1].findtext("questiontext/text") or ""
    assert r"\(a &lt; b\)" in text
    assert '&lt;b&gt;"x"&lt;/b&gt;' in text or "&lt;b&gt;&quot;x&quot;&lt;/b&gt;" in text
    assert r"\[\begin{cases} 1 &amp; x&lt;0" in text
    assert (questions[1].findtext("name/text") or "").startswith('A < B & "C", variant 1, part a')
    for question in questions[1:]:
        assert question.findtext("defaultgrade") in {"1", "2"}
        assert any(answer.get("fraction") == "100" for answer in question.findall("answer"))


def test_a_star_is_no_wildcard_in_moodle() -> None:
    exported("moodle-xml", "a.xml", "--seeds", "7")
    answers = ET.parse("a.xml").getroot().findall("question[@type='shortanswer']/answer")
    assert [(answer.findtext("text"), answer.get("fraction")) for answer in answers] == [
        (r"12\*x + 3", "100"),
        (r"12\*x+3", "100"),
        ("12x+3", "100"),
        ("12 x + 3", "100"),
        ("*", "0"),
    ]


def test_what_is_lost_is_told() -> None:
    result = exported("moodle-xml", "a.xml", "--seeds", "1-3")
    assert "What this format cannot say:" in result.stdout
    assert "derivative: Only the spellings listed are taken" in result.stdout
    data = json.loads(exported("qti30", "a.zip", "--json").stdout)
    assert [limit["part"] for limit in data["limits"]] == ["derivative"]


@pytest.mark.parametrize(
    ("answer", "value", "tolerance"),
    [
        ("answer: slope", None, "0"),
        ('answer: "1/8"', "0.125", "0"),
        ('answer: "1/3"', "0.333333333333", "0.000001"),
        ('answer: "2*pi*1000"', "6283.18530718", "0.00628318530718"),
        ('answer: "1/3"\n    tolerance: {absolute: "0.01"}', "0.333333333333", "0.01"),
        ('answer: "200/3"\n    tolerance: {relative: "0.01"}', "66.6666666667", "0.666666666667"),
        ('answer: "200/3"\n    tolerance: {significant_figures: 3}', "66.6666666667", "0.05"),
        ('answer: "1/3"\n    tolerance: {decimal_places: 2}', "0.333333333333", "0.005"),
    ],
)
def test_numbers_come_with_their_tolerance(bank: Path, answer: str, value: str | None, tolerance: str) -> None:
    text = SOUND[: SOUND.index("examples:")].replace("answer: slope", answer)
    (bank / f"{ID}.yaml").write_text(text, encoding="utf-8")
    exported("moodle-xml", "a.xml")
    found = ET.parse("a.xml").getroot().find("question[@type='numerical']/answer")
    assert found is not None
    assert value in {None, found.findtext("text")}
    assert found.findtext("tolerance") == tolerance


def test_what_cannot_be_judged_elsewhere_is_an_essay(bank: Path) -> None:
    text = SOUND[: SOUND.index("examples:")].replace(
        "type: number\n    answer: slope", 'type: matrix\n    answer: "[[a, b], [slope, 1]]"'
    )
    (bank / f"{ID}.yaml").write_text(text, encoding="utf-8")
    exported("moodle-xml", "a.xml")
    essay = ET.parse("a.xml").getroot().find("question[@type='essay']")
    assert essay is not None
    assert "[[" in (essay.findtext("graderinfo/text") or "")
    exported("qti21", "a.zip")
    assert len(items("a.zip")[0].findall(".//{*}extendedTextInteraction")) == 1


def items(name: str) -> list[ET.Element]:
    with ZipFile(name) as archive:
        return [ET.fromstring(archive.read(file)) for file in archive.namelist() if file.startswith("items/")]


MATHS = "{http://www.w3.org/1998/Math/MathML}"


@pytest.mark.usefixtures("nasty")
@pytest.mark.parametrize(
    ("format", "item", "package", "prefix"),
    [
        ("qti21", "http://www.imsglobal.org/xsd/imsqti_v2p1", "http://www.imsglobal.org/xsd/imscp_v1p1", ""),
        (
            "qti30",
            "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
            "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
            "qti-",
        ),
    ],
)
def test_a_qti_package_has_the_structure_of_its_version(format: str, item: str, package: str, prefix: str) -> None:
    exported(format, "a.zip", "--seeds", "1-2")
    with ZipFile("a.zip") as archive:
        names = archive.namelist()
        manifest = ET.fromstring(archive.read("imsmanifest.xml"))
    assert manifest.tag == f"{{{package}}}manifest"
    listed = [each.get("href") for each in manifest.iter(f"{{{package}}}file")]
    assert names == ["imsmanifest.xml", *listed]
    for root in items("a.zip"):
        named = [element.tag.removeprefix(f"{{{item}}}") for element in root]
        assert root.tag.endswith("assessmentItem" if not prefix else "qti-assessment-item")
        order = ["responseDeclaration"] * 3 + ["outcomeDeclaration"] * 2 + ["itemBody", "responseProcessing"]
        assert named == [prefix + (kebab(name) if prefix else name) for name in order]
        tags = {element.tag.removeprefix(f"{{{item}}}") for element in root.iter()}
        assert f"{MATHS}math" in tags
        assert "p" in tags
        declared = {element.get("identifier") for element in root[:3]}
        used = {element.get("response-identifier" if prefix else "responseIdentifier") for element in root.iter()}
        assert used - {None} == declared
        assert "".join(root.itertext()).count('<b>"x"</b> ]]>') == 1
        if prefix:
            ours = [element for element in root.iter() if element.tag.startswith(f"{{{item}}}qti-")]
            assert [
                name for element in ours for name in element.attrib if re.search("[A-Z]", name) and "{" not in name
            ] == []


def kebab(name: str) -> str:
    return re.sub("([A-Z])", r"-\1", name).lower()


def test_a_qti_item_scores_its_key() -> None:
    """The rules of response processing, followed by hand."""
    exported("qti21", "a.zip", "--seeds", "7")
    (root,) = items("a.zip")
    space = {"q": "http://www.imsglobal.org/xsd/imsqti_v2p1"}
    points = [float(each.text or "") for each in root.findall(".//q:setOutcomeValue/q:sum/q:baseValue", space)]
    assert points == [2, 1, 1]
    assert root.findtext("q:outcomeDeclaration[@identifier='MAXSCORE']/q:defaultValue/q:value", "", space) == "4"
    tests = [branch[0].tag.partition("}")[2] for branch in root.findall(".//q:responseIf", space)]
    assert tests == ["or", "equal", "match"]
