"""Writes docs/openapi.json: python tests/api/snapshot.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from grader.web.api import ROUTES
from grader.web.api.document import document

SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"

if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(document(ROUTES), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{SNAPSHOT}\n")
