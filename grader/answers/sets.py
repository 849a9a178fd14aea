"""A set: members in any order, repeats once, braces optional."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Settings
from grader.answers.entries import joint_evidence, size_mismatch, wrong_kind
from grader.answers.literals import evaluate
from grader.answers.members import best_matching, compare_members, is_member, members_of, typed
from grader.answers.tolerance import Tolerance
from grader.answers.wording import count_words, kind_words
from grader.checking.verdict import Counterexample, Outcome, OutOfBudget, Proof, Verdict
from grader.reading.printing import to_text
from grader.reading.tree import Tree, add, number

_MOST_COMPARED = 2_000


@dataclass(frozen=True, slots=True)
class SetSettings(Settings):
    """`tolerance` holds for every member."""

    tolerance: Tolerance | None = None


class SetType(AnswerType[SetSettings]):
    """Sets such as eigenvalues or critical points; order and repeats do not count."""

    name = "set"
    meaning = "a set such as {1, -1}, in any order"
    settings = SetSettings

    def key_fault(self, key: Tree, settings: SetSettings) -> str:  # noqa: ARG002 - any set, any tolerance
        """Only a set, a list or a single member can be the key."""
        return f"The answer is {kind_words(key)}, not a set." if _key_members(key) is None else ""

    def check(self, response: Answer, key: Tree, settings: SetSettings, context: Context) -> Checked:
        """Every member has its partner; the share is of the right members among all of both sides."""
        members = _key_members(key) or ()
        right = members if len(members) ** 2 > _MOST_COMPARED else _without_repeats(members, context)
        of_points = any(each.kind == "vector" for each in right)
        given = _given_members(response.tree, of_points=of_points)
        if given is None:
            return wrong_kind(_size(right), response.tree, "Write it in braces: {a, b}.")
        if given and right and not any((each.kind == "vector") is of_points for each in given):
            hint = "Write each point in brackets: (a, b)." if of_points else "Its members are no points."
            return wrong_kind(_size(right, of_points=of_points), response.tree, hint)
        if max(len(given), len(right)) * len(right) > _MOST_COMPARED:
            return _uncompared(given, right)
        return _matched(given, right, settings, context)

    def show(self, tree: Tree, settings: SetSettings) -> str:  # noqa: ARG002 - the same for all settings
        """As typed, in plain notation."""
        return to_text(tree)

    def examples(self, key: Tree, settings: SetSettings) -> Examples:  # noqa: ARG002 - the same for all settings
        """The key, reversed, and with a repeat; one member more, a condition; a brace missing."""
        members = _key_members(key) or ()
        text, back = typed(members), typed(tuple(reversed(members)))
        more = tuple(_raised(each) for each in members)
        right = (f"{{{text}}}", f"{{{back}}}", f"{{{text}, {back}}}")
        wrong = (f"{{{typed((*members, *more, *map(_raised, more)))}}}", "x > 0")
        return Examples(right, wrong, (f"{{{text}", f"{text} +"))


def _raised(member: Tree) -> Tree:
    """A member that is another one."""
    if member.kind == "vector":
        return member._replace(args=tuple(map(_raised, member.args)))
    return add(member, number(100))


def _key_members(key: Tree) -> tuple[Tree, ...] | None:
    members = members_of(evaluate(key))
    return None if members is None or not all(map(is_member, members)) else tuple(dict.fromkeys(members))


def _without_repeats(members: tuple[Tree, ...], context: Context) -> tuple[Tree, ...]:
    """The members of a key, equal ones once."""
    kept: list[Tree] = []
    for member in members:
        if not any(compare_members(member, other, None, context).outcome is Outcome.EQUAL for other in kept):
            kept.append(member)
    return tuple(kept)


def _given_members(tree: Tree, *, of_points: bool) -> tuple[Tree, ...] | None:
    """The members, typed repeats once; a vector is no set, unless it is a single point."""
    if tree.kind == "relation" and tree.value == "in" and tree.args[0].kind == "name":
        tree = tree.args[1]
    if tree.kind == "union":
        pieces = [_given_members(piece, of_points=of_points) for piece in tree.args if piece.kind in {"set", "empty"}]
        whole = len(pieces) == len(tree.args) and None not in pieces
        return tuple(dict.fromkeys(each for piece in pieces for each in piece or ())) if whole else None
    evaluated = evaluate(tree)
    if evaluated.kind == "vector" and not of_points:
        return None
    members = members_of(evaluated, of_points=of_points)
    if members is None or not all(map(is_member, members)):
        return None
    return tuple(dict.fromkeys(members))


def _uncompared(given: tuple[Tree, ...], right: tuple[Tree, ...]) -> Checked:
    """The verdict on sets of so many members that not every one is compared with every other."""
    if set(given) == set(right):
        return Checked.whole(Verdict(Outcome.EQUAL, Proof("the same members")))
    reason = f"sets as large as {len(given)} and {len(right)} members are not compared member by member"
    return Checked.whole(Verdict(Outcome.UNDECIDED, OutOfBudget(reason)))


def _matched(given: tuple[Tree, ...], right: tuple[Tree, ...], settings: SetSettings, context: Context) -> Checked:
    table = [[compare_members(a, b, settings.tolerance, context) for b in right] for a in given]
    for member, row in zip(given, table, strict=True):
        invalid = next((verdict for verdict in row if verdict.outcome is Outcome.INVALID), None)
        if invalid is not None:
            return Checked.whole(invalid, (f"{to_text(member)} has no real value.",))
    certain = [_partners(row, {Outcome.EQUAL}) for row in table]
    hoped = [_partners(row, {Outcome.EQUAL, Outcome.UNDECIDED}) for row in table]
    matched = best_matching(certain, len(right))
    size = _distinct(certain, matched)
    share = Fraction(matched, max(len(right), size)) if settings.partial and right else Fraction(0)
    if matched == len(right) and all(certain):
        pairs = [row[places[0]] for row, places in zip(table, certain, strict=True)]
        return Checked.whole(Verdict(Outcome.EQUAL, joint_evidence(pairs) if pairs else Proof("both are empty")))
    if best_matching(hoped, len(right)) == len(right) and all(hoped):
        undecided = Verdict(Outcome.UNDECIDED, OutOfBudget("a member could not be decided"))
        return Checked(undecided, share=share)
    if size != len(right):
        mismatch = size_mismatch(_size(right), f"a set of {count_words(size, 'member', 'members')}")
        return Checked(mismatch.verdict, feedback=mismatch.feedback, share=share)
    evidence = Counterexample((), typed(given), typed(right))
    words = f"{matched} of 1 member is right." if len(right) == 1 else f"{matched} of {len(right)} members are right."
    return Checked(Verdict(Outcome.DIFFERENT, evidence), feedback=(words,), share=share)


def _partners(row: list[Verdict], outcomes: set[Outcome]) -> list[int]:
    return [place for place, verdict in enumerate(row) if verdict.outcome in outcomes]


def _distinct(certain: list[list[int]], matched: int) -> int:
    """How many different members were given: the right ones once, and the rest."""
    return matched + sum(not row for row in certain)


def _size(members: tuple[Tree, ...], *, of_points: bool = False) -> str:
    number = len(members)
    words = count_words(number, "point", "points") if of_points else count_words(number, "member", "members")
    return f"a set of {words}" if members else "the empty set"
