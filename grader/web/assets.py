"""The files that pages link to: addresses that change when the content does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static"
MANIFEST = STATIC / "built" / "manifest.json"


@dataclass(frozen=True, slots=True)
class Assets:
    """The fingerprints of the style sheets by file name, and the built scripts by name.

    `scripts` has "main" and one name for each file of `frontend/src/entries`; it is empty where
    Node.js has built none, and every page works without.
    """

    styles: Mapping[str, str]
    scripts: Mapping[str, str]


def find_assets() -> Assets:
    """What there is to link to."""
    styles = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in STATIC.glob("*.css")}
    if not MANIFEST.is_file():
        return Assets(styles, {})
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    entries = {source: entry["file"] for source, entry in manifest.items() if entry.get("isEntry")}
    return Assets(styles, {Path(source).stem: f"built/{file}" for source, file in entries.items()})
