"""The steps of a derivation in words, as lines of Markdown with LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from grader.calculus.rules import OUTER_RULES, RULES, inner_of
from grader.calculus.steps import PENDING, Step
from grader.reading.printing import to_latex
from grader.reading.tree import Tree, name, names_in, rebuild

# Rules too small for a line of their own: their result shows in the rule around them.
SILENT = frozenset({"constant", "variable", "negative"})
# A single character that no text of a student or author holds stands for a derivative to be taken.
_FILLED = re.compile(r"\{(\w+)\}")
_FIRST_MARK = 0xE000

# What the lines say beside a rule's title; a table of translations has them for keys.
BY_ARGUMENT = "{title}, with $u = {inner}$: the derivative by $u$ is ${after}$."
AT_POINT = "At the point, ${before}$ has the value ${after}$."
AT_POINT_BY = "At the point, ${before}$ has the value ${after}$ (the derivative by ${by}$)."
UNIT = "The unit vector along ${before}$ is ${after}$."
DOT = "The gradient ${gradient}$ times the direction ${direction}$ is ${after}$."
TANGENT = "The tangent line is $y = {after}$."
DESCENT = "Step {count}: from ${before}$ to ${after}$."
SENTENCES = (BY_ARGUMENT, AT_POINT, AT_POINT_BY, UNIT, DOT, TANGENT, DESCENT)


Translate = Callable[[str], str]
"""From a sentence or the title of a rule in English, with {names} to be filled in, to another language."""


def _as_it_is(words: str) -> str:
    return words


def describe(steps: Iterable[Step], translate: Translate = _as_it_is) -> tuple[str, ...]:
    """One line for each rule applied, the outermost first, then what was found inside."""
    listed = tuple(steps)
    several = any(names_in(step.before) - {step.variable} for step in listed if step.rule in RULES)
    sign = "\\partial" if several else "\\mathrm{d}"
    lines: list[str] = []
    for step in listed:
        if step.rule in SILENT:
            continue
        sentence, values = _WRITERS[step.rule](step) if step.rule in _WRITERS else _rule_line(step, sign, translate)
        words = _FILLED.sub(partial(_filled, values), translate(sentence))
        if words not in lines:
            lines.append(words)
    return tuple(lines)


def _filled(values: Mapping[str, str], match: re.Match[str]) -> str:
    return values.get(match[1], match[0])


Line = tuple[str, Mapping[str, str]]
"""A sentence and what is filled in."""


def _rule_line(step: Step, sign: str, translate: Translate) -> Line:
    """One application of a rule of derivatives."""
    title = translate(RULES[step.rule].title if step.rule in RULES else step.rule)
    operator = f"\\frac{{{sign}}}{{{sign} {to_latex(name(step.variable))}}}"
    whole = f"{operator}\\left[{to_latex(step.before)}\\right]"
    after = to_latex(step.after)
    values = {"title": title[0].upper() + title[1:], "after": after}
    middle = _outline(step, operator)
    if step.rule in OUTER_RULES and inner_of(step.before, step.variable) != name(step.variable):
        inner = to_latex(inner_of(step.before, step.variable))
        return BY_ARGUMENT, {**values, "inner": inner}
    middle = f"{middle} = " if middle and middle != after else ""
    return "{title}: ${whole} = {middle}{after}$.", {**values, "whole": whole, "middle": middle}


def _outline(step: Step, operator: str) -> str:
    """The result with inner derivatives still as such, empty where the rule leaves none."""
    if step.outline is None:
        return ""
    pending: list[Tree] = []

    def mark(node: Tree) -> Tree:
        if node.kind == "call" and node.value == PENDING:
            pending.append(node.args[0])
            return name(chr(_FIRST_MARK + len(pending) - 1))
        return node

    marked = to_latex(rebuild(step.outline, mark))
    if not pending:
        return ""
    for place, part in enumerate(pending):
        written = f"{operator}\\left[{to_latex(part)}\\right]"
        marked = re.sub(_mark_in_latex(place), written.replace("\\", r"\\"), marked)
    return marked


def _mark_in_latex(place: int) -> str:
    """The mark as the printer writes a name of one character, with or without a font around it."""
    mark = re.escape(chr(_FIRST_MARK + place))
    return rf"\\math(?:rm|it)\{{{mark}\}}|{mark}"


def _value_line(step: Step) -> Line:
    values = {"before": to_latex(step.before), "after": to_latex(step.after)}
    if not step.variable:
        return AT_POINT, values
    return AT_POINT_BY, {**values, "by": ", ".join(to_latex(name(part)) for part in step.variable.split())}


def _unit_line(step: Step) -> Line:
    return UNIT, {"before": to_latex(step.before), "after": to_latex(step.after)}


def _dot_line(step: Step) -> Line:
    gradient, direction = (to_latex(part) for part in step.before.args)
    return DOT, {"gradient": gradient, "direction": direction, "after": to_latex(step.after)}


def _tangent_line(step: Step) -> Line:
    return TANGENT, {"after": to_latex(step.after)}


def _descent_line(step: Step) -> Line:
    return DESCENT, {"count": str(step.path[0] + 1), "before": _point(step.before), "after": _point(step.after)}


def _point(tree: Tree) -> str:
    """A point; of one coordinate, the number."""
    return to_latex(tree.args[0] if len(tree.args) == 1 else tree)


_WRITERS: Mapping[str, Callable[[Step], Line]] = {
    "value-at": _value_line,
    "unit-vector": _unit_line,
    "dot-product": _dot_line,
    "tangent-line": _tangent_line,
    "descent-step": _descent_line,
}
