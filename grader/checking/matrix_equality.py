"""Whether two matrix expressions of one shape are equal, and how that is known.

First draws in exact arithmetic, or with balls where a function asks for them: a value that differs is
a counterexample. Then the normal form, which proves. Without a proof, agreement at all draws: their
entries are rational functions, and large random entries agree by chance never in practice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flint import arb, fmpq_mat

from grader.checking.balls import NoValue, Unclear, set_precision
from grader.checking.domain import Domain
from grader.checking.elaborating import Scope
from grader.checking.matrix_draws import BALL_STYLES, EXACT_STYLES, WIDE_STYLES, Drawer, sizes_of
from grader.checking.matrix_forms import TooLarge
from grader.checking.matrix_normal import Normaliser
from grader.checking.matrix_terms import Term, letters_in, names_in, walk
from grader.checking.matrix_values import BALLS, EXACT, PRECISION, Draw, Field, NotExact, Value, value_of
from grader.checking.shapes import known
from grader.checking.verdict import Agreement, Counterexample, Outcome, OutOfBudget, Proof, Undefined, Verdict

FIRST_DRAWS = 8
ENOUGH_DRAWS = 12
ENOUGH_DIGITS = 25
EXACT_DIGITS = 60
LONGEST_VALUE = 60
LARGE = 150  # nodes: of larger terms fewer draws are looked at
FEW_DRAWS = 12
DIVISION = "division by zero"  # at single draws a coincidence


@dataclass
class Tally:
    """What the draws have shown so far."""

    agreed: int = 0
    digits: int = EXACT_DIGITS
    undefined: list[tuple[Draw, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    response_defined: int = 0
    answer_defined: int = 0


class Comparer:
    """Compares terms over the names of one problem."""

    def __init__(self, domain: Domain, scope: Scope) -> None:
        self.domain = domain
        self.scope = scope

    def decide(self, response: Term, answer: Term) -> Verdict:
        """The verdict on two terms of one shape."""
        try:
            return self._decide(response, answer, EXACT)
        except NotExact:
            set_precision(PRECISION)
            return self._decide(response, answer, BALLS)

    def draws(self, terms: Sequence[Term], taken: Field) -> Iterator[Draw]:
        """The draws for these terms: every style at one assignment of sizes after the other."""
        names = sorted(frozenset[str]().union(*map(names_in, terms)))
        letters = frozenset[str]().union(*map(letters_in, terms))
        for name in names:
            shape = known(self.scope.shapes[name]) if name in self.scope.shapes else None
            letters = letters.union(*(size.letters for size in shape or ()))
        stated = {size.number for term in terms for node in walk(term) for size in node.sizes if not size.letters}
        drawer = Drawer(self.domain.variables, self.scope.shapes, names)
        styles = EXACT_STYLES if taken.exact else BALL_STYLES
        assignments = list(sizes_of(sorted(letters), frozenset(stated)))
        for seed, sizes in enumerate(assignments * (1 if letters else 4)):
            for style in (*styles, *WIDE_STYLES[seed % len(WIDE_STYLES)]):
                yield drawer.draw(sizes, style, seed)

    def _decide(self, response: Term, answer: Term, taken: Field) -> Verdict:
        tally = Tally()
        is_large = sum(1 for term in (response, answer) for _ in walk(term)) > LARGE
        proved = False
        for count, draw in enumerate(self.draws((response, answer), taken), start=1):
            found = compare_at(response, answer, draw, taken, tally)
            if found is not None:
                return Verdict(Outcome.DIFFERENT, found)
            if count == FIRST_DRAWS:
                proved = self.is_proved(response, answer)
                if proved and tally.agreed and not tally.undefined:
                    return Verdict(Outcome.EQUAL, Proof("normal form of matrices"))
            if is_large and count >= FEW_DRAWS:
                break
        is_fixed = taken.exact and not names_in(response) | names_in(answer) | letters_in(response) | letters_in(answer)
        return _judged(tally, proved=proved, is_fixed=is_fixed)

    def is_proved(self, response: Term, answer: Term) -> bool:
        """Whether the normal forms are the same."""
        assumed = {name: variable.assumptions for name, variable in self.domain.variables.items()}
        normaliser = Normaliser(assumed)
        try:
            return normaliser.form(response) == normaliser.form(answer)
        except TooLarge:
            return False


def _judged(tally: Tally, *, proved: bool, is_fixed: bool) -> Verdict:
    """The verdict where no draw has told the two apart."""
    if not tally.answer_defined:
        return _undecided("the answer has no value at any of the matrices looked at")
    if len(tally.reasons) >= ENOUGH_DRAWS and not tally.response_defined:
        return Verdict(Outcome.INVALID, Undefined(reason=tally.reasons[0]))
    if len(tally.undefined) > 1:
        draw, reason = tally.undefined[0]
        return Verdict(Outcome.DIFFERENT, Undefined(point_words(draw), reason))
    if proved and tally.agreed:
        return Verdict(Outcome.EQUAL, Proof("normal form of matrices"))
    if is_fixed and tally.agreed:
        return Verdict(Outcome.EQUAL, Proof("exact arithmetic"))
    if tally.agreed >= ENOUGH_DRAWS and tally.digits >= ENOUGH_DIGITS:
        return Verdict(Outcome.EQUAL, Agreement(tally.agreed, tally.digits))
    return _undecided("the values could not be computed at enough matrices")


def _undecided(reason: str) -> Verdict:
    return Verdict(Outcome.UNDECIDED, OutOfBudget(reason))


def compare_at(response: Term, answer: Term, draw: Draw, taken: Field, tally: Tally) -> Counterexample | None:
    """The counterexample that this draw is, if it is one; else what it shows is counted."""
    theirs = _value(answer, draw, taken)
    try:
        mine = value_of(response, draw, taken)
        tally.response_defined += 1
    except NoValue as error:
        tally.reasons.append(str(error))
        if theirs is not None:
            tally.answer_defined += 1
            if draw.is_generic and (taken.exact or str(error) != DIVISION):
                tally.undefined.append((draw, str(error)))
        return None
    except Unclear:
        tally.answer_defined += theirs is not None
        return None
    if theirs is None:
        return None
    tally.answer_defined += 1
    found = _difference(mine, theirs, draw)
    if found is not None:
        return found
    if taken.exact:
        tally.agreed += 1
        return None
    digits = _common_digits(mine, theirs)
    if digits is not None and (digits >= ENOUGH_DIGITS or not draw.is_wide):
        tally.agreed += 1
        tally.digits = min(tally.digits, digits)
    return None


def _value(term: Term, draw: Draw, taken: Field) -> Value | None:
    try:
        return value_of(term, draw, taken)
    except (NoValue, Unclear):
        return None


def _difference(mine: Value, theirs: Value, draw: Draw) -> Counterexample | None:
    """The first entry in which the values provably differ."""
    columns = mine.ncols()
    for place, (a, b) in enumerate(zip(mine.entries(), theirs.entries(), strict=True)):
        differs = not a.overlaps(b) if isinstance(a, arb) else a != b
        if differs:
            i, j = divmod(place, columns)
            where = "" if mine.nrows() == columns == 1 else f" in entry ({i + 1}, {j + 1})"
            return Counterexample(point_words(draw), _shown(a) + where, _shown(b))
    return None


def _common_digits(mine: Value, theirs: Value) -> int | None:
    """To how many digits the values certainly agree; None where a ball is infinite."""
    least = EXACT_DIGITS
    for a, b in zip(mine.entries(), theirs.entries(), strict=True):
        gap = ((a - b).abs_upper()) / (1 + b.abs_upper())
        if not gap.is_finite():
            return None
        if gap > 0:
            least = min(least, int(float((-gap.log() / arb(10).log()).mid())))
    return least


def _shown(value: Any) -> str:
    return str(value.str(12, radius=False)) if isinstance(value, arb) else str(value)


def point_words(draw: Draw) -> tuple[tuple[str, str], ...]:
    """The draw for a person: the sizes, and the matrices that are short enough to be written."""
    sizes = tuple((letter, str(size)) for letter, size in sorted(draw.sizes.items()))
    values = [(name, matrix_text(value)) for name, value in sorted(draw.values.items())]
    return sizes + tuple((name, text) for name, text in values if len(text) <= LONGEST_VALUE)


def matrix_text(value: fmpq_mat) -> str:
    """An exact matrix as one would type it."""
    rows = [[str(value[i, j]) for j in range(value.ncols())] for i in range(value.nrows())]
    if len(rows) == len(rows[0]) == 1:
        return rows[0][0]
    if len(rows[0]) == 1:
        return f"[{'; '.join(row[0] for row in rows)}]"
    return f"[{', '.join('[' + ', '.join(row) + ']' for row in rows)}]"
