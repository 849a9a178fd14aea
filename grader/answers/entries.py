"""Verdicts on the entries of an answer, joined into the verdict on all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from grader.answers.base import Checked, Context, Disclosure, Entry
from grader.answers.forms import FormSettings
from grader.answers.grids import Grid
from grader.answers.scalars import compare
from grader.answers.tolerance import Tolerance
from grader.answers.wording import explain, hint_of, kind_words, place_words, size_words
from grader.checking.verdict import Agreement, Outcome, Proof, TypeMismatch, Undefined, Verdict
from grader.reading.tree import Tree

_MOST_NAMED = 4


_ANY_FORM = FormSettings()


def check_grids(
    response: Grid,
    key: Grid,
    tolerance: Tolerance | None,
    context: Context,
    *,
    partial: bool,
    form: FormSettings = _ANY_FORM,
) -> Checked:
    """Entry by entry; sizes that differ are named and earn nothing."""
    if response.shape != key.shape:
        return size_mismatch(size_words(key), size_words(response))
    pairs = zip(response.indexed(), key.entries, strict=True)
    entries = tuple(
        Entry(
            (max(index),) if key.flat else index,
            form.judged(compare(entry, right, tolerance, context), entry, right),
        )
        for (index, entry), right in pairs
    )
    return join(entries, partial=partial, form=form)


def size_mismatch(expected: str, found: str) -> Checked:
    """Different because of another size; both are named."""
    verdict = Verdict(Outcome.DIFFERENT, TypeMismatch(expected, found))
    return Checked.whole(verdict, (f"You gave {found}; the answer is {expected}.",))


def wrong_kind(expected: str, tree: Tree, hint: str = "") -> Checked:
    """Invalid because nothing of this kind can be the answer; no try is used up."""
    verdict = Verdict(Outcome.INVALID, TypeMismatch(expected, kind_words(tree)))
    hint = hint or hint_of(tree, expected)
    said = f"You gave {kind_words(tree)}; the answer is {expected}."
    return Checked.whole(verdict, (f"{said} {hint}".strip(),))


def join(entries: tuple[Entry, ...], *, partial: bool, form: FormSettings = _ANY_FORM) -> Checked:
    """The verdict on all entries and the share of the right ones.

    One entry without a real value makes the whole invalid, one undecided entry the whole undecided:
    an entry that is not decided never counts as wrong.
    """
    if not entries:
        return Checked.whole(Verdict(Outcome.EQUAL, Proof("nothing to compare")))
    shares = [form.share(entry.verdict.outcome) for entry in entries]
    share = sum(shares, Fraction(0)) / len(shares) if partial else min(shares)
    return Checked(_overall(entries), entries, tuple(_feedback(entries, form.disclose)), share)


def _overall(entries: tuple[Entry, ...]) -> Verdict:
    verdicts = [entry.verdict for entry in entries]
    for outcome in (Outcome.INVALID, Outcome.UNDECIDED, Outcome.DIFFERENT, Outcome.WRONG_FORM):
        for verdict in verdicts:
            if verdict.outcome is outcome:
                return verdict
    return Verdict(Outcome.EQUAL, joint_evidence(verdicts))


def joint_evidence(verdicts: Sequence[Verdict]) -> Proof | Agreement:
    """The weakest evidence of all: one agreement among proofs leaves an agreement."""
    agreements = [verdict.evidence for verdict in verdicts if isinstance(verdict.evidence, Agreement)]
    if agreements:
        return Agreement(min(each.points for each in agreements), min(each.digits for each in agreements))
    methods = dict.fromkeys(verdict.evidence.method for verdict in verdicts if isinstance(verdict.evidence, Proof))
    return Proof(", ".join(methods))


def _feedback(entries: tuple[Entry, ...], disclose: Disclosure) -> Iterator[str]:
    wrong = [entry for entry in entries if entry.verdict.outcome is Outcome.DIFFERENT]
    for entry in wrong[:_MOST_NAMED]:
        yield _why(entry, disclose)
    more = len(wrong) - _MOST_NAMED
    if more > 0:
        yield f"{more} more entry is wrong." if more == 1 else f"{more} more entries are wrong."
    for entry in entries:
        if entry.verdict.outcome is Outcome.INVALID:
            reason = " ".join(explain(entry.verdict, "none")) or "This is no value."
            yield f"Entry {place_words(entry.index)}: {reason}"
        elif entry.verdict.outcome is Outcome.WRONG_FORM:
            yield f"Entry {place_words(entry.index)}: {entry.verdict.evidence}"
        elif entry.verdict.outcome is Outcome.UNDECIDED:
            yield f"Entry {place_words(entry.index)} could not be decided automatically; a person will look at it."


def _why(entry: Entry, disclose: Disclosure) -> str:
    place, evidence = place_words(entry.index), entry.verdict.evidence
    if isinstance(evidence, Undefined) and disclose != "none":
        return f"Entry {place} is not defined everywhere where it should be."
    if isinstance(evidence, TypeMismatch):
        return f"Entry {place} is {evidence.found}, where {evidence.expected} is asked for."
    return f"Entry {place} is wrong."
