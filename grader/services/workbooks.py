"""Workbooks in Office Open XML (ISO/IEC 29500), as far as tables of text and numbers need it.

A library keeps an object for each cell, and asks each one what it holds. A course of 300 students and 40 problems has
nearly 20,000 cells; written as text where they stand, they take a quarter of the time.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LONGEST_TEXT = 32_767  # characters in a cell
HEAD_LINES, TEXT_COLUMNS = 2, 2
"""What stays in sight while the rest is scrolled."""
TEXT_WIDTH, NUMBER_WIDTH = 22.7, 14.7  # characters, with the margin of a cell
COMPRESSION = 3  # a tenth more to send than at 6, in half the time

HEAD, TEXT, WHOLE, BROKEN = range(1, 5)
"""The places of the formats in STYLES."""

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"

STYLES = f"""<styleSheet xmlns="{MAIN}">\
<numFmts count="1"><numFmt numFmtId="164" formatCode="0.####"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>\
<border><left/><right/><top/><bottom style="thin"><color auto="1"/></bottom><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1" applyBorder="1" applyAlignment="1">\
<alignment vertical="top" wrapText="1"/></xf>\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/>\
<xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""

UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML has no sign for, and the sign by which a workbook names it."""
HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Line:
    """The texts on the left of a line, and its numbers; None is an empty cell."""

    texts: tuple[str | None, str | None]
    numbers: Sequence[Fraction | None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a line of heads; the first of its lines belongs to the head as well."""

    name: str
    heads: Sequence[str]
    lines: Sequence[Line]


class Saying:
    """Numbers as text; each is written once, since there are few different ones and fractions are slow."""

    def __init__(self, write: Callable[[Fraction], str]) -> None:
        """Nothing is written yet."""
        self._write = write
        self._known: dict[int, tuple[Fraction, str]] = {}

    def __call__(self, number: Fraction) -> str:
        """The text; a number is known by its identity, which is its own as long as it is held here."""
        known = self._known.get(id(number))
        if known is None:
            known = self._known[id(number)] = (number, self._write(number))
        return known[1]


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The sheets in a file; the same ones make the same file."""
    texts: dict[str, int] = {}
    say = Saying(_number)
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as package:
        for number, sheet in enumerate(sheets, start=1):
            _add(package, f"xl/worksheets/sheet{number}.xml", "".join(_sheet(sheet, texts, say, is_first=number == 1)))
        _add(package, "xl/sharedStrings.xml", _texts(texts))
        _add(package, "xl/styles.xml", STYLES)
        _add(package, "xl/workbook.xml", _names(sheets))
        _add(package, "xl/_rels/workbook.xml.rels", _relations(len(sheets)))
        whole = f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
        _add(package, "_rels/.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{whole}</Relationships>')
        _add(package, "[Content_Types].xml", _kinds(len(sheets)))
    return out.getvalue()


def written(text: str) -> str:
    r"""The text as XML has it, what has no sign there by its number.

    >>> written('a < "b"'), written("bell\x07"), written("_x0007_")
    ('a &lt; &quot;b&quot;', 'bell_x0007_', '_x005F_x0007_')
    """
    named = UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text[:LONGEST_TEXT])
    return escape(HALVES.sub("\ufffd", named))


def column_name(place: int) -> str:
    """The letters of a column, from 0.

    >>> column_name(0), column_name(25), column_name(26), column_name(701), column_name(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    name, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def _number(number: Fraction) -> str:
    """The end of a cell with this number: its format, then its value."""
    return f's="{WHOLE if number.denominator == 1 else BROKEN}"><v>{float(number)!r}</v></c>'


def _sheet(sheet: Sheet, texts: dict[str, int], say: Saying, *, is_first: bool) -> Iterator[str]:
    """The XML of a sheet, line by line; `texts` are numbered as they come."""

    def words(place: str, text: str, look: int) -> str:
        return f'<c r="{place}" s="{look}" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'

    columns = [column_name(place) for place in range(max(len(sheet.heads), TEXT_COLUMNS))]
    numbered = columns[TEXT_COLUMNS:]
    corner = f"{column_name(TEXT_COLUMNS)}{HEAD_LINES + 1}"
    yield f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView tabSelected="{int(is_first)}" workbookViewId="0">'
    yield f'<pane xSplit="{TEXT_COLUMNS}" ySplit="{HEAD_LINES}" topLeftCell="{corner}" activePane="bottomRight" '
    yield 'state="frozen"/><selection pane="bottomRight"/></sheetView></sheetViews><cols>'
    yield f'<col min="1" max="{TEXT_COLUMNS}" width="{TEXT_WIDTH}" customWidth="1"/>'
    if numbered:
        yield f'<col min="{TEXT_COLUMNS + 1}" max="{len(columns)}" width="{NUMBER_WIDTH}" customWidth="1"/>'
    yield '</cols><sheetData><row r="1">'
    yield from (words(f"{column}1", head, HEAD) for column, head in zip(columns, sheet.heads, strict=False))
    yield "</row>"
    for number, line in enumerate(sheet.lines, start=2):
        look = HEAD if number <= HEAD_LINES else TEXT
        yield f'<row r="{number}">'
        yield from (words(f"{columns[k]}{number}", text, look) for k, text in enumerate(line.texts) if text is not None)
        for column, value in zip(numbered, line.numbers, strict=True):
            if value is not None:
                yield f'<c r="{column}{number}" {say(value)}'
        yield "</row>"
    yield "</sheetData></worksheet>"


def _texts(texts: dict[str, int]) -> str:
    """All texts of the cells; the first one is number 0."""
    items = "".join(f'<si><t xml:space="preserve">{written(text)}</t></si>' for text in texts)
    return f'<sst xmlns="{MAIN}" uniqueCount="{len(texts)}">{items}</sst>'


def _names(sheets: Sequence[Sheet]) -> str:
    """The sheets by name, in order."""
    names = "".join(
        f'<sheet name="{written(sheet.name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, start=1)
    )
    views = "<bookViews><workbookView/></bookViews>"
    return f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{views}<sheets>{names}</sheets></workbook>'


def _relations(sheets: int) -> str:
    """Where the parts of the workbook are."""
    parts = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, sheets + 1)]
    parts += [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts, start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def _kinds(sheets: int) -> str:
    """What each part of the file is."""
    parts = [("workbook.xml", "sheet.main"), ("styles.xml", "styles"), ("sharedStrings.xml", "sharedStrings")]
    parts += [(f"worksheets/sheet{number}.xml", "worksheet") for number in range(1, sheets + 1)]
    kinds = "".join(f'<Override PartName="/xl/{name}" ContentType="{KINDS}.{kind}+xml"/>' for name, kind in parts)
    basis = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'<Types xmlns="{PACKAGE}/content-types">{basis}{kinds}</Types>'


def _add(package: ZipFile, name: str, text: str) -> None:
    """One part of the file, without the time at which it is made."""
    part = ZipInfo(name)
    part.compress_type = ZIP_DEFLATED
    package.writestr(part, f"{DECLARATION}{text}", compresslevel=COMPRESSION)
