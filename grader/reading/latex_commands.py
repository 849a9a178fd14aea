"""The commands of LaTeX that have a meaning in an answer."""

from __future__ import annotations

from collections.abc import Mapping

from grader.reading.names import CONSTANTS, GREEK, SPELLINGS


def _commands(names: str) -> frozenset[str]:
    """The names with a backslash before each."""
    return frozenset("\\" + name for name in names.split())


SPACES = _commands(", ; : ! > quad qquad enspace thinspace medspace thickspace space hspace mspace nobreakspace")
IGNORED = _commands(
    "displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits rm bf it sf cal big Big bigg Bigg bigl bigr "
    "Bigl Bigr biggl biggr Biggl Biggr bigm hline mathstrut strut nonumber ( ) [ ] / mathord mathbin mathrel mathopen "
    "mathclose hfill noindent centering"
)
FRACTIONS = _commands("frac dfrac tfrac cfrac nicefrac sfrac")
# What is in braces after these is a word; after the others below it is a formula in other letters.
ROMAN = _commands("text textrm textnormal mbox hbox mathrm operatorname textit textbf mathit mathsf mathop")
WORDY = _commands("text textrm textnormal mbox hbox textit textbf")
STYLES = _commands(
    "mathbf boldsymbol bm vec mathcal underline mathscr mathfrak mathbb overrightarrow boxed mathnormal pmb symbf "
    "ensuremath smash"
)
ACCENTS: Mapping[str, str] = {
    r"\hat": "hat",
    r"\widehat": "hat",
    r"\bar": "bar",
    r"\overline": "bar",
    r"\tilde": "tilde",
    r"\widetilde": "tilde",
    r"\dot": "dot",
    r"\ddot": "ddot",
}
# Signs of the parser; two bars stand for a double one.
SIGNS: Mapping[str, tuple[str, ...]] = {
    **{sign: (sign,) for sign in "+-*/!()[],;:.|'<>=%∪∩∂∇±→"},
    **{sign: (sign,) for sign in ("<=", ">=", "!=")},
    **dict.fromkeys(_commands("cdot times ast star bullet cdotp"), ("*",)),
    **dict.fromkeys(_commands("div slash"), ("/",)),
    **dict.fromkeys(_commands("circ odot"), (".*",)),
    **dict.fromkeys(_commands("pm mp"), ("±",)),
    **dict.fromkeys(_commands("le leq leqslant leqq"), ("<=",)),
    **dict.fromkeys(_commands("ge geq geqslant geqq"), (">=",)),
    **dict.fromkeys(_commands("ne neq"), ("!=",)),
    **dict.fromkeys(_commands("vert mid"), ("|",)),
    **dict.fromkeys(_commands("| Vert parallel"), ("|", "|")),
    **dict.fromkeys(_commands("to rightarrow mapsto"), ("→",)),
    **dict.fromkeys(_commands("prime"), ("'",)),
    **dict.fromkeys(_commands("{ lbrace"), ("{",)),
    **dict.fromkeys(_commands("} rbrace"), ("}",)),
    r"\lbrack": ("[",),
    r"\rbrack": ("]",),
    r"\lparen": ("(",),
    r"\rparen": (")",),
    r"\%": ("%",),
    r"\lt": ("<",),
    r"\gt": (">",),
    r"\eq": ("=",),
    r"\cup": ("∪",),
    r"\bigcup": ("∪",),
    r"\cap": ("∩",),
    r"\nabla": ("∇",),
    r"\partial": ("∂",),
}
WORD_COMMANDS: Mapping[str, str] = {
    r"\in": "in",
    **dict.fromkeys(_commands("land wedge"), "and"),
    **dict.fromkeys(_commands("lor vee"), "or"),
}
# Opening command, closing commands, and the function of what stands between (`vector`: its entries).
FENCES: Mapping[str, tuple[str, frozenset[str]]] = {
    r"\lvert": ("abs", _commands("rvert vert") | {"|"}),
    r"\lVert": ("norm", _commands("rVert Vert |")),
    r"\lfloor": ("floor", _commands("rfloor")),
    r"\lceil": ("ceil", _commands("rceil")),
    r"\langle": ("vector", _commands("rangle")),
}
# The same between `\left` and `\right`, where a bar has a direction.
LEFT_FENCES: Mapping[str, str] = {
    **dict.fromkeys((r"\lvert", r"\vert", "|", r"\mid"), "abs"),
    **dict.fromkeys(_commands("lVert Vert |"), "norm"),
    **dict.fromkeys((r"\langle", "<"), "vector"),
    r"\lfloor": "floor",
    r"\lceil": "ceil",
}
RIGHT_FENCES: Mapping[str, str] = {
    **dict.fromkeys((r"\rvert", r"\vert", "|", r"\mid"), "abs"),
    **dict.fromkeys(_commands("rVert Vert |"), "norm"),
    **dict.fromkeys((r"\rangle", ">"), "vector"),
    r"\rfloor": "floor",
    r"\rceil": "ceil",
}
# Letters under another command than their name, and names of functions under any.
SPELLED: Mapping[str, str] = {
    **{"\\" + letter: letter for letter in GREEK},
    **{"\\" + name: name for name in (*SPELLINGS, *CONSTANTS) if name.isascii()},
    r"\varepsilon": "epsilon",
    r"\vartheta": "theta",
    r"\varphi": "phi",
    r"\varrho": "rho",
    r"\varsigma": "sigma",
    r"\varkappa": "kappa",
    r"\omicron": "o",
    r"\ell": "l",
    r"\imath": "i",
    r"\jmath": "j",
    r"\infty": "oo",
    r"\infin": "oo",
    r"\exponentialE": "e",
    r"\imaginaryI": "i",
    r"\imaginaryJ": "j",
    r"\differentialD": "d",
    r"\sgn": "sign",
    **{"\\var" + name: name for name in ("Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma", "Phi", "Psi", "Omega")},
}
TRANSPOSES = _commands("top intercal transp")
EMPTY_SETS = _commands("emptyset varnothing empty O")
REALS = _commands("R reals Reals")
BOXES = _commands("placeholder square Box blacksquare")
MATRICES = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "vmatrix", "Vmatrix", "array"})
LINES = frozenset({"aligned", "align", "align*", "gathered", "split", "eqnarray", "equation", "equation*", "gather"})
ARGUMENTS: Mapping[str, str] = {r"\abs": "abs", r"\norm": "norm", r"\floor": "floor", r"\ceil": "ceil"}

