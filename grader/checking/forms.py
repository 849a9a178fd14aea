"""The forms that an answer can be asked for in: what they are called, and whether a tree has one.

A form is seen on the tree as typed, nothing simplified, and only once the value is known to be right.
One row of `FORMS` is one form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from grader.checking.fraction_forms import lowest_terms, partial_fractions, single_fraction
from grader.checking.plain_forms import exact, free_of, no_derivative, same_up_to_order, significant_figures
from grader.checking.polynomials import TooLarge
from grader.checking.product_forms import FIELDS, expanded, factored
from grader.checking.simplified_forms import simplified
from grader.checking.square_forms import completed_square
from grader.checking.verdict import Outcome, OutOfBudget, Verdict, WrongForm
from grader.reading.names import canonical
from grader.reading.tree import Tree, walk

MOST_FORMS = 8
MOST_FIGURES = 60
MOST_NODES = 1_200
_NO = "no-"


@dataclass(frozen=True, slots=True)
class Form:
    """A form by its name; `of` holds its field, name or variables, `figures` how many it asks for."""

    name: str
    of: tuple[str, ...] = ()
    figures: int = 0

    def words(self) -> str:
        """What the answer is to be: "expanded", "factored over the integers"."""
        return FORMS[self.name].words(self)

    def fault(self, tree: Tree, key: Tree) -> str:
        """Why the tree does not have this form; empty where it has. Raises TooLarge."""
        return FORMS[self.name].fault(self, tree, key)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One form: its words, its function, how its option is read, whether it looks at how numbers are joined."""

    words: Callable[[Form], str]
    fault: Callable[[Form, Tree, Tree], str]
    option: Callable[[str, Any], Form] | None = None
    needs_option: bool = False
    is_structural: bool = True


def forms_of(given: Any) -> tuple[Form, ...]:
    """The forms that a setting names: a text, an object with one key, or a list; ValueError says what is wrong.

    >>> forms_of(["simplified", {"factored": "integers"}])
    (Form(name='simplified', of=(), figures=0), Form(name='factored', of=('integers',), figures=0))
    """
    if given is None:
        return ()
    if isinstance(given, list | tuple):
        if not 0 < len(given) <= MOST_FORMS:
            raise ValueError(f"A list of forms names between 1 and {MOST_FORMS} of them.")
        return tuple(_form(each) for each in given)
    return (_form(given),)


def _form(given: Any) -> Form:
    if isinstance(given, str):
        return _named(given)
    if isinstance(given, Mapping) and len(given) == 1:
        name, option = next(iter(given.items()))
        return _with_option(str(name), option)
    raise ValueError('A form is a name such as "expanded" or an object with one key such as {"factored": "integers"}.')


def _named(text: str) -> Form:
    name = _spelled(text)
    if name in FORMS:
        if FORMS[name].needs_option:
            raise ValueError(f"The form {name} says of what: {_EXAMPLES[name]}.")
        return Form(name)
    if name.startswith(_NO) and len(text.strip()) - len(_NO) in range(1, 20):
        word = text.strip()[len(_NO) :]
        if not get_close_matches(name, FORMS, 1, 0.75) and word.isidentifier():
            return Form("free-of", (canonical(word),))
    raise _unknown(text)


def _with_option(text: str, option: Any) -> Form:
    name = _spelled(text)
    rule = FORMS.get(name)
    if rule is None:
        raise _unknown(text)
    if option is True and not rule.needs_option:
        return Form(name)
    if rule.option is None:
        raise ValueError(f'The form {name} has no option; write "{name}".')
    return rule.option(name, option)


def _spelled(text: str) -> str:
    return text.strip().lower().replace("_", "-").replace(" ", "-")


