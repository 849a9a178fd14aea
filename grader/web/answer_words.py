"""What reading and judging said to a student, in the language of the page.

Those layers, the API and the stored results know one language. The templates of their sentences stand in the catalogue
(see `collecting`); here the template of a sentence is found again, and with it the arguments, which may be sentences or
phrases themselves. So results that were stored before a translation was there are shown in it, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import read_mo
from flask_babel import get_locale

from grader.web.collecting import CONTEXT, NUMBER

LONGEST = 5_000
"""Characters of a text that is looked at; a longer one stays as it is."""
MOST_NESTED = 6
"""How many sentences and phrases stand inside of each other."""
_CATALOGUES = Path(__file__).with_name("translations")
_CONTEXTS = (CONTEXT, CONTEXT.encode())  # Babel reads it as bytes
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_SENTENCE = re.compile(r"[^%]+ [^%]+[.?]")
"""A text of a page that may stand inside of what is said: a refusal within another one."""
_BETWEEN_SENTENCES = re.compile(r"(?<=[.?]) (?=\S)")
# Behind these stands an adjective or the name of a field; elsewhere a single word may be a name that the student typed.
_BEFORE_WORDS = (" is ", " be ")
_BEFORE_FIELDS = "The "


@dataclass(frozen=True, slots=True)
class _Template:
    """The text between the placeholders, their names, and the text in the other language."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    local: str

    def arguments(self, text: str) -> list[str] | None:
        """What stands at the placeholders, each as short as can be; None where the text is not of this template."""
        first, *inner, last = self.pieces
        at, end = len(first), len(text) - len(last)
        if at > end or not (text.startswith(first) and text.endswith(last)):
            return None
        found = []
        for piece in inner:
            place = text.find(piece, at, end)
            if place < 0:
                return None
            found.append(text[at:place])
            at = place + len(piece)
        found.append(text[at:end])
        return None if NUMBER in self.names and not found[self.names.index(NUMBER)].isdecimal() else found

    def put_in(self, values: Mapping[str, str]) -> str:
        """The text in the other language with these values."""
        return _PLACEHOLDER.sub(lambda name: values[name[1]], self.local)


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts of one language: those without placeholders, and templates.

    The most definite ones come first: those that say how they begin, and of these the longest.
    """

    whole: dict[str, str] = field(default_factory=dict)
    templates: tuple[_Template, ...] = ()


def in_page_words(text: str) -> str:
    """The text in the language of the page; as it was said where it is not known there."""
    locale = get_locale()
    return text if locale is None else _said(text, _texts(str(locale.language))) or text


@lru_cache(maxsize=8)
def _texts(language: str) -> _Texts:
    path = _CATALOGUES / language / "LC_MESSAGES" / "messages.mo"
    if not path.exists():
        return _Texts()
    with path.open("rb") as file:
        found = [(each.context, str(each.id), str(each.string)) for each in read_mo(file)]
    said = {text: local for context, text, local in found if context is None and _SENTENCE.fullmatch(text)}
    said |= {text: local for context, text, local in found if context in _CONTEXTS}
    templates = [
        _Template(tuple(_PLACEHOLDER.split(text)[::2]), tuple(_PLACEHOLDER.findall(text)), local)
        for text, local in said.items()
        if _PLACEHOLDER.search(text)
    ]
    templates.sort(key=lambda each: (not each.pieces[0], -sum(map(len, each.pieces)), len(each.names)))
    return _Texts(said, tuple(templates))


def _said(text: str, texts: _Texts, depth: int = 0) -> str | None:
    """A sentence, a phrase or several sentences in the other language; None for what is not known."""
    if not texts.whole or len(text) > LONGEST or depth > MOST_NESTED:
        return None
    return texts.whole.get(text) or _in_turn(text, texts, depth) or _filled(text, texts, depth)


def _in_turn(text: str, texts: _Texts, depth: int) -> str | None:
    """Several sentences one after the other, each of them known."""
    told: list[str] = []
    start = 0
    for space in _BETWEEN_SENTENCES.finditer(text):
        local = _sentence(text[start : space.start()], texts, depth)
        if local is not None:
            told.append(local)
            start = space.end()
    last = _sentence(text[start:], texts, depth) if told else None
    return None if last is None else " ".join([*told, last])


def _sentence(text: str, texts: _Texts, depth: int) -> str | None:
    return texts.whole.get(text) or _filled(text, texts, depth)


def _filled(text: str, texts: _Texts, depth: int) -> str | None:
    """The template of the text in the other language, with the arguments in it."""
    for template in texts.templates:
        found = template.arguments(text)
        if found is not None:
            given = zip(template.names, template.pieces, found, strict=False)
            return template.put_in({name: _argument(each, before, texts, depth + 1) for name, before, each in given})
    return None


def _argument(text: str, before: str, texts: _Texts, depth: int) -> str:
    """What is said at a placeholder behind this text; what a student typed stays as it is."""
    is_said = " " in text or before.endswith(_BEFORE_WORDS) or before == _BEFORE_FIELDS
    return (_said(text, texts, depth) if is_said else None) or text
