"""The text of a YAML file as plain data, with the place of every key and value in it.

YAML is read from the parser's events and not through its constructors: so nothing is ever
built that the file does not literally say, and each trap of YAML is reported where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError
from yaml import YAMLError as FastYAMLError
from yaml.cyaml import CParser

from grader.bank.scalars import scalar_value
from grader.bank.syntax import Ended, syntax_errors
from grader.errors import BankError

MOST_CHARACTERS = 200_000
MOST_DEPTH = 20

Path = tuple[str | int, ...]
Data = Any
"""None, bool, int, Decimal, str, or lists and mappings of such."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scalar, list or mapping begins, from 1; `style` is how a scalar is quoted."""

    line: int
    column: int
    style: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """A file whose text stands in a problem's from a line on, so far indented."""

    line: int
    file: str
    indent: int


@dataclass(frozen=True)
class Document:
    """What a file says, where it says it, and what is wrong with its YAML.

    `is_cut` where reading had to stop, so that what is missing may only stand further down.
    """

    file: str
    data: Data
    values: Mapping[Path, Place]
    keys: Mapping[Path, Place]
    errors: tuple[BankError, ...] = ()
    lines: tuple[str, ...] = ()
    is_cut: bool = False
    origins: tuple[Origin, ...] = ()

    def error(
        self, path: Path, message: str, repair: str = "", *, at_key: bool = False, offset: int | None = None
    ) -> BankError:
        """The fault at the value (or key) of a path, or at the nearest one above it that exists.

        `offset` counts characters of the value up to the fault; without it the whole value is at fault.
        """
        table = self.keys if at_key else self.values
        while path and path not in table:
            path, table, offset = path[:-1], self.values, None
        place = table.get(path, Place(1, 1))
        line, column = (place.line, place.column) if offset is None else self.within(place, path, offset)
        return self.located(BankError(message, self.file, line, column, repair))

    def located(self, error: BankError) -> BankError:
        """The fault in the file that its line comes from."""
        origin = next((each for each in reversed(self.origins) if error.line >= each.line), None)
        if origin is None:
            return error
        line, column = error.line - origin.line + 1, max(error.column - origin.indent, 1)
        return BankError(error.message, origin.file, line, column, error.repair)

    def within(self, place: Place, path: Path, offset: int) -> tuple[int, int]:
        """The line and column of a character of a scalar."""
        value = self.value(path)
        if not isinstance(value, str):
            return place.line, place.column
        if place.style in {"|", ">"}:
            return self._in_block(place, value, offset)
        opening = 1 if place.style in {"'", '"'} else 0
        raw = self.lines[place.line - 1][place.column - 1 + opening :] if place.line <= len(self.lines) else ""
        if raw.startswith(value[:offset]):
            return place.line, place.column + opening + offset
        if place.style == '"':
            return place.line, place.column + opening + _escaped_length(raw, offset)
        return place.line, place.column

    def _in_block(self, place: Place, value: str, offset: int) -> tuple[int, int]:
        if place.style == ">":
            return place.line, place.column
        before = value[:offset]
        line = place.line + 1 + before.count("\n")
        if line > len(self.lines):
            return place.line, place.column
        raw, inside = self.lines[line - 1], value.split("\n")[before.count("\n")]
        indent = len(raw) - len(inside) if inside and raw.endswith(inside) else 0
        return line, indent + len(before.rpartition("\n")[2]) + 1

    def value(self, path: Path) -> Data:
        """The value at a path, None where there is none."""
        data = self.data
        for step in path:
            try:
                data = data[step]
            except (KeyError, IndexError, TypeError):
                return None
        return data


