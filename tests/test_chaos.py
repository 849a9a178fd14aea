"""The short form of bench/chaos.py: faults at random under load; nothing is lost, doubled or judged differently."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers

ROOT = Path(__file__).parents[1]


@pytest.mark.live
@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.redis
def test_nothing_is_lost_doubled_or_judged_differently() -> None:
    servers.postgres()
    servers.broker("redis")
    program = [sys.executable, str(ROOT / "bench" / "chaos.py"), "--seconds", "6", "--students", "4", "--seed", "5"]
    done = subprocess.run(program, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not as it should be: 0" in done.stdout