def _unknown(text: str) -> ValueError:
    near = get_close_matches(_spelled(text), FORMS, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return ValueError(f"There is no form {text[:40]!r}.{hint} The forms are {', '.join(FORMS)}.")


def _field(name: str, option: Any) -> Form:
    if option not in FIELDS:
        raise ValueError(f"An answer is {name} over the {', the '.join(FIELDS[:-1])} or the {FIELDS[-1]}.")
    return Form(name, (str(option),))


def _names(name: str, option: Any) -> Form:
    names = option if isinstance(option, Sequence) and not isinstance(option, str) else [option]
    if not names or any(not isinstance(each, str) or not each.strip() or len(each) > 40 for each in names):
        raise ValueError(f"The form {name} names a variable: {_EXAMPLES[name]}.")
    return Form(name, tuple(canonical(each.strip()) for each in names))


def _figures(name: str, option: Any) -> Form:
    if isinstance(option, bool) or not isinstance(option, int) or not 1 <= option <= MOST_FIGURES:
        raise ValueError(f"The form {name} takes a whole number from 1 to {MOST_FIGURES}: {_EXAMPLES[name]}.")
    return Form(name, figures=option)


_EXAMPLES = {
    "free-of": '{"free_of": "h"}',
    "significant-figures": '{"significant-figures": 3}',
    "partial-fractions": '{"partial-fractions": "x"}',
    "completed-square": '{"completed-square": "x"}',
}


def judge_form(verdict: Verdict, tree: Tree, key: Tree, forms: Sequence[Form]) -> Verdict:
    """The verdict on a value, and where that is right, on the form in which the tree is written."""
    if verdict.outcome is not Outcome.EQUAL or not forms:
        return verdict
    if sum(1 for _ in walk(tree)) > MOST_NODES:
        return Verdict(Outcome.UNDECIDED, OutOfBudget("the value is right, but the form is too long to look at"))
    for form in forms:
        try:
            fault = _fault(form, tree, key)
        except TooLarge:
            reason = f"the value is right, but whether it is {form.words()} is too hard to tell"
            return Verdict(Outcome.UNDECIDED, OutOfBudget(reason))
        if fault:
            return Verdict(Outcome.WRONG_FORM, WrongForm(form.name, f"the answer is to be {form.words()}: {fault}"))
    return verdict


def _fault(form: Form, tree: Tree, key: Tree) -> str:
    if FORMS[form.name].is_structural and any(node.kind in {"vector", "matrix"} for node in walk(tree)):
        return "the arithmetic on vectors and matrices in it is still to be carried out"
    return form.fault(tree, key)


def _all_free(form: Form, tree: Tree, key: Tree) -> str:
    return next((fault for name in form.of if (fault := free_of(tree, key, name))), "")


_FACTORED = {
    "rationals": "factored over the rationals",
    "integers": "factored over the integers",
    "reals": "factored over the reals",
}
FORMS: Mapping[str, _Rule] = {
    "expanded": _Rule(lambda _: "expanded", lambda _form, tree, _key: expanded(tree)),
    "factored": _Rule(
        lambda form: _FACTORED[form.of[0]] if form.of else "factored",
        lambda form, tree, _key: factored(tree, form.of[0] if form.of else FIELDS[0]),
        _field,
    ),
    "simplified": _Rule(lambda _: "simplified", lambda _form, tree, _key: simplified(tree)),
    "single-fraction": _Rule(lambda _: "one single fraction", lambda _form, tree, _key: single_fraction(tree)),
    "lowest-terms": _Rule(lambda _: "in lowest terms", lambda _form, tree, _key: lowest_terms(tree)),
    "partial-fractions": _Rule(
        lambda _: "a sum of partial fractions",
        lambda form, tree, _key: partial_fractions(tree, form.of[0] if form.of else ""),
        _names,
    ),
    "completed-square": _Rule(
        lambda _: "a completed square", lambda form, tree, _key: completed_square(tree, form.of), _names
    ),
    "no-derivative": _Rule(
        lambda _: "free of derivatives", lambda _form, tree, _key: no_derivative(tree), is_structural=False
    ),
    "exact": _Rule(lambda _: "exact", lambda _form, tree, _key: exact(tree), is_structural=False),
    "free-of": _Rule(
        lambda form: f"free of {' and '.join(form.of)}", _all_free, _names, needs_option=True, is_structural=False
    ),
    "significant-figures": _Rule(
        lambda form: (
            "given to 1 significant figure" if form.figures == 1 else f"given to {form.figures} significant figures"
        ),
        lambda form, tree, _key: significant_figures(tree, form.figures),
        _figures,
        needs_option=True,
    ),
    "same-up-to-order": _Rule(
        lambda _: "written in the form that is asked for",
        lambda _form, tree, key: same_up_to_order(tree, key),
        is_structural=False,
    ),
}
