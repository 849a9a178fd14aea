"""The form of an assignment: what was typed, what it means, and what is wrong with it field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from grader.errors import InvalidRequest
from grader.services.assignment_edits import SetProblemView
from grader.services.assignments import MOST_PROBLEMS, AssignmentView, Setting
from grader.services.lateness import LateKind, LateRule
from grader.services.policies import Policy, ShowSolution
from grader.services.preferences import time_zones

EXAM, PRACTICE, ORDINARY = MODES = ("exam", "practice", "ordinary")
DATES = ("opens", "due", "late_until", "feedback_from")
EARLIEST_YEAR, LATEST_YEAR = 1970, 9000
LONGEST_TYPED = 300
_NUMBER = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,6}|/[1-9][0-9]{0,5})?")
_WHOLE = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One problem in the form: its points as typed, and whether its newest version is to be taken."""

    id: str
    points: str = ""
    takes: bool = False


@dataclass(frozen=True)
class Typed:
    """Everything as it stands in the form; `fields` by name, `problems` in their order."""

    fields: Mapping[str, str]
    problems: tuple[ProblemRow, ...] = ()

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")


@dataclass(frozen=True)
class Meant:
    """What the form means, as far as it can be read, and the faults by field."""

    title: str
    policy: Policy
    setting: Setting
    points: Mapping[str, Fraction | None]
    faults: Mapping[str, str] = field(default_factory=dict)


def typed_in(form: MultiDict[str, str]) -> Typed:
    """What was sent."""
    ids = list(dict.fromkeys(each[:LONGEST_TYPED] for each in form.getlist("problem")))[: MOST_PROBLEMS + 1]
    rows = tuple(ProblemRow(each, form.get(f"points.{each}", "")[:40], f"takes.{each}" in form) for each in ids)
    names = [name for name in form if name not in ("problem", "csrf_token") and "." not in name]
    return Typed({name: form[name][:LONGEST_TYPED] for name in names}, rows)


def new_form(zone: str) -> Typed:
    """The form of an assignment that is not there yet."""
    fields = {"zone": zone, "mode": ORDINARY, "late_kind": LateKind.NONE.value, "visibility": "shown"}
    return Typed({**fields, "show_solution": ShowSolution.DONE.value, "penalty": "0", "revision": "1"})


def form_of(view: AssignmentView, problems: Sequence[SetProblemView]) -> Typed:
    """The form of an assignment as it is."""
    policy, setting = view.policy, view.setting
    zone, late = ZoneInfo(setting.zone), view.policy.late
    mode = EXAM if policy.exam else PRACTICE if policy.practice else ORDINARY
    fields = {
        "title": view.title,
        "zone": setting.zone,
        "opens": _local(policy.opens, zone),
        "due": _local(policy.due, zone),
        "tries": str(policy.tries or ""),
        "penalty": percent(policy.penalty),
        "mode": mode,
        "feedback_from": _local(policy.feedback_from, zone),
        "late_kind": late.kind.value,
        "late_grace": str(late.grace or ""),
        "late_loss": percent(late.loss) if late.loss else "",
        "late_floor": percent(late.floor) if late.floor else "",
        "late_until": _local(late.until, zone),
        "show_solution": policy.show_solution.value,
        "visibility": setting.visibility,
        "revision": str(setting.revision),
    }
    fields |= {"one_variant": "1"} if policy.one_variant else {}
    return Typed(fields, tuple(ProblemRow(one.key, one.points) for one in problems))


def percent(share: Fraction) -> str:
    """A share as percents, a decimal where that is exact, as it is typed.

    >>> percent(Fraction(1, 8)), percent(Fraction(1, 3))
    ('12.5', '100/3')
    """
    whole = share * 100
    text = f"{float(whole):.6f}".rstrip("0").rstrip(".")
    return text if Fraction(text) == whole else str(whole)


