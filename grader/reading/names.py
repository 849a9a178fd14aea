"""Which names and functions a response may use, and how each is written and printed.

A function that students may type is one row of `FUNCTIONS`; its numeric and symbolic meaning
elsewhere is keyed by the canonical name in the first column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple


class Function(NamedTuple):
    """One function: canonical name, other spellings, arity (most None: any number), LaTeX, inverse."""

    name: str
    aliases: tuple[str, ...] = ()
    least: int = 1
    most: int | None = 1
    latex: str = ""
    inverse: str = ""


FUNCTIONS: tuple[Function, ...] = (
    Function("sqrt", ("√",)),
    Function("cbrt", ("∛",)),
    Function("root", (), 2, 2),
    Function("exp", (), latex=r"\exp", inverse="ln"),
    Function("ln", (), latex=r"\ln", inverse="exp"),
    Function("log", (), 1, 2, r"\log"),
    Function("log2", ("lb",), latex=r"\log_{2}"),
    Function("log10", ("lg",), latex=r"\log_{10}"),
    Function("abs", ()),
    Function("sign", ("sgn", "signum"), latex=r"\operatorname{sign}"),
    Function("min", ("minimum",), 1, None, r"\min"),
    Function("max", ("maximum",), 1, None, r"\max"),
    Function("floor", ()),
    Function("ceil", ("ceiling",)),
    Function("sin", (), latex=r"\sin", inverse="asin"),
    Function("cos", (), latex=r"\cos", inverse="acos"),
    Function("tan", ("tg",), latex=r"\tan", inverse="atan"),
    Function("sec", (), latex=r"\sec", inverse="asec"),
    Function("csc", ("cosec",), latex=r"\csc", inverse="acsc"),
    Function("cot", ("ctg", "cotan"), latex=r"\cot", inverse="acot"),
    Function("asin", ("arcsin",), latex=r"\arcsin"),
    Function("acos", ("arccos",), latex=r"\arccos"),
    Function("atan", ("arctan",), latex=r"\arctan"),
    Function("asec", ("arcsec",), latex=r"\operatorname{arcsec}"),
    Function("acsc", ("arccsc",), latex=r"\operatorname{arccsc}"),
    Function("acot", ("arccot",), latex=r"\operatorname{arccot}"),
    Function("sinh", (), latex=r"\sinh", inverse="asinh"),
    Function("cosh", (), latex=r"\cosh", inverse="acosh"),
    Function("tanh", (), latex=r"\tanh", inverse="atanh"),
    Function("sech", (), latex=r"\operatorname{sech}", inverse="asech"),
    Function("csch", (), latex=r"\operatorname{csch}", inverse="acsch"),
    Function("coth", (), latex=r"\coth", inverse="acoth"),
    Function("asinh", ("arcsinh", "arsinh"), latex=r"\operatorname{arsinh}"),
    Function("acosh", ("arccosh", "arcosh"), latex=r"\operatorname{arcosh}"),
    Function("atanh", ("arctanh", "artanh"), latex=r"\operatorname{artanh}"),
    Function("asech", ("arcsech", "arsech"), latex=r"\operatorname{arsech}"),
    Function("acsch", ("arccsch", "arcsch"), latex=r"\operatorname{arcsch}"),
    Function("acoth", ("arccoth", "arcoth"), latex=r"\operatorname{arcoth}"),
    Function("atan2", ("arctan2",), 2, 2, r"\operatorname{atan2}"),
    Function("sigmoid", ("logistic",), latex=r"\sigma"),
    Function("relu", ("ReLU", "Relu"), latex=r"\operatorname{ReLU}"),
    Function("gelu", ("GELU", "Gelu"), latex=r"\operatorname{GELU}"),
    Function("softplus", (), latex=r"\operatorname{softplus}"),
    Function("softmax", (), 1, None, r"\operatorname{softmax}"),
    Function("logsumexp", (), 1, None, r"\operatorname{logsumexp}"),
    Function("erf", (), latex=r"\operatorname{erf}"),
    Function("Phi", ("Φ",), latex=r"\Phi"),
    Function("phi", ("φ", "ϕ"), latex=r"\varphi"),
    Function("step", ("heaviside", "Heaviside"), latex=r"\operatorname{step}"),
    Function("delta", (), 2, 2, r"\delta"),
    Function("norm", ()),
    Function("tr", ("trace",), latex=r"\operatorname{tr}"),
    Function("det", (), latex=r"\det"),
    Function("inv", ("inverse",), latex=r"\operatorname{inv}"),
    Function("diag", (), 1, None, r"\operatorname{diag}"),
    Function("transpose", (), 1, 1),
    Function("kron", (), 2, 2, r"\operatorname{kron}"),
    Function("dot", (), 2, 2, r"\operatorname{dot}"),
    Function("piecewise", ("Piecewise",), 1, None),
)
BY_NAME: Mapping[str, Function] = {function.name: function for function in FUNCTIONS}
SPELLINGS: Mapping[str, str] = {
    spelling: function.name for function in FUNCTIONS for spelling in (function.name, *function.aliases)
}
# Names of Greek letters that are functions only when they are called and not declared.
CALLED_GREEK: Mapping[str, str] = {"sigma": "sigmoid", "phi": "phi", "Phi": "Phi", "delta": "delta"}

CONSTANTS: Mapping[str, str] = {
    "pi": "pi",
    "π": "pi",
    "tau": "tau",
    "τ": "tau",
    "e": "e",
    "inf": "oo",
    "infinity": "oo",
    "infty": "oo",
    "Infinity": "oo",
    "oo": "oo",
    "∞": "oo",
}

GREEK: Mapping[str, str] = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "rho": "ρ",
    "sigma": "σ",
    "upsilon": "υ",
    "phi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Sigma": "Σ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}
GREEK_LETTERS: Mapping[str, str] = {letter: spelled for spelled, letter in GREEK.items()} | {
    "ϵ": "epsilon",
    "ϑ": "theta",
    "ϕ": "phi",
    "ϱ": "rho",
    "ς": "sigma",
    "µ": "mu",
}

_NAME = re.compile(r"([^\W\d_]+)_?\{?([A-Za-z0-9,]*)\}?$")


def canonical(name: str) -> str:
    """The one spelling of a name: `x1`, `x₁` and `x_{1}` are `x_1`, `η` is `eta`.

    >>> canonical("x1"), canonical("w_{12}"), canonical("η"), canonical("y_hat")
    ('x_1', 'w_12', 'eta', 'y_hat')
    """
    match = _NAME.match(name.translate(_SUBSCRIPT_DIGITS))
    if not match:
        return name
    base, subscript = match.groups()
    base = GREEK_LETTERS.get(base, base)
    return f"{base}_{subscript.replace(',', '')}" if subscript else base


_SUBSCRIPT_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


SHORT_NUMBERS = 100
Piece = tuple[str, str, int, int]
"""A token as part of a word: kind, value, and its span within the word."""


@dataclass(frozen=True)
class Vocabulary:
    """The names a response may use and the options of the notation.

    `names` None allows any name; `functions` are declared unknown functions such as `f`;
    `shapes` gives rows and columns of names that are vectors or matrices. With `indices`, the names
    of the free indices, `A_ij` is an entry of an array. `sums` says that sums between ends are written.
    """

    names: frozenset[str] | None = None
    functions: frozenset[str] = frozenset()
    shapes: Mapping[str, tuple[int | str, ...]] = field(default_factory=dict)
    decimal_comma: bool = False
    log_base_ten: bool = False
    tight_juxtaposition: bool = False
    complex_numbers: bool = False
    keep_label: bool = False
    intervals: bool = False
    indices: frozenset[str] | None = None
    sums: bool = False

    def __hash__(self) -> int:
        """Agrees with equality; kept, because vocabularies are looked up again and again."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.names, self.functions, tuple(sorted(self.shapes)), self.decimal_comma, self.log_base_ten))

    @cached_property
    def pieces(self) -> dict[str, tuple[Piece, ...]]:
        """The words and signs met so far under this vocabulary, each with its tokens; filled while reading."""
        return _pieces(self)

    def knows(self, name: str) -> bool:
        """Whether the canonical name was declared."""
        return self.names is not None and name in self.names


