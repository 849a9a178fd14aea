"""The fast reader of sound YAML says what the one with the better messages says."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.bank import source
from grader.bank.source import read_source

FILES = sorted(Path("problems").rglob("*.yaml"))[::16]
TEXTS = [
    "",
    "a:",
    "- [1, 2.50, -0, 15]\n- {b: 'it''s', c: \"\\u0041\"}\n",
    'a: |\n  x\n\n  y\nb: >-\n  p\n  q\n? k\n: v # no\n"use": ~\n',
    "a: plain\n  goes on\nb: [x,\n  y]\n",
    "%YAML 1.2\n---\nx: é–𝛁\n...\n",
]


@pytest.mark.parametrize(
    "text", [*TEXTS, *(pytest.param(file.read_text(encoding="utf-8"), id=file.stem) for file in FILES)]
)
def test_both_readers_agree(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = source._read_sound(text, "it.yaml", tuple(text.split("\n")))
    monkeypatch.setattr(source, "_read_sound", lambda *_: None)
    assert fast == read_source(text, "it.yaml")


@pytest.mark.parametrize(
    "text", ["a: [1", "a: &x 1", "a: 1\na: 2", "\ta: 1", "a: \ud800", "a: \x00", "a: 1\n---\nb: 2"]
)
def test_what_has_faults_is_left_to_the_other(text: str) -> None:
    assert source._read_sound(text, "it.yaml", tuple(text.split("\n"))) is None
    assert read_source(text, "it.yaml").errors