_PREAMBLE = "This command has no place in an answer."
_ASK = "Write a formula."
# Commands that are understood and refused: what is wrong, and what to do.
REFUSED: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(
        _commands(
            "def edef gdef xdef let newcommand renewcommand providecommand DeclareMathOperator input include write "
            "openin openout read href url includegraphics usepackage documentclass catcode csname expandafter special "
            "immediate loop repeat futurelet require html htmlData cssId class style unicode verb newline typeout "
            "directlua ShellEscape lstinputlisting verbatiminput makeatletter global long outer"
        ),
        (_PREAMBLE, _ASK),
    ),
    **dict.fromkeys(_commands("int iint iiint oint idotsint"), ("An integral is not read.", "Write what it comes to.")),
    r"\lim": ("A limit is not read.", "Write what it comes to."),
    r"\prod": ("A product over an index is not read.", "Write the factors."),
    **dict.fromkeys(
        _commands("binom dbinom tbinom choose"), ("A binomial coefficient is not read.", "Write it with factorials.")
    ),
    **dict.fromkeys(_commands("over atop above"), ("\\over is not read.", r"Write \frac{a}{b}.")),
    **dict.fromkeys(
        _commands("approx sim simeq cong doteq"), ("An approximate sign is not read.", "Write the value alone.")
    ),
    **dict.fromkeys(_commands("equiv coloneqq"), ("This sign is not read.", "Write = instead.")),
    **dict.fromkeys(
        _commands("implies Rightarrow iff Leftrightarrow Longrightarrow therefore because leadsto"),
        ("An arrow is not read.", "Write the answer alone."),
    ),
    **dict.fromkeys(
        _commands("dots ldots cdots vdots ddots dotsc dotsb"), ("Dots do not say what is left out.", "Write it out.")
    ),
    **dict.fromkeys(_commands("degree"), ("Degrees are not read.", r"Write the angle in radians.")),
    **dict.fromkeys(_commands("dagger ddagger"), ("A dagger is not read.", r"Write ^{\top} for a transpose.")),
    **dict.fromkeys(_commands("setminus backslash"), ("A difference of sets is not read.", "Write a union.")),
    **dict.fromkeys(_commands("notin subset subseteq supset"), ("This sign is not read.", "Write it with <, = or in.")),
    **dict.fromkeys(_commands("cancel xcancel bcancel sout"), ("This is crossed out.", "Delete it.")),
    **dict.fromkeys(_commands("N Z Q C naturals Complex"), ("This set of numbers is not read.", "Write it out.")),
    r"\neg": ("A negation is not read.", "Write the condition itself."),
    r"\middle": ("A bar in the middle is not read.", "List the members of the set."),
    r"\textcolor": ("Colours are not read.", "Delete the command."),
    r"\color": ("Colours are not read.", "Delete the command."),
}