@dataclass
class _Builder:
    """Builds data from the events of one document, noting places and faults."""

    file: str
    lines: tuple[str, ...]
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    errors: list[BankError] = field(default_factory=list)
    stack: list[_Level] = field(default_factory=list)
    root: Data = None
    documents: int = 0
    is_whole: bool = False
    scalar_read: Ended | None = None

    def fault(self, event: Any, message: str, repair: str = "") -> None:
        mark = event.start_mark
        self.errors.append(BankError(message, self.file, mark.line + 1, mark.column + 1, repair))

    def take(self, event: Any) -> bool:
        """Use one event; False when reading must stop."""
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self.fault(event, "A file holds one problem, and here a second document begins.", "Remove the `---`.")
                return False
        if kind == "AliasEvent":
            self.fault(event, f"The alias *{event.anchor} is not followed.", "Write the text out.")
            self.put(event, None, "")
        elif kind in {"ScalarEvent", "MappingStartEvent", "SequenceStartEvent"}:
            return self.begin(event, kind)
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            self.stack.pop()
        return True

    def begin(self, event: Any, kind: str) -> bool:
        if event.anchor is not None:
            self.fault(event, f"The anchor &{event.anchor} is not allowed.", "Write the text out where it is needed.")
        if event.tag is not None and str(event.tag) != "!":
            self.fault(event, f"The tag {event.tag} is not allowed.", "Remove it; quotes make a word of anything.")
        if kind == "ScalarEvent":
            start, end = event.start_mark, event.end_mark
            self.scalar_read = Ended(start.line + 1, start.column + 1, end.line + 1, event.style or "")
            self.put(event, self.scalar(event), event.style or "")
            return True
        if len(self.stack) >= MOST_DEPTH:
            self.fault(event, f"This is nested more than {MOST_DEPTH} deep.", "Write it flatter.")
            return False
        if self.stack and self.stack[-1].expects_key:
            path = self.stack[-1].path
            place = self.values.get(path) or self.keys[path]
            message, repair = "Text that begins with {{ needs quotes in YAML.", "Put the whole text in quotes."
            self.errors.append(BankError(message, self.file, place.line, place.column, repair))
        data: Data = {} if kind == "MappingStartEvent" else []
        path = self.put(event, data, "")
        self.stack.append(_Level(data, path))
        return True

    def scalar(self, event: Any) -> Data:
        if event.style or event.tag is not None:
            eaten = _eaten_command(str(event.value)) if event.style == '"' else ""
            if eaten:
                repair = f"Write \\\\{eaten}, or use single quotes or a | block."
                self.fault(event, f"In double quotes, \\{eaten} is an escape and loses its backslash.", repair)
            return str(event.value)
        value, trap = scalar_value(event.value)
        if trap:
            self.fault(event, *trap)
        return value

    def put(self, event: Any, value: Data, style: str) -> Path:
        """Set a value into the level that is open; the path at which it now stands."""
        place = Place(event.start_mark.line + 1, event.start_mark.column + 1, style)
        if not self.stack:
            self.root = value
            self.values[()] = place
            return ()
        level = self.stack[-1]
        if isinstance(level.data, list):
            path: Path = (*level.path, len(level.data))
            level.data.append(value)
        elif level.expects_key:
            return self.put_key(event, level, value, place)
        else:
            path = (*level.path, level.key)
            level.data[level.key] = value
            level.expects_key = True
        self.values[path] = place
        return path

    def put_key(self, event: Any, level: _Level, value: Data, place: Place) -> Path:
        key = value if isinstance(value, str) else str(event.value) if type(event).__name__ == "ScalarEvent" else "?"
        if key == "<<":
            self.fault(event, "Merge keys (<<) are not followed.", "Write the entries out.")
        elif key in level.data and key != "?":
            first = self.keys[(*level.path, key)].line
            self.fault(event, f"The key {key!r} stands here a second time (first in line {first}).", "Keep one.")
        level.key, level.expects_key = key, False
        path = (*level.path, key)
        self.keys.setdefault(path, place)
        return path


@dataclass
class _Level:
    """A list or mapping that is not closed yet."""

    data: Data
    path: Path
    key: str = ""
    expects_key: bool = False

    def __post_init__(self) -> None:
        self.expects_key = isinstance(self.data, dict)


def read_source(text: str, file: str) -> Document:
    """The data of a YAML text; what is wrong with the YAML itself stands in `errors`."""
    if len(text) > MOST_CHARACTERS:
        message = f"The file has {len(text)} characters; at most {MOST_CHARACTERS} are read."
        return Document(file, None, {}, {}, (BankError(message, file, 1, 1, "Split it into several problems."),))
    lines = tuple(text.split("\n"))
    sound = _read_sound(text, file, lines)
    if sound is not None:
        return sound
    builder = _Builder(file, lines)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if not builder.take(event):
                break
        else:
            builder.is_whole = True
    except ReaderError as error:
        builder.errors.append(_unreadable_character(text, error, file))
    except MarkedYAMLError as error:
        named = {found.line for found in builder.errors}
        builder.errors.extend(
            found for found in syntax_errors(error, file, lines, builder.scalar_read) if found.line not in named
        )
    except YAMLError as error:
        builder.errors.append(BankError(f"This is not YAML: {error}.", file))
    data = builder.root if builder.documents else None
    return Document(file, data, builder.values, builder.keys, tuple(builder.errors), lines, not builder.is_whole)


def _read_sound(text: str, file: str, lines: tuple[str, ...]) -> Document | None:
    """The document by libyaml, in a tenth of the time; None for one with faults, which ruamel.yaml places better."""
    builder = _Builder(file, lines)
    try:
        parser = CParser(text)
        while parser.check_event():
            if not builder.take(parser.get_event()) or builder.errors:
                return None
    except (FastYAMLError, UnicodeError):
        return None
    data = builder.root if builder.documents else None
    return Document(file, data, builder.values, builder.keys, (), lines)


def _unreadable_character(text: str, error: ReaderError, file: str) -> BankError:
    before = text[: error.position]
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    character = error.character if isinstance(error.character, str) else chr(error.character)
    return BankError(f"The character U+{ord(character):04X} is not allowed in YAML.", file, line, column, "Remove it.")


_CONTROL = {"\f": "f", "\b": "b", "\t": "t", "\r": "r", "\v": "v", "\a": "a", "\x1b": "e"}
_EATEN = re.compile("([" + "".join(_CONTROL) + "])([a-z]*)|\n(abla|eq|otin|ot|eg|leq|geq|u)(?![a-z])")


def _eaten_command(text: str) -> str:
    """The LaTeX command whose first letter double quotes took for an escape: `frac`, `theta`, `nabla`."""
    match = _EATEN.search(text)
    if not match:
        return ""
    return "n" + match[3] if match[3] else _CONTROL[match[1]] + match[2]


_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|.", re.DOTALL)


def _escaped_length(raw: str, offset: int) -> int:
    """How many characters of a double-quoted text stand for its first `offset` ones."""
    length = 0
    for count, match in enumerate(_ESCAPE.finditer(raw)):
        if count == offset:
            return length
        length = match.end()
    return length


def as_text(value: Data) -> str | None:
    """A scalar as the text that it is in the notation; None for all else."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return str(value)
    return None
