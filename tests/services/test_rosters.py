"""Reading lists of people: encodings, separators, words for columns and roles, and what is wrong with a line."""

from __future__ import annotations

import pytest

from grader.errors import InvalidRequest
from grader.services.rosters import LARGEST, MOST_ROWS, read_roster

PLAIN = "login,name,email,role\nada,Ada Ä. Ahmed,ada@example.org,student\n"
ADA = (2, "ada", "Ada Ä. Ahmed", "ada@example.org", "student")


def rows(data: bytes | str) -> list[tuple[object, ...]]:
    found = read_roster(data)
    assert not found.faults, found.faults
    return [(row.line, row.login, row.name, row.email, row.role) for row in found.rows]


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.encode("utf-16"),
        b"\xfe\xff" + PLAIN.encode("utf-16-be"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
        PLAIN.encode("latin-1"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        'role;Vorname;E-Mail-Adresse;Nachname;Benutzername;note\nStudent;"Ada  Ä.";ada@example.org;Ahmed;ADA;"x;y"\n',
        "Log-in name\tFULL NAME\temail_address\trolle\nAda\tAda Ä. Ahmed\tada@example.org\tStudentin\n",
    ],
)
def test_the_same_list_in_many_clothes(data: bytes | str) -> None:
    assert rows(data) == [ADA]


def test_lines_are_counted_as_the_editor_counts_them() -> None:
    text = 'login,name\n\nada,"Ada\nAhmed"\n  ,  \nben,Ben\n'
    assert rows(text) == [(3, "ada", "Ada Ahmed", "", None), (6, "ben", "Ben", "", None)]


def test_an_address_can_be_the_log_in_name() -> None:
    assert rows("email;name\nAda@Example.org;Ada\n") == [(2, "ada@example.org", "Ada", "Ada@Example.org", None)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",Ada,,", "neither a log-in name nor an e-mail"),
        ("a b,Ada,,", "A log-in name is made of"),
        ("=cmd,Ada,,", "A log-in name is made of"),
        ("ada,Ada,nonsense,", "no e-mail address"),
        ("ada,Ada,a@b.c" + "c" * 300 + ",", "no e-mail address"),
        ("ada," + "A" * 201 + ",,", "at most 200 characters"),
        ("ada,A\u202eda,,", "printable"),
        ("ada,Ada,,boss", "'boss' is no role"),
        ("zoe,Zoe,,", "The same log-in name is in line 2"),
    ],
)
def test_bad_lines_are_left_out_with_their_reason(line: str, reason: str) -> None:
    found = read_roster(f"login,name,email,role\nzoe,Zoe,,ta\n{line}\nyan,Yan,,\n")
    assert [row.login for row in found.rows] == ["zoe", "yan"]
    (fault,) = found.faults
    assert fault.line == 3
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "empty"),
        (b"", "empty"),
        (" \n \n", "empty"),
        ("ada,Ada\nben,Ben\n", "must name the columns"),
        ("login,login\nada,ada\n", "Two columns"),
        ("login\n" + "\n".join(f"p{n}" for n in range(MOST_ROWS + 1)), "more than"),
        (b"x" * (LARGEST + 1), "too large"),
        ('login,name\nada,"' + "x" * 140_000, "no line of a table"),
        (b"\xff\xfe\x00", "must name the columns|empty"),
    ],
)
def test_what_is_no_list(data: bytes | str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        read_roster(data)


def test_a_list_survives_being_written() -> None:
    found = read_roster('login;name;role\nada;"Ahmed; Ada";ta\nben;Ben;\n')
    again = read_roster(found.to_csv())
    assert [(row.login, row.name, row.email, row.role) for row in again.rows] == [
        ("ada", "Ahmed; Ada", "", "assistant"),
        ("ben", "Ben", "", None),
    ]