@lru_cache(maxsize=512)
def _pieces(_: Vocabulary) -> dict[str, tuple[Piece, ...]]:
    """One table for all equal vocabularies, with the short whole numbers in it."""
    return {text: (("number", text, 0, len(text)),) for text in map(str, range(SHORT_NUMBERS))}


class Meaning(NamedTuple):
    """What a run of letters stands for: kind is `name`, `constant`, `call`, `apply` or `word`."""

    kind: str
    value: str


WORDS = frozenset({"or", "and", "if", "otherwise", "else", "in", "for", "where", "when", "True", "true"})


@lru_cache(maxsize=512)
def meanings(vocabulary: Vocabulary) -> Mapping[str, Meaning]:
    """Every spelling that the vocabulary gives a meaning; declared names come before all else."""
    table = {spelling: Meaning("name", spelled) for spelled, letter in GREEK.items() for spelling in (spelled, letter)}
    table |= {letter: Meaning("name", spelled) for letter, spelled in GREEK_LETTERS.items()}
    table |= {spelling: Meaning("call", function) for spelling, function in SPELLINGS.items() if spelling not in table}
    table |= {spelling: Meaning("constant", value) for spelling, value in CONSTANTS.items()}
    if vocabulary.indices is not None or vocabulary.sums:
        table |= {"sum": Meaning("sum", "")}
    if vocabulary.complex_numbers:
        table |= {"i": Meaning("constant", "i")}
    for name in vocabulary.functions:
        table |= {spelling: Meaning("apply", name) for spelling in spellings(name)}
    arrays = vocabulary.shapes if vocabulary.indices is not None else ()
    for name in vocabulary.names or ():
        kind = "array" if name in arrays else "name"
        table |= {spelling: Meaning(kind, canonical(name)) for spelling in spellings(name)}
    return table


def spellings(name: str) -> tuple[str, ...]:
    """The name as declared, its canonical form, and its Greek letter where it has one."""
    plain = canonical(name)
    base, _, subscript = plain.partition("_")
    letter = GREEK.get(base)
    forms = [name, plain]
    if letter:
        forms.append(f"{letter}_{subscript}" if subscript else letter)
    return tuple(dict.fromkeys(forms))