def meant_by(typed: Typed, released: datetime | None = None) -> Meant:
    """What the form means; `released` is kept as it is."""
    reader = _Reader(typed)
    zone = reader.zone()
    dates = {name: reader.moment(name, zone) for name in DATES}
    mode = reader.choice("mode", MODES)
    kind = LateKind(reader.choice("late_kind", [*LateKind]))
    late = LateRule(kind)
    if kind is not LateKind.NONE:
        late = replace(late, grace=reader.whole("late_grace") or 0)
    if kind is LateKind.DAILY:
        shares = reader.share("late_loss"), reader.share("late_floor")
        late = replace(late, loss=shares[0], floor=shares[1], until=dates["late_until"])
    policy = Policy(
        opens=dates["opens"],
        due=dates["due"],
        tries=reader.whole("tries"),
        penalty=reader.share("penalty"),
        practice=mode == PRACTICE,
        show_solution=ShowSolution(reader.choice("show_solution", [*ShowSolution])),
        late=late,
        exam=mode == EXAM,
        feedback_from=dates["feedback_from"] if mode == EXAM else None,
        released=released,
        one_variant=bool(typed["one_variant"]),
    )
    setting = Setting(typed["zone"], reader.choice("visibility", ("shown", "hidden")), reader.whole("revision") or 1)
    points = {row.id: reader.points(row) for row in typed.problems}
    if not typed["title"].strip():
        reader.faults["title"] = _("The title is missing.")
    if not typed.problems:
        reader.faults["problems"] = _("Add at least one problem.")
    return Meant(typed["title"], policy, setting, points, reader.faults)


def moment_in(text: str, zone: ZoneInfo) -> datetime | None:
    """A date and time as a field holds it, in this zone; InvalidRequest says what is wrong with it."""
    if not text.strip():
        return None
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidRequest(_("Write the date and the time, such as 2030-01-31 23:59.")) from None
    if not EARLIEST_YEAR <= local.year <= LATEST_YEAR:
        raise InvalidRequest(_("The year must be from %(first)s to %(last)s.", first=EARLIEST_YEAR, last=LATEST_YEAR))
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None, fold=0):
        raise InvalidRequest(_("On that day the clocks go forward: this time is left out. Choose another."))
    return moment


class _Reader:
    """Reads fields and collects what is wrong with them."""

    def __init__(self, typed: Typed) -> None:
        self._typed = typed
        self.faults: dict[str, str] = {}

    def zone(self) -> ZoneInfo:
        """The time zone of the dates."""
        name = self._typed["zone"]
        if name in time_zones():
            return ZoneInfo(name)
        self.faults["zone"] = _("There is no such time zone. Write one such as Europe/Berlin.")
        return ZoneInfo("UTC")

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """A date."""
        try:
            return moment_in(self._typed[name], zone)
        except InvalidRequest as error:
            self.faults[name] = str(error)
            return None

    def whole(self, name: str) -> int | None:
        """A whole number, None where nothing stands."""
        text = self._typed[name].strip()
        if not text:
            return None
        if _WHOLE.fullmatch(text):
            return int(text)
        self.faults[name] = _("Write a whole number, or nothing.")
        return None

    def share(self, name: str) -> Fraction:
        """A percentage as a share, 0 where nothing stands."""
        text = self._typed[name].strip().removesuffix("%").strip()
        number = _number(text) if text else Fraction(0)
        if number is None or number > 100:
            self.faults[name] = _("Write a percentage from 0 to 100, such as 10 or 12.5.")
            return Fraction(0)
        return number / 100

    def points(self, row: ProblemRow) -> Fraction | None:
        """The points of a problem; None: what its parts add up to."""
        text = row.points.strip()
        number = _number(text) if text else None
        if text and number is None:
            self.faults[f"points.{row.id}"] = _("Points are a number such as 2, 1.5 or 1/3.")
        return number

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        """One of several values, the first where it is none of them."""
        text = self._typed[name]
        if text in allowed:
            return text
        self.faults[name] = _("Choose one of these.")
        return allowed[0]


def _number(text: str) -> Fraction | None:
    return Fraction(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
