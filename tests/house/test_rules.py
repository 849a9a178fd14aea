"""The house rules, as far as a program can hold them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
NOT_OURS = {".git", ".venv", "node_modules", "var", "site", "dist", "built", "fonts"}
TEXTS = {".py", ".md", ".toml", ".yaml", ".yml", ".html", ".css", ".ts", ".js", ".lock", ".json", ".mako", ".ini", ""}
# A function of the grader that takes this in a call could run what a student typed.
EVALUATORS = {"eval", "exec", "compile", "__import__", "sympify", "parse_expr", "parse_latex", "literal_eval"}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "misc"}


def modules(folder: str = "grader") -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def texts() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    for name in listed:
        path = ROOT / name
        if name and path.is_file() and path.suffix in TEXTS and not NOT_OURS & set(path.parts):
            yield path


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_module_is_too_long() -> None:
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_too_long() -> None:
    found = {}
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    found[f"{place(path)}:{node.name}"] = length
    assert found == {}


def test_no_name_is_vague() -> None:
    assert [place(path) for path in modules() if path.stem in VAGUE_NAMES or path.parent.name in VAGUE_NAMES] == []


def test_summaries_fit_a_line() -> None:
    found = []
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
                summary = text.splitlines()[0]
                if len(summary) > 115:
                    found.append(f"{place(path)}:{getattr(node, 'name', 'module')}")
    assert found == []


def test_nothing_typed_is_evaluated() -> None:
    found = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else ""
                if isinstance(node.func, ast.Attribute) and node.func.attr in EVALUATORS - {"compile", "exec"}:
                    name = node.func.attr
                if name in EVALUATORS:
                    found.append(f"{place(path)}:{node.lineno}: {name}")
    assert found == []


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    found = []
    for path in modules() + modules("tests"):
        with path.open("rb") as file:
            found += [
                f"{place(path)}:{token.start[0]}"
                for token in tokenize.tokenize(file.readline)
                if token.type == tokenize.COMMENT and later.search(token.string)
            ]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
                found.append(f"{place(path)}:{node.lineno}")
    assert found == []


def test_no_path_of_one_machine() -> None:
    machine = re.compile(r"(?<![\w.])/(?:home|Users|root|work)/[\w.-]+")
    found = []
    for path in texts():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if machine.search(line):
                found.append(f"{place(path)}:{number}: {line.strip()[:80]}")
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements.run.lock"])
def test_lock_has_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|--trusted-host|@ file", text)
    pins = re.findall(r"^[a-z0-9][\w.-]*==\S+ \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE)
    assert len(pins) == text.count("==")


def pins(name: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9][\w.-]*)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}


def test_locks_hold_every_dependency_in_a_version_that_fits() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]["dev"]
    wanted = {"requirements.run.lock": project["dependencies"], "requirements.lock": project["dependencies"] + extras}
    for name, requirements in wanted.items():
        pinned = pins(name)
        parsed = [Requirement(one) for one in requirements]
        assert [str(one) for one in parsed if not one.specifier.contains(pinned[canonicalize_name(one.name)])] == []


def test_what_runs_is_what_is_developed_with() -> None:
    developed = pins("requirements.lock")
    assert {
        name: version for name, version in pins("requirements.run.lock").items() if developed[name] != version
    } == {}


def test_npm_lock_names_no_registry() -> None:
    frontend = (ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in frontend
    assert "://" not in frontend


def test_only_four_modules_load_others_by_name() -> None:
    found = {place(path) for path in modules() if "import_module" in path.read_text(encoding="utf-8")}
    assert found <= {
        "grader/answers/__init__.py",
        "grader/cli/__init__.py",
        "grader/checking/symbolic.py",
        "grader/loading.py",
    }


def test_every_exception_of_the_linter_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignored = text.split("\nignore = [\n")[1].split("\n]")[0].splitlines()
    assert [line for line in ignored if not re.search(r'", +# \S', line)] == []


def test_imports_of_the_public_face_are_frozen() -> None:
    tree = ast.parse((ROOT / "grader" / "__init__.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported - {"__future__"} <= {"grader.checking.verdict", "grader.single"}


@pytest.mark.parametrize("heavy", ["flask", "sqlalchemy", "sympy", "numpy", "click", "gunicorn"])
def test_importing_the_face_is_light(heavy: str) -> None:
    program = f"import sys; from grader import check; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
