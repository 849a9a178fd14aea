"""The list of what the product is built on: name, version and licence of everything in the lock files.

    python bench/licences.py [--check]

Versions come from requirements.run.lock and frontend/package-lock.json, licences from what the packages say of
themselves where they are installed. It writes docs/licences.md; with `--check` it only says whether that is current.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "licences.md"
LINE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\]+)", re.MULTILINE)
CLASSIFIER = "License :: OSI Approved :: "
LONGEST = 60
HEAD = """# What it is built on

Everything that runs in production, with the licence that its makers give.
`make licences` writes this page from the lock files.
None of it is changed, and all of it is fetched from the package registries with its hash.

## Server

| Package | Version | Licence |
|---|---|---|
"""
BROWSER = """
## Browser

| Package | Version | Licence |
|---|---|---|
"""


def licence(found: PackageMetadata) -> str:
    """What a package says of its licence, in a few words."""
    said = found.get("License-Expression") or ""
    if not said:
        named = [each.removeprefix(CLASSIFIER) for each in found.get_all("Classifier") or [] if CLASSIFIER in each]
        said = ", ".join(named) or (found.get("License") or "").strip().splitlines()[0][:LONGEST]
    return said


def server() -> list[tuple[str, str, str]]:
    """The packages of the lock file for production."""
    rows = []
    for name, version in LINE.findall((ROOT / "requirements.run.lock").read_text(encoding="utf-8")):
        try:
            rows.append((name, version, licence(metadata(name)) or "unknown"))
        except PackageNotFoundError:
            rows.append((name, version, "not installed here"))
    return sorted(rows, key=lambda row: row[0].lower())


def browser() -> list[tuple[str, str, str]]:
    """The packages that are built into the scripts of the pages; tools of the build are left out."""
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    return sorted(
        (path.rpartition("node_modules/")[2], each["version"], each.get("license", "unknown"))
        for path, each in lock["packages"].items()
        if path and not each.get("dev") and not each.get("devOptional")
    )


def page() -> str:
    """The page as it should be."""
    tables = [
        "".join(f"| {name} | {version} | {told} |\n" for name, version, told in rows()) for rows in (server, browser)
    ]
    return HEAD + tables[0] + BROWSER + tables[1]


def main() -> None:
    """Write the page, or say whether it is current."""
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else "docs/licences.md is not current: make licences")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
