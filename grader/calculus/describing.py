"""The steps of a derivation in words, as lines of Markdown with LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from grader.calculus.rules import OUTER_RULES, RULES, inner_of
from grader.calculus.steps import PENDING, Step
from grader.reading.printing import to_latex
from grader.reading.tree import Tree, name, names_in, rebuild

# Rules too small for a line of their own: their result shows in the rule around them.
SILENT = frozenset({"constant", "variable", "negative"})
# A single character that no text of a student or author holds stands for a derivative to be taken.
_FIRST_MARK = 0xE000


def describe(steps: Iterable[Step]) -> tuple[str, ...]:
    """One line for each rule applied, the outermost first, then what was found inside."""
    listed = tuple(steps)
    several = any(names_in(step.before) - {step.variable} for step in listed if step.rule in RULES)
    sign = "\\partial" if several else "\\mathrm{d}"
    lines: list[str] = []
    for step in listed:
        if step.rule in SILENT:
            continue
        line = _WRITERS[step.rule](step) if step.rule in _WRITERS else _rule_line(step, sign)
        if line not in lines:
            lines.append(line)
    return tuple(lines)


def _rule_line(step: Step, sign: str) -> str:
    """One application of a rule of derivatives."""
    title = RULES[step.rule].title if step.rule in RULES else step.rule
    title = title[0].upper() + title[1:]
    operator = f"\\frac{{{sign}}}{{{sign} {to_latex(name(step.variable))}}}"
    whole = f"{operator}\\left[{to_latex(step.before)}\\right]"
    after = to_latex(step.after)
    middle = _outline(step, operator)
    if step.rule in OUTER_RULES and inner_of(step.before, step.variable) != name(step.variable):
        inner = to_latex(inner_of(step.before, step.variable))
        return f"{title}, with $u = {inner}$: the derivative by $u$ is ${after}$."
    if middle and middle != after:
        return f"{title}: ${whole} = {middle} = {after}$."
    return f"{title}: ${whole} = {after}$."


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


def _value_line(step: Step) -> str:
    by = (
        f" (the derivative by ${', '.join(to_latex(name(part)) for part in step.variable.split())}$)"
        if step.variable
        else ""
    )
    return f"At the point, ${to_latex(step.before)}$ has the value ${to_latex(step.after)}${by}."


def _unit_line(step: Step) -> str:
    return f"The unit vector along ${to_latex(step.before)}$ is ${to_latex(step.after)}$."


def _dot_line(step: Step) -> str:
    gradient, direction = (to_latex(part) for part in step.before.args)
    return f"The gradient ${gradient}$ times the direction ${direction}$ is ${to_latex(step.after)}$."


def _tangent_line(step: Step) -> str:
    return f"The tangent line is $y = {to_latex(step.after)}$."


def _descent_line(step: Step) -> str:
    count = step.path[0] + 1
    return f"Step {count}: from ${_point(step.before)}$ to ${_point(step.after)}$."


def _point(tree: Tree) -> str:
    """A point; of one coordinate, the number."""
    return to_latex(tree.args[0] if len(tree.args) == 1 else tree)


_WRITERS: Mapping[str, Callable[[Step], str]] = {
    "value-at": _value_line,
    "unit-vector": _unit_line,
    "dot-product": _dot_line,
    "tangent-line": _tangent_line,
    "descent-step": _descent_line,
}
