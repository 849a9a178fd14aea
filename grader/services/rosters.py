"""Reading a list of people: a table as text, with whatever encoding, separator and words for its columns."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.errors import InvalidRequest
from grader.services.access import ASSISTANT, INSTRUCTOR, STUDENT
from grader.services.fields import MAX_TITLE, is_address
from grader.services.users import LOGIN

LARGEST = 900_000  # bytes
MOST_ROWS = 2000
LONGEST_SHOWN = 120
SEPARATORS = ",;\t"
HEADS: Mapping[str, frozenset[str]] = {
    "login": frozenset(
        {
            "login", "log-in", "log-in name", "login name", "login id", "user", "user name", "username", "user id",
            "userid", "account", "sis login id", "benutzer", "benutzername", "kennung", "anmeldename", "nutzername",
        }
    ),
    "name": frozenset({"name", "full name", "fullname", "student", "student name", "person", "vollständiger name"}),
    "first": frozenset({"first name", "firstname", "given name", "forename", "vorname"}),
    "last": frozenset({"last name", "lastname", "surname", "family name", "nachname", "familienname"}),
    "email": frozenset(
        {"email", "e-mail", "mail", "email address", "e-mail address", "mail address", "e-mail-adresse", "emailadresse"}
    ),
    "role": frozenset({"role", "rolle", "type", "status in course", "funktion"}),
}  # fmt: skip
"""What the columns are called, in small letters."""
ROLES: Mapping[str, str] = {
    **dict.fromkeys(("student", "learner", "participant", "studentin", "studierende", "studierender",
                     "teilnehmer", "teilnehmerin", "s"), STUDENT),
    **dict.fromkeys(("assistant", "teaching assistant", "ta", "tutor", "tutorin", "assistent", "assistentin",
                     "non-editing teacher"), ASSISTANT),
    **dict.fromkeys(("instructor", "teacher", "lecturer", "professor", "dozent", "dozentin", "lehrer", "lehrerin"),
                    INSTRUCTOR),
}  # fmt: skip
"""What the roles are called, in small letters."""


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person of a list, from this line of it; `role` None: the list does not say."""

    line: int
    login: str
    name: str
    email: str
    role: str | None


@dataclass(frozen=True, slots=True)
class RosterFault:
    """A line that cannot be taken, with the reason."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of a list, and the lines that are none."""

    rows: tuple[RosterRow, ...]
    faults: tuple[RosterFault, ...]

    def to_csv(self) -> str:
        """The people again as a list, without the faults."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("login", "name", "email", "role"))
        writer.writerows((row.login, row.name, row.email, row.role or "") for row in self.rows)
        return out.getvalue()


def read_roster(data: bytes | str) -> Roster:
    """The people in a table whose first line names the columns; InvalidRequest where it is no such table."""
    if len(data) > LARGEST:
        raise InvalidRequest("The list is too large. Import it in parts.", "people")
    text = data if isinstance(data, str) else _decoded(data)
    lines = _lines(text.removeprefix("\ufeff"))
    if not lines:
        raise InvalidRequest("The list is empty.", "people")
    columns = _columns(lines[0][1])
    if len(lines) - 1 > MOST_ROWS:
        raise InvalidRequest(f"The list has more than {MOST_ROWS} people. Import it in parts.", "people")
    return _read(columns, lines[1:])


def _decoded(data: bytes) -> str:
    """The text in the encoding that its first bytes or its zeros tell, else UTF-8, else Windows' Latin."""
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    guesses = [name for mark, name in marks if data.startswith(mark)]
    if not guesses and b"\0" in data[:200]:
        guesses = ["utf-16-be" if data[:1] == b"\0" else "utf-16-le"]
    for name in (*guesses, "utf-8", "cp1252"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """The lines that hold something, each with its number and its cells."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=lambda each: _known_heads(next(csv.reader([head], delimiter=each))))
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator)
    found, last = [], 0
    try:
        for cells in reader:
            first, last = last + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                found.append((first, [" ".join(cell.split()) for cell in cells]))
    except csv.Error:
        raise InvalidRequest(f"Line {reader.line_num} is no line of a table.", "people") from None
    return found


def _known_heads(cells: Sequence[str]) -> int:
    return sum(_head(cell) != "" for cell in cells)


def _head(cell: str) -> str:
    """The column that a head names, "" for none of ours."""
    plain = " ".join(cell.replace("_", " ").split()).strip("\"'*").lower()
    return next((column for column, names in HEADS.items() if plain in names), "")


def _columns(heads: Sequence[str]) -> Mapping[str, int]:
    """Where each column is; InvalidRequest where there is none that says who somebody is."""
    columns: dict[str, int] = {}
    for place, cell in enumerate(heads):
        column = _head(cell)
        if column in columns:
            raise InvalidRequest(f"Two columns say the {column}.", "people")
        if column:
            columns[column] = place
    if "login" not in columns and "email" not in columns:
        message = "The first line must name the columns: login, name, email, role. login or email is needed."
        raise InvalidRequest(message, "people")
    return columns


def _read(columns: Mapping[str, int], lines: Iterable[tuple[int, list[str]]]) -> Roster:
    """The rows that are in order, and what is wrong with the others."""
    rows: list[RosterRow] = []
    faults: list[RosterFault] = []
    known: dict[str, int] = {}
    for number, cells in lines:
        values = {column: cells[place] if place < len(cells) else "" for column, place in columns.items()}
        name = values.get("name") or f"{values.get('first', '')} {values.get('last', '')}".strip()
        email = values.get("email", "")
        login = (values.get("login") or email).lower()
        role = ROLES.get(values.get("role", "").lower())
        reason = _fault(login, name, email, values.get("role", ""), known.get(login))
        if reason:
            faults.append(RosterFault(number, ", ".join(cells)[:LONGEST_SHOWN], reason))
            continue
        known[login] = number
        rows.append(RosterRow(number, login, name, email, role))
    return Roster(tuple(rows), tuple(faults))


def _fault(login: str, name: str, email: str, role: str, before: int | None) -> str:
    """What is wrong with a line, "" for nothing."""
    if not login:
        return "There is neither a log-in name nor an e-mail address."
    if not LOGIN.fullmatch(login):
        return "A log-in name is made of letters a-z, digits and . _ @ + -, at most 100."
    if len(name) > MAX_TITLE or not name.isprintable():
        return f"A name has at most {MAX_TITLE} characters, all of them printable."
    if email and not is_address(email):
        return "This is no e-mail address."
    if role and role.lower() not in ROLES:
        return f"{role[:40]!r} is no role. A role is student, assistant or instructor."
    return f"The same log-in name is in line {before}." if before else ""
