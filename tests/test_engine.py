"""The engine's name: another one for whatever may change a verdict, the same for all else."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

import grader
from grader.engine import JUDGING, name_of, present_engine

PACKAGE = Path(grader.__file__).parent
VERSIONS = ("1.13", "2.1", "0.8")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The judging layers as they are, in a folder of their own."""
    copy = tmp_path_factory.mktemp("sources") / "grader"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "static", "templates", "translations"))
    return copy


@pytest.mark.parametrize("changed", ["checking/equality.py", "reading/text.py", "grading.py"])
def test_another_source_is_another_engine(sources: Path, changed: str) -> None:
    before, kept = name_of(sources, VERSIONS), (sources / changed).read_bytes()
    (sources / changed).write_bytes(kept.replace(b"equal", b"eqaul", 1) + b"#")
    assert name_of(sources, VERSIONS) != before
    (sources / changed).write_bytes(kept)
    assert name_of(sources, VERSIONS) == before


def test_another_library_is_another_engine(sources: Path) -> None:
    assert name_of(sources, (*VERSIONS[:-1], "0.9")) != name_of(sources, VERSIONS)


def test_pages_and_compiled_files_are_the_same_engine(sources: Path) -> None:
    before = name_of(sources, VERSIONS)
    (sources / "web" / "app.py").write_text("")
    (sources / "checking" / "__pycache__").mkdir()
    (sources / "checking" / "note.txt").write_text("text")
    assert name_of(sources, VERSIONS) == before


def test_nothing_that_judging_imports_is_left_out() -> None:
    files = [
        path
        for name in JUDGING
        for path in ([PACKAGE / name] if name.endswith(".py") else (PACKAGE / name).glob("*.py"))
    ]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    found = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    layers = {name.split(".")[1] for name in found if name.startswith("grader.")}
    assert layers - {name.removesuffix(".py") for name in JUDGING} == {"engine"}
    assert len(present_engine()) == 16
