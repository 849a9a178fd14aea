"""A witness: any numbers that meet the conditions of the problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Settings, read_tree
from grader.answers.conditions import Condition, check_names, conditions_of, spelled, tested, why_not, words_of
from grader.answers.entries import joint_evidence, size_mismatch, wrong_kind
from grader.answers.grids import Grid, grid_of
from grader.answers.literals import evaluate
from grader.answers.scalars import scalar_of
from grader.answers.tolerance import Tolerance
from grader.answers.wording import NOT_SCALAR, count_words
from grader.checking.bounding import NotScalar, NoValue, Unclear, value_at
from grader.checking.domain import ANYTHING
from grader.checking.verdict import Agreement, Outcome, OutOfBudget, Proof, TypeMismatch, Undefined, Unmet, Verdict
from grader.errors import AnswerError
from grader.reading.names import canonical
from grader.reading.printing import to_text
from grader.reading.text import Reading
from grader.reading.tree import Tree, names_in, walk

_MOST_NAMED = 4
_MOST_CONDITIONS = 20


@dataclass(frozen=True, slots=True)
class WitnessSettings(Settings):
    """`conditions` such as `a + b = 1` and `a > 0` on the numbers called `names`."""

    conditions: list[str] | None = None
    names: list[str] | None = None
    tolerance: Tolerance | None = None

    def __post_init__(self) -> None:
        """Conditions that can be read, on names that there are; ValueError says what is wrong."""
        if self.conditions is None and self.names is None:
            return
        for what, given in (("names", self.names), ("conditions", self.conditions)):
            if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
                raise ValueError(f"A witness has `{what}`, a list of texts.")
        if not 0 < len(self.conditions or ()) <= _MOST_CONDITIONS:
            raise ValueError(f"A witness meets between 1 and {_MOST_CONDITIONS} conditions.")
        check_names(self.names or ())
        conditions_of(tuple(self.conditions or ()), self.called)

    @property
    def called(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(self.names or ())

    @property
    def met(self) -> tuple[Condition, ...]:
        """The conditions, read."""
        return conditions_of(tuple(self.conditions or ()), self.called)


class WitnessType(AnswerType[WitnessSettings]):
    """Numbers that meet every condition, exactly or within a tolerance; which ones is free."""

    name = "witness"
    meaning = "any values that meet the conditions, such as [3/5, -4/5] or d1 = 3/5, d2 = -4/5"
    settings = WitnessSettings
    needs_key = False

    def key_fault(self, key: Tree, settings: WitnessSettings) -> str:
        """A sample has to meet the conditions itself; without one only the conditions must be there."""
        if not settings.called:
            return "A witness needs `conditions` and the `names` of the numbers that are to meet them."
        if key.kind == "empty":
            return ""
        checked = _judged(key, settings, Context.of(ANYTHING))
        if checked.verdict.outcome is Outcome.EQUAL:
            return ""
        return f"The answer does not meet the conditions itself: {' '.join(checked.feedback)}"

    def read(self, text: str, settings: WitnessSettings, context: Context) -> Answer:
        """A vector or equations such as `d1 = 3/5`; only the names of the witness may occur."""
        reading = _read(text, settings, context)
        return Answer(reading.tree, reading.notices, reading.second, reading.others)

    def check(
        self,
        response: Answer,
        key: Tree,  # noqa: ARG002 - whatever meets the conditions is right
        settings: WitnessSettings,
        context: Context,
    ) -> Checked:
        """Every condition by exact reasoning; the first that fails is named."""
        return _judged(response.tree, settings, context)

    def show(self, tree: Tree, settings: WitnessSettings) -> str:  # noqa: ARG002 - the same for all settings
        """As typed, in plain notation."""
        return to_text(tree)

    def key_text(self, key: Tree, settings: WitnessSettings) -> str:
        """The sample where there is one, else the conditions."""
        if key.kind != "empty":
            return to_text(key)
        return " and ".join(words_of(condition, settings.called) for condition in settings.met)

    def examples(self, key: Tree, settings: WitnessSettings) -> Examples:
        """The sample, with and without names; one number more, a name that there is none of; a bracket missing."""
        values = _values(key, settings)
        if isinstance(values, Checked):
            return Examples((), (), ())
        texts = [to_text(values[canonical(name)]) for name in settings.called]
        named = ", ".join(f"{name} = {text}" for name, text in zip(settings.called, texts, strict=True))
        plain = f"[{', '.join(texts)}]"
        return Examples((plain, named), (f"[{', '.join([*texts, '1'])}]", "no solution"), (plain[:-1], f"{plain} +"))


def _read(text: str, settings: WitnessSettings, context: Context) -> Reading:
    """The text with its equations kept; a name before a whole vector, as in `d = (1, 2)`, is dropped."""
    names = frozenset(canonical(name) for name in settings.called)
    declared = context.vocabulary.names or frozenset()
    vocabulary = replace(context.vocabulary, names=names | declared, keep_label=True)
    strict = replace(context, vocabulary=vocabulary)
    try:
        return read_tree(text, strict)
    except AnswerError:
        unlabelled = replace(context, vocabulary=replace(vocabulary, keep_label=False))
        try:
            reading = read_tree(text, unlabelled)
        except AnswerError:
            reading = None
        if reading is not None and reading.label is not None and _holds_vector(reading.tree):
            return reading
        raise


def _holds_vector(tree: Tree) -> bool:
    """Whether it is a vector, or worked out from one as `(1, -4)/sqrt(17)` is."""
    return any(node.kind in {"vector", "matrix"} for node in walk(tree))


def _judged(tree: Tree, settings: WitnessSettings, context: Context) -> Checked:
    values = _values(tree, settings)
    if isinstance(values, Checked):
        return values
    for name in settings.called:
        fault = _without_value(name, values[canonical(name)], settings.called)
        if fault is not None:
            return fault
    found = [(each, tested(each, values, settings.tolerance, context)) for each in settings.met]
    failed = [(condition, met) for condition, met in found if met.holds is False]
    if failed:
        reasons = [why_not(condition, values, met, settings.called) for condition, met in failed[:_MOST_NAMED]]
        evidence = Unmet(words_of(failed[0][0], settings.called), reasons[0])
        return Checked.whole(Verdict(Outcome.DIFFERENT, evidence), tuple(f"{reason}." for reason in reasons))
    verdicts = [Verdict(Outcome.EQUAL if met.holds else Outcome.UNDECIDED, met.evidence) for _, met in found]
    unclear = next((each for each in verdicts if each.outcome is Outcome.UNDECIDED), None)
    return Checked.whole(unclear or Verdict(Outcome.EQUAL, _all_hold(joint_evidence(verdicts))))


def _all_hold(evidence: Proof | Agreement) -> Proof | Agreement:
    return Proof(f"every condition holds: {evidence.method}") if isinstance(evidence, Proof) else evidence


def _shown(name: str, settings: WitnessSettings) -> str:
    return spelled(Tree("name", (), name), settings.called)


def _values(tree: Tree, settings: WitnessSettings) -> Mapping[str, Tree] | Checked:
    """The value of every name, or the verdict on what gives none."""
    wanted = [canonical(name) for name in settings.called]
    names = ", ".join(settings.called)
    expected = f"1 value ({names})" if len(wanted) == 1 else f"{len(wanted)} values ({names})"
    given = _assigned(tree)
    if given is None:
        entries = _entries(tree)
        if entries is None:
            return wrong_kind(expected, tree)
        if len(entries) != len(wanted):
            return size_mismatch(expected, count_words(len(entries), "value", "values"))
        given = list(zip(wanted, entries, strict=True))
    values: dict[str, Tree] = {}
    for name, value in given:
        if name not in wanted:
            return _invalid(expected, f"a value of {name}", f"There is no {name} here; the answer is {expected}.")
        if name in values and values[name] != value:
            return _invalid(
                expected, f"two values of {name}", f"{_shown(name, settings)} is given twice, with two values."
            )
        values[name] = value
    if len(values) < len(wanted):
        missing = next(name for name in settings.called if canonical(name) not in values)
        return size_mismatch(expected, f"{count_words(len(values), 'value', 'values')}, without {missing}")
    return values


def _assigned(tree: Tree) -> list[tuple[str, Tree]] | None:
    """Names with values from equations such as `a = 1, b = 2` or `(a, b) = (1, 2)`; None for what is none."""
    is_group = tree.kind in {"list", "set", "and", "vector"}
    relations = tree.args if is_group else (tree,)
    if not relations or any(each.kind != "relation" or set(each.value.split()) != {"="} for each in relations):
        return None
    found: list[tuple[str, Tree]] = []
    for relation in relations:
        *names, value = relation.args
        for name in names:
            if name.kind == "name":
                found.append((name.value, scalar_of(evaluate(value))))
                continue
            left, right = _grid(name), _grid(value)
            if left is None or right is None or len(left.entries) != len(right.entries):
                return None
            if any(entry.kind != "name" for entry in left.entries):
                return None
            found += [(entry.value, each) for entry, each in zip(left.entries, right.entries, strict=True)]
    return found


def _entries(tree: Tree) -> tuple[Tree, ...] | None:
    """The numbers of a vector, of a row of numbers without brackets, or of one number."""
    if tree.kind == "list" and not any(each.kind in NOT_SCALAR for each in tree.args):
        return tree.args
    grid = _grid(tree)
    if grid is not None:
        is_plain = grid.is_vector and not any(each.kind in NOT_SCALAR for each in grid.entries)
        return grid.entries if is_plain else None
    scalar = scalar_of(evaluate(tree))
    return None if scalar.kind in NOT_SCALAR else (scalar,)


def _grid(tree: Tree) -> Grid | None:
    return grid_of(evaluate(tree))


def _without_value(name: str, value: Tree, names: Sequence[str]) -> Checked | None:
    """The verdict on a value that is no number: one with a name left open, or none at all."""
    free = sorted(names_in(value))
    if value.kind in NOT_SCALAR or grid_of(value) is not None:
        return wrong_kind(f"a number for {name}", value)
    if free:
        left = ", ".join(spelled(Tree("name", (), each), names) for each in free)
        sentence = f"{name} = {spelled(value, names)[:80]} leaves {left} open; give numbers."
        return _invalid("a number", f"an expression in {left}", sentence)
    try:
        value_at(value, {}, 5)
    except NoValue as error:
        return Checked.whole(Verdict(Outcome.INVALID, Undefined(reason=str(error))))
    except NotScalar:
        return wrong_kind(f"a number for {name}", value)
    except Unclear as error:
        reason = str(error) or "the value is too hard to compute"
        return Checked.whole(Verdict(Outcome.UNDECIDED, OutOfBudget(reason)))
    return None


def _invalid(expected: str, found: str, sentence: str) -> Checked:
    return Checked.whole(Verdict(Outcome.INVALID, TypeMismatch(expected, found)), (sentence,))
