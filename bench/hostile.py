"""Texts that try to hurt: a grammar of everything that may be typed, mutations of it, and known poison."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from grader.answers import BY_NAME
from grader.reading.names import FUNCTIONS

Case = Mapping[str, Any]
"""One line in for `grader check --batch`."""

LONGEST = 2000
NAMES = ("x", "y", "z", "t", "n", "A", "theta", "x_1", "e", "pi", "i", "oo", "f", "s")
NUMBERS = ("0", "1", "2", "3", "7", "0.5", ".1", "1e3", "1e-300", "9999", "1/3", "1e400", "123456789123456789", "50%")
OPERATORS = ("+", "-", "*", "/", "^", "**", " ", "×", "·", "−", "!=", "<", "=", ",", ";", ".*", "+-", "∘")
STRANGE = "\x00\x07\ud800\u202e\u2066\u200b\ufeff\u0301ＸⅫ½²₁√∑∫∂∇‖⟨⟩�𝑥αа'\"`\\{}[]()|!_^$%&#@~;:,.<>=?"
PIECES = (
    *(
        "\\frac{",
        "\\left(",
        "\\begin{cases}",
        "{}.format",
        "%s",
        "__class__",
        "lambda x:",
        "import os",
        "1e",
        "e^",
        "||",
    ),
    *("sin^-1 ", "log_", "delta(", "sum_k ", "^T", "f'(", "|x|", "d/dx", "[[", "]]", "otherwise", " if ", " or ", "U"),
)
TYPES = tuple(BY_NAME)
SETTINGS: tuple[Mapping[str, Any], ...] = (
    *({} for _ in range(6)),
    {"tolerance": {"absolute": "0.01"}},
    {"tolerance": {"significant_figures": 3}},
    {"up_to": "constant"},
    {"up_to": "factor"},
    {"form": "expanded"},
    {"form": "factored"},
    {"layout": "column"},
)
VARIABLES = (
    None,
    {"x": {}, "y": {}},
    {"x": {"in": ["0", "1"]}, "y": {"in": ["0", "oo"]}},
    {"n": {"integer": True}, "x": {}, "y": {}},
    {"A": {"shape": [2, 2]}, "x": {"shape": [2]}},
    {"A": {"shape": ["m", "n"]}, "x": {"shape": ["n"]}, "n": {}},
)


def poison() -> tuple[str, ...]:
    """Texts made to use up time, memory, stack or patience, each of at most 2,000 characters."""
    made = (
        "9^9^9^9^9^9",
        "x^x^x^x^x^x^x^x",
        "e^e^e^e^e^x",
        "9999^9999",
        "(x+1)^9999",
        "(x+y+z+1)^200",
        "((((x+1)^99)^99)^99)^99",
        "9999!",
        "(99!)!",
        "((3!)!)!",
        "(10^9)!",
        "gamma(10^9)",
        "2^-9999^9",
        "1e9999 - 1e9999 + x",
        "0.1e-9999",
        "1/(x-x)",
        "sin(1e300*x)",
        "sin(10^9999)",
        "tan(tan(tan(tan(tan(x)))))",
        "exp(exp(exp(exp(x))))",
        "ln(ln(ln(ln(ln(x)))))",
        "sqrt(" * 90 + "x" + ")" * 90,
        "(" * 999 + "x" + ")" * 999,
        "[" * 90 + "1" + "]" * 90,
        "{" * 999,
        "|" * 1999,
        "-" * 1999 + "x",
        "x" + "!" * 1999,
        "2^x" + "!" * 1990,
        "x" + "!" * 1990 + "^T",
        "{ro7, s 1)}",
        "x" * 2000,
        "x'" * 900,
        "sin " * 490 + "x",
        "+".join(["x"] * 1000),
        "+".join(f"{n}x" for n in range(400)),
        "*".join(f"(x+{n})" for n in range(280)),
        "+".join(f"1/(x+{n})" for n in range(200)),
        "+".join(f"sqrt({n}x)" for n in range(180)),
        "+".join(f"sin({n}x)" for n in range(180)),
        "^".join(["x"] * 90),
        "/".join(["x"] * 990),
        "sqrt(2)+" * 200 + "x",
        "[" + ",".join(["[" + ",".join(["x"] * 23) + "]"] * 40) + "]",
        "[" + ",".join(["e^-x"] * 300) + "]",
        "{" + ",".join(f"sin({n})" for n in range(220)) + "}",
        "{" + ",".join(f"x^{n}" for n in range(300)) + "}",
        "[" + ",".join(["[9^9,x!]"] * 180) + "]",
        "[[x,1],[1,x]]^8^8",
        "inv([[x,1,y],[1,x,2],[y,y,x]])^8",
        "sum_k k^9999",
        "piecewise(" + ",".join(f"(x^{n}, x<{n})" for n in range(110)) + ")",
        "min(" + ",".join(f"x^{n}" for n in range(300)) + ")",
        "logsumexp(" + ",".join(f"{n}x" for n in range(300)) + ")",
        "softmax([" + ",".join(f"{n}x" for n in range(300)) + "])",
        "abs(" * 60 + "x" + "-1)" * 60,
        "floor(1e300*x)",
        "x^(1/99991)",
        "x^0.123456789123456789123456789",
        "log(x, log(x, log(x, log(x, 2))))",
        "().__class__.__bases__[0].__subclasses__()",
        "__import__('os').system('true')",
        "{0.__class__.__init__.__globals__}",
        "{x!r:>{width}}",
        "%n%s%x%p" * 100,
        "\x00" * 100,
        "x\x00+\x001",
        "\u202ex+1\u202c",
        "x\u0336" * 500,
        "\ud800\udfff",
        "х+у+ѕіn(x)",
        "٣x + ３",
        "𝟙𝟚𝟛x",
        "½x² + ⅓",
        "\u200b".join("sin(x)"),
        "\\frac" * 390,
        "{" * 900 + "}" * 900,
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<script>alert(1)</script>",
        "'; DROP TABLE submissions; --",
        "x\r\ny\u2028z",
    )
    return tuple(text[:LONGEST] for text in made)


def expressions() -> st.SearchStrategy[str]:
    """Texts of the grammar, most of which can be read."""
    atoms = st.sampled_from(NAMES + NUMBERS)

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        call = st.builds(_call, st.sampled_from(FUNCTIONS), st.lists(inner, min_size=1, max_size=3))
        binary = st.builds(lambda a, o, b: f"({a}){o}({b})", inner, st.sampled_from(OPERATORS[:8]), inner)
        loose = st.builds(lambda a, o, b: f"{a}{o}{b}", inner, st.sampled_from(OPERATORS), inner)
        single = st.builds(
            lambda form, a: form.format(a), st.sampled_from(("-{}", "{}!", "|{}|", "{}^2", "({})")), inner
        )
        return st.one_of(call, binary, binary, loose, single, _shaped(inner))

    return st.recursive(atoms, grow, max_leaves=24).map(lambda text: text[:LONGEST])


def _call(function: Any, args: list[str]) -> str:
    wanted = args[: function.most or 3]
    return f"{function.name}({', '.join(wanted + wanted[:1] * (function.least - len(wanted)))})"


def _shaped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    rows = st.lists(st.lists(inner, min_size=2, max_size=2), min_size=1, max_size=3)
    entries = st.lists(inner, min_size=1, max_size=5).map(", ".join)
    return st.one_of(
        rows.map(lambda grid: "[" + ", ".join(f"[{', '.join(row)}]" for row in grid) + "]"),
        st.builds(
            lambda form, text: form.format(text), st.sampled_from(("[{}]", "({})", "<{}>", "{{{}}}", "{}")), entries
        ),
        st.builds(lambda a, b: f"piecewise(({a}, x<1), ({b}, x>=1))", inner, inner),
    )


def latex() -> st.SearchStrategy[str]:
    """The same in LaTeX."""
    atoms = st.sampled_from(NAMES[:6] + NUMBERS[:6] + ("\\pi", "\\theta", "x_{12}", "\\infty", "\\mathrm{d}x"))

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        forms = st.sampled_from(LATEX)
        return st.builds(lambda form, a, b: form.replace("<a>", a).replace("<b>", b), forms, inner, inner)

    return st.recursive(atoms, grow, max_leaves=16).map(lambda text: text[:LONGEST])


LATEX = (
    *("<a>+<b>", "<a><b>", "<a>\\cdot <b>", "<a>^{<b>}", "<a>^<b>", "-<a>", "\\frac{<a>}{<b>}", "\\frac<a><b>"),
    *("\\sqrt{<a>}", "\\sqrt[3]{<a>}", "\\left(<a>\\right)", "\\sin<a>", "\\sin^{2}{<a>}", "\\ln\\left|<a>\\right|"),
    *("e^{<a>}", "\\log_{2}{<a>}", "\\operatorname{erf}(<a>)", "\\lVert <a> \\rVert", "<a>^{\\top}", "\\text{<a>}"),
    *("\\begin{pmatrix}<a>&<b>\\\\<b>&<a>\\end{pmatrix}", "\\begin{cases}<a>&x<1\\\\<b>&x\\ge 1\\end{cases}"),
    *("\\left\\{<a>,<b>\\right\\}", "\\sum_{k=1}^{<a>} <b>", "<a>\\le <b>", "<a>=<b>", "\\vec{<a>}", "{<a>}!"),
)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Pairs: the response from the grammar, mutated or poison; the answer the same, rewritten or another."""
    is_latex = draw(st.integers(0, 4)) == 0
    texts = latex() if is_latex else expressions()
    response = draw(st.one_of(texts, texts, texts, st.sampled_from(poison())))
    if draw(st.integers(0, 2)) == 0:
        response = mutated(response, draw(st.randoms(use_true_random=False)))
    answer = draw(st.sampled_from(ANSWERS))(response, draw(texts))[:LONGEST]
    case = {"id": "fuzz", "response": response, "answer": answer, "type": draw(st.sampled_from(TYPES))}
    case.update(draw(st.sampled_from(SETTINGS)))
    if is_latex:
        case |= {"notation": "latex", "answer_notation": "latex"}
    variables = draw(st.sampled_from(VARIABLES))
    return case if variables is None else {**case, "variables": variables}


ANSWERS: tuple[Callable[[str, str], str], ...] = (
    lambda response, _: response,
    lambda response, _: f"({response}) + 0",
    lambda response, _: f"1 + ({response}) - 1",
    lambda response, _: f"sin(1)^2*({response}) + cos(1)^2*({response})",
    lambda _, other: other,
)


def mutated(text: str, chance: random.Random) -> str:
    """The text with a few places cut, doubled, swapped, or filled with something strange."""
    for _ in range(chance.randint(1, 6)):
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.choice((0, 0, 1, 1, 2, 5, 40)))
        put = chance.choice(
            (
                "",
                text[start:end] * chance.choice((2, 3, 50)),
                text[start:end][::-1],
                chance.choice(STRANGE),
                chance.choice(PIECES),
                chance.choice(OPERATORS),
                chance.choice(NUMBERS),
                chance.choice(NAMES),
                chr(chance.randint(1, 0x10FFFF)),
            )
        )
        text = (text[:start] + put + text[end:])[:LONGEST]
    return text
