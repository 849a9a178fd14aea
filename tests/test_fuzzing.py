"""Every text gets a verdict or a clear error in time: a short, repeatable run of the fuzzer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FUZZER = Path(__file__).parents[1] / "bench" / "fuzz.py"


@pytest.mark.parametrize("options", [("--cases", "400"), ("--cases", "400", "--drawn", "--seed", "7")])
def test_nothing_is_found(options: tuple[str, ...]) -> None:
    command = [sys.executable, str(FUZZER), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    report = json.loads(done.stdout)
    assert report["cases"] == 400
    assert list(report["findings"].values()) == []
    assert done.returncode == 0


def test_a_finding_is_found() -> None:
    program = """
import sys; sys.path.insert(0, sys.argv[1])
import fuzz
said = {"reading": 0.5, "deciding": 3.0, "mebibytes": 999, "error": "KeyError x.py:f", "words": "<class 'int'>"}
class Child:
    def ask(self, case): return said if case["response"] else {"lost": "hang"}
report = fuzz.Report()
for text in ("x", ""): fuzz.examine(Child(), {"response": text, "type": "set"}, report)
print(*sorted({found["kind"] for found in report.findings.values()}), sep=",")
"""
    command = [sys.executable, "-c", program, str(FUZZER.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "crash,hang,inside shown,memory,slow deciding,slow reading"


@pytest.mark.parametrize(("what", "cases"), [("yaml", 120), ("api", 250)])
def test_no_problem_file_and_no_request_breaks_anything(what: str, cases: int) -> None:
    command = [sys.executable, str(FUZZER.with_name("fuzz_inputs.py")), what, "--json", "--cases", str(cases)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == {"cases": cases, "findings": {}}
