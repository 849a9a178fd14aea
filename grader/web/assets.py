"""The files that pages link to: addresses that change when the content does."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static"
MANIFEST = STATIC / "built" / "manifest.json"
ENTRY = "src/main.ts"


@dataclass(frozen=True, slots=True)
class Assets:
    """The style sheet's fingerprint, and the built script or "" where Node.js has built none."""

    style: str
    script: str


def find_assets() -> Assets:
    """What there is to link to."""
    style = hashlib.sha256((STATIC / "style.css").read_bytes()).hexdigest()[:12]
    if not MANIFEST.is_file():
        return Assets(style, "")
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return Assets(style, f"built/{manifest[ENTRY]['file']}")
