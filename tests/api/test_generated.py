"""Requests made up from the description of the API, at the real server on PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.web.api import ROUTES
from tests.api.live import new_database, serving, token_of_the_demo

SEED = os.environ.get("GRADER_TEST_SEED", "1")
SHORT, LONG = 1, 40
"""So many requests are made up for each route, and so many chains of links."""
IS_LONG = os.environ.get("GRADER_TEST_GENERATED") == "long"
"""As `make generated` has it: also every border of every value, more than two thousand requests."""
EXAMPLES, PHASES = (LONG, "examples,coverage,fuzzing,stateful") if IS_LONG else (SHORT, "examples,fuzzing,stateful")
SEMANTIC = "positive_data_acceptance"
"""Left out: what fits the schema may not fit the course, such as a key that was sent with another body before."""
CONDITIONAL = "\n".join(
    f"""
[[operations]]
include-operation-id = "{route.name}"
checks.missing_required_header.expected-statuses = ["401", "403", "404", "428"]
"""
    for route in ROUTES
    if route.is_conditional
)
"""Without If-Match the answer is 428."""


@pytest.fixture
def database() -> Iterator[str]:
    with new_database() as url:
        yield url


@pytest.mark.live
@pytest.mark.long
@pytest.mark.postgres
def test_nothing_that_the_description_allows_breaks_it(database: str, tmp_path: Path) -> None:
    """Every answer is described, has the form that it should, and is no defect; the same requests each time."""
    token = token_of_the_demo(database)
    (tmp_path / "schemathesis.toml").write_text(CONDITIONAL, encoding="utf-8")
    with serving(database) as address:
        command = [
            str(Path(sys.executable).parent / "schemathesis"),
            "run",
            f"{address}/openapi.json",
            *("--header", f"Authorization: Bearer {token}"),
            *("--phases", PHASES),
            *("--exclude-checks", SEMANTIC),
            *("--max-examples", str(EXAMPLES), "--seed", SEED, "--workers", "1", "--no-shrink"),
            *("--generation-database", "none", "--no-color"),
        ]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    cases = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert cases is not None, done.stdout
    assert int(cases[1]) == int(cases[2]) >= (2000 if IS_LONG else 50)
    assert re.search(r"API Links: +[1-9]\d* covered", done.stdout), done.stdout
