"""A choice of one or several options, by their ids or their words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Settings
from grader.checking.verdict import Counterexample, Outcome, Proof, Verdict
from grader.errors import AnswerError
from grader.reading.tree import Tree

_PIECE = re.compile(r"[^,;]+")
# Between options also stand `and` and `&`, where no option holds them: `a and c`.
_JOINED = re.compile(r"\band\b|(?:(?!\band\b)[^,;&])+", re.IGNORECASE)
_LETTER = re.compile(r"\(?\s*(\w)\s*\)")


@dataclass(frozen=True, slots=True)
class ChoiceSettings(Settings):
    """`options` are ids with the words shown; `multiple` lets a student choose several.

    Without options any word may be given: that is how a single pair is checked outside a problem.
    """

    options: Mapping[str, str] = field(default_factory=dict)
    multiple: bool = False


class ChoiceType(AnswerType[ChoiceSettings]):
    """One option, or several separated by commas; several earn marks for right less wrong ones."""

    name = "choice"
    meaning = "one of the options, or several"
    settings = ChoiceSettings
    is_mathematical = False
    takes_settings = False

    def usual_settings(self) -> ChoiceSettings:
        """Any words, and as many as are given."""
        return ChoiceSettings(multiple=True)

    def read(self, text: str, settings: ChoiceSettings, context: Context) -> Answer:  # noqa: ARG002 - no mathematics
        """The ids of the options named; AnswerError lists the options where one is unknown."""
        whole = _option(text, settings)
        if whole is not None:
            return Answer(options_tree((whole,)))
        pieces = [piece for piece in _PIECE.finditer(text) if piece[0].strip()]
        if not settings.options or any(_option(piece[0], settings) is None for piece in pieces):
            pieces = [piece for piece in _JOINED.finditer(text) if piece[0].strip().casefold() not in {"", "and"}]
        ids = [_known_option(piece[0], piece.start(), settings) for piece in pieces]
        if not ids:
            raise AnswerError("Nothing is chosen.", 0, len(text), _listed(settings))
        chosen = tuple(dict.fromkeys(ids))
        if len(chosen) > 1 and not settings.multiple:
            raise AnswerError(f"Choose one option; {len(chosen)} are given.", 0, len(text), _listed(settings))
        return Answer(options_tree(chosen))

    def key_fault(self, key: Tree, settings: ChoiceSettings) -> str:
        """Only options, and one of them unless several may be chosen, can be the key."""
        ids = option_ids(key)
        if not ids:
            return "The answer names no option."
        unknown = [each for each in ids if settings.options and each not in settings.options]
        if unknown:
            return f"{unknown[0]} is no option. {_listed(settings)}"
        return "" if settings.multiple or len(ids) == 1 else "Several options are right, but only one may be chosen."

    def check(
        self,
        response: Answer,
        key: Tree,
        settings: ChoiceSettings,
        context: Context,  # noqa: ARG002 - no mathematics
    ) -> Checked:
        """Exactly the right options; the share is of right less wrong ones, never below nothing."""
        chosen, right = set(option_ids(response.tree)), set(option_ids(key))
        if chosen == right:
            return Checked.whole(Verdict(Outcome.EQUAL, Proof("the right options")))
        evidence = Counterexample((), _words(option_ids(response.tree)), _words(option_ids(key)))
        checked = Checked.whole(Verdict(Outcome.DIFFERENT, evidence), (_hint(chosen, right, settings),))
        share = Fraction(max(0, len(chosen & right) - len(chosen - right)), len(right))
        return replace(checked, share=share) if settings.multiple and settings.partial else checked

    def show(self, tree: Tree, settings: ChoiceSettings) -> str:
        """The words of the options."""
        return ", ".join(settings.options.get(each, each) for each in option_ids(tree))

    def examples(self, key: Tree, settings: ChoiceSettings) -> Examples:
        """The right ids and their words; an option that is wrong; no option at all."""
        ids = option_ids(key)
        words = [settings.options.get(each, each) for each in ids]
        wrong = tuple(each for each in settings.options if each not in ids)[:1]
        return Examples((", ".join(ids), ", ".join(words)), wrong, ("no-such-option", " , "))


def options_tree(ids: tuple[str, ...]) -> Tree:
    """Option ids as a tree, so that a choice travels like every other answer."""
    return Tree("list", tuple(Tree("name", (), each) for each in ids))


def option_ids(tree: Tree) -> tuple[str, ...]:
    """The ids that `options_tree` holds; a single name is one id."""
    return tuple(each.value for each in tree.args) if tree.kind == "list" else (tree.value,)


def _known_option(piece: str, offset: int, settings: ChoiceSettings) -> str:
    found = _option(piece, settings)
    if found is not None:
        return found
    start = offset + len(piece) - len(piece.lstrip())
    word = piece.strip()
    raise AnswerError(f"{word[:60]!r} is not one of the options.", start, start + len(word), _listed(settings))


def _option(text: str, settings: ChoiceSettings) -> str | None:
    """The id that the text names by id or by words, in any case and spacing."""
    wanted = _plain(text)
    lettered = _LETTER.fullmatch(wanted)  # `(a)` and `a)`
    if not settings.options:
        is_one = wanted and not set(",;&") & set(wanted) and "and" not in wanted.split()
        return (lettered[1] if lettered else wanted) if is_one else None
    by_id = {_plain(each): each for each in settings.options}
    by_words = {_plain(words): each for each, words in settings.options.items()}
    return by_id.get(wanted) or by_words.get(wanted) or (by_id.get(lettered[1]) if lettered else None)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold().strip("$. ")


def _listed(settings: ChoiceSettings) -> str:
    return f"The options are: {_words(tuple(settings.options))}." if settings.options else "Give a word."


def _hint(chosen: set[str], right: set[str], settings: ChoiceSettings) -> str:
    if not settings.multiple:
        return "Another option is right."
    if chosen < right:
        return "What you chose is right, but not all that is right is chosen."
    return "All that is right is chosen, and something more." if right < chosen else "Another choice is right."


def _words(ids: tuple[str, ...]) -> str:
    return ", ".join(ids)
