"""Every text of the pages has its German, with the same placeholders, and the compiled catalogue is up to date."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from grader.web.collecting import CONTEXT

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "grader" / "web" / "translations" / "de" / "LC_MESSAGES"
SAID = (
    "NotFound",
    "Forbidden",
    "Conflict",
    "InvalidRequest",
    "Closed",
    "NoTriesLeft",
    "Unauthenticated",
    "LaunchRefused",
    "ReasonMissing",
)
"""Errors whose sentences people read, as in the Makefile."""
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|<[^>]*>")


@pytest.fixture(scope="module")
def german() -> Catalog:
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="de")


Text = tuple[str | None, str | tuple[str, ...]]
"""A text with its context."""


@pytest.fixture(scope="module")
def texts() -> set[Text]:
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")
    keywords = DEFAULT_KEYWORDS | dict.fromkeys((*SAID, "lazy_gettext")) | {"Mistake": (3,)}
    found = extract_from_dir(ROOT, methods, options, keywords=keywords)
    return {(context, message) for _, _, message, _, context in found if message}


def test_every_text_has_its_german(german: Catalog, texts: set[Text]) -> None:
    assert len(texts) > 300
    lacking = []
    for context, text in texts:
        found = german.get(text if isinstance(text, str) else text[0], context)
        strings = () if found is None else (found.string,) if isinstance(found.string, str) else found.string
        if not strings or not all(strings) or (found is not None and found.fuzzy):
            lacking.append(text)
    assert sorted(map(str, lacking)) == []


def test_what_students_are_told_about_their_answers_is_among_the_texts(texts: set[Text]) -> None:
    said = {text for context, text in texts if context == CONTEXT}
    assert len(said) > 500
    assert {"The name %(1)s is not used in this problem.", "You gave %(1)s; the answer is %(2)s."} <= said


def test_no_german_is_left_over(german: Catalog, texts: set[Text]) -> None:
    wanted = {(context, text if isinstance(text, str) else text[0]) for context, text in texts}
    kept = {(one.context, one.id if isinstance(one.id, str) else one.id[0]) for one in german if one.id}
    assert sorted(map(str, kept - wanted)) == []


def test_placeholders_are_kept(german: Catalog) -> None:
    faults = []
    for message in german:
        if not message.id:
            continue
        ids = (message.id,) if isinstance(message.id, str) else message.id
        strings = (message.string,) if isinstance(message.string, str) else message.string
        wanted = sorted(PLACEHOLDER.findall(ids[-1]))
        if sorted(PLACEHOLDER.findall(strings[-1])) != wanted:
            faults.append(ids[0])
    assert faults == []


def test_the_compiled_catalogue_is_up_to_date(german: Catalog) -> None:
    compiled = BytesIO()
    write_mo(compiled, german)
    assert (FOLDER / "messages.mo").read_bytes() == compiled.getvalue()
