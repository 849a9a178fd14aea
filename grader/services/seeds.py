"""From which seed a student's variant is drawn: known ahead to the course, and to nobody else."""

from __future__ import annotations

import hashlib
import hmac
import json

EVERYBODY = 0
"""In place of a student's id, where all have the same variant."""
SEED_BITS = 53
"""As many as every JSON reader keeps exactly, JavaScript's included."""


def seed_for(secret: str, student_id: int, assignment_id: int, problem_id: str, number: int) -> int:
    """The seed of a student's variant, which nobody can work out without the course's secret."""
    message = json.dumps([student_id, assignment_id, problem_id, number]).encode()
    digest = hmac.digest(bytes.fromhex(secret), message, hashlib.sha256)
    return int.from_bytes(digest[:8], "big") >> (64 - SEED_BITS)
