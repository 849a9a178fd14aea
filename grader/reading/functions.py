"""A function of the table applied to its arguments, with the number of arguments checked."""

from __future__ import annotations

from grader.errors import AnswerError
from grader.reading.brackets import piecewise
from grader.reading.cursor import MAX_DEPTH
from grader.reading.names import BY_NAME, Vocabulary, canonical
from grader.reading.tokens import Token
from grader.reading.tree import Tree

MAX_EXPONENT = 9999


def application(token: Token, args: tuple[Tree, ...], end: int, vocabulary: Vocabulary) -> Tree:
    """The tree of a function applied; raises AnswerError for a wrong number of arguments."""
    function = BY_NAME[token.value]
    if function.most is None and len(args) == 1 and args[0].kind == "set":
        args = args[0].args
    if len(args) < function.least or (function.most is not None and len(args) > function.most):
        raise AnswerError(_arity(token.value, len(args)), token.start, end, "Check the commas and the brackets.")
    if function.name == "piecewise":
        return piecewise(args, (token.start, end))
    if function.name == "transpose":
        return Tree("transpose", args, "", token.start, end)
    if function.name == "log" and len(args) == 1:
        return Tree("call", args, "log10" if vocabulary.log_base_ten else "ln", token.start, end)
    return Tree("call", args, function.name, token.start, end)


def logarithm(token: Token, args: tuple[Tree, ...], end: int, vocabulary: Vocabulary) -> Tree:
    """`log_b(x)`; the token's value is the base as it was typed."""
    if len(args) != 1:
        raise AnswerError("log with a base takes one argument.", token.start, end, "Write log_2(x).")
    base = token.value
    if base in {"2", "10"}:
        return Tree("call", args, f"log{base}", token.start, end)
    if base == "e":
        return Tree("call", args, "ln", token.start, end)
    if base.isdigit():
        return Tree("call", (args[0], Tree("number", (), base)), "log", token.start, end)
    name = canonical(base)
    if vocabulary.names is not None and not vocabulary.knows(name):
        raise AnswerError(f"The base {base} is not known in this problem.", token.start, end, "Write log(x, b).")
    return Tree("call", (args[0], Tree("name", (), name)), "log", token.start, end)


def _arity(name: str, given: int) -> str:
    """A sentence on how many arguments a function takes."""
    function = BY_NAME[name]
    if function.most is None:
        return f"{name} takes at least {function.least} arguments, not {given}."
    if function.most > function.least:
        return f"{name} takes {function.least} to {function.most} arguments, not {given}."
    if function.most == 1:
        return f"{name} takes 1 argument, not {given}."
    return f"{name} takes {function.most} arguments, not {given}."


def check_exponent(exponent: Tree) -> None:
    """Raise AnswerError for a literal exponent over the bound, also one built as a tower."""
    size = _literal_size(exponent)
    if size > MAX_EXPONENT:
        raise AnswerError(
            f"This exponent is larger than {MAX_EXPONENT}.", exponent.start, exponent.end, "Use a smaller exponent."
        )


def _literal_size(tree: Tree, depth: int = 0) -> float:
    """The size of a literal number or power of such; 0 for all else, and for what is too deep to be read."""
    if depth > MAX_DEPTH:
        return 0
    if tree.kind == "number":
        return float(tree.value)
    if tree.kind in {"neg", "factorial"}:
        inner = _literal_size(tree.args[0], depth + 1)
        return inner if tree.kind == "neg" else (MAX_EXPONENT + 1 if inner > 7 else inner)
    if tree.kind == "power":
        base, exponent = (_literal_size(arg, depth + 1) for arg in tree.args)
        if tree.args[1].kind == "neg":
            base = 1 / base if base else 0.0
        if base > 1 and exponent > 13:
            return MAX_EXPONENT + 1
        try:
            return float(base**exponent)
        except OverflowError:
            return MAX_EXPONENT + 1
    if tree.kind in {"product", "sum"}:
        sizes = [_literal_size(arg, depth + 1) for arg in tree.args]
        if not all(sizes):
            return 0
        total = 1.0 if tree.kind == "product" else 0.0
        for size in sizes:
            total = total * size if tree.kind == "product" else total + size
        return total
    return 0
