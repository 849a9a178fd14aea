"""The words that the bank itself puts beside an author's, in each language, from one table."""

from __future__ import annotations

from collections.abc import Mapping

from grader.calculus.describing import AT_POINT, AT_POINT_BY, BY_ARGUMENT, DESCENT, DOT, TANGENT, UNIT

ENGLISH, GERMAN = "en", "de"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", GERMAN: "German"}

_TABLE: Mapping[str, tuple[str, str]] = {
    # What is known of a variable.
    "given": ("Given", "Gegeben"),
    "integer": ("${name}$ is a whole number", "${name}$ ist eine ganze Zahl"),
    "positive-integer": ("${name}$ is a positive whole number", "${name}$ ist eine positive ganze Zahl"),
    "vector": ("${name}$ is a column of ${size}$ entries", "${name}$ ist eine Spalte mit ${size}$ Einträgen"),
    "matrix": ("${name}$ is {article} ${size}$ matrix", "${name}$ ist eine ${size}$-Matrix"),
    "array": ("${name}$ is an array of shape ${size}$", "${name}$ ist ein Feld der Form ${size}$"),
    "symmetric": ("${name}$ is symmetric", "${name}$ ist symmetrisch"),
    "invertible": ("${name}$ is invertible", "${name}$ ist invertierbar"),
    "positive_definite": ("${name}$ is positive definite", "${name}$ ist positiv definit"),
    "orthogonal": ("${name}$ is orthogonal", "${name}$ ist orthogonal"),
    "diagonal": ("${name}$ is diagonal", "${name}$ ist diagonal"),
    # How an answer is to be written.
    "gradient-row": ("Write the gradient as a row.", "Schreibe den Gradienten als Zeile."),
    "gradient-column": ("Write the gradient as a column.", "Schreibe den Gradienten als Spalte."),
    "vector-row": ("Write the vector as a row.", "Schreibe den Vektor als Zeile."),
    "vector-column": ("Write the vector as a column.", "Schreibe den Vektor als Spalte."),
    "significant_figures": ("Give {count} significant figures.", "Gib {count} gültige Ziffern an."),
    "decimal_places": ("Give {count} decimal places.", "Gib {count} Nachkommastellen an."),
    "indices": ("The free indices are {ranges}.", "Die freien Indizes sind {ranges}."),
    # Figures.
    "plot-title": ("The graph of the function", "Der Graph der Funktion"),
    "plots-title": ("The graphs of the functions", "Die Graphen der Funktionen"),
    "plot-title-of": ("The graph of {names}", "Der Graph von {names}"),
    "contour-title": ("Level lines of the function", "Höhenlinien der Funktion"),
    "graph-title": ("The computation graph", "Der Rechengraph"),
    "range": ("{name} goes from {low} to {high}.", "{name} läuft von {low} bis {high}."),
    "levels": ("There are {count} level lines.", "Es gibt {count} Höhenlinien."),
    "curve": ("The curve{label} goes through {values}.", "Die Kurve{label} geht durch {values}."),
    "tangent": (
        "A tangent touches the curve at {name} = {places}.",
        "Eine Tangente berührt die Kurve bei {name} = {places}.",
    ),
    "secant": (
        "A secant cuts the curve at {name} = {places}.",
        "Eine Sekante schneidet die Kurve bei {name} = {places}.",
    ),
    "shade": (
        "The area below the curve is shaded for {name} from {places}.",
        "Die Fläche unter der Kurve ist für {name} von {places} gefärbt.",
    ),
    "gradient": (
        "An arrow at {at} shows the direction of the gradient, along {way}.",
        "Ein Pfeil bei {at} zeigt die Richtung des Gradienten, entlang {way}.",
    ),
    "path": ("Steps lead from point to point: {spots}.", "Schritte führen von Punkt zu Punkt: {spots}."),
    "holes": ("Not on the curve, and drawn empty: {spots}.", "Nicht auf der Kurve und leer gezeichnet: {spots}."),
    "marked": ("Marked are {spots}.", "Markiert sind {spots}."),
    "node": ("{node} is computed from {inputs}.", "{node} wird aus {inputs} berechnet."),
    "input": ("{node} is given.", "{node} ist gegeben."),
    # Words that are values.
    "convex": ("convex", "konvex"),
    "concave": ("concave", "konkav"),
    "neither": ("neither", "weder noch"),
    "positive-definite": ("positive-definite", "positiv definit"),
    "positive-semidefinite": ("positive-semidefinite", "positiv semidefinit"),
    "negative-definite": ("negative-definite", "negativ definit"),
    "negative-semidefinite": ("negative-semidefinite", "negativ semidefinit"),
    "indefinite": ("indefinite", "indefinit"),
}


_NOUNS: Mapping[str, str] = {
    "GELU": "der GELU-Funktion",
    "ReLU": "der ReLU-Funktion",
    "absolute value": "des Betrags",
    "cube root": "der Kubikwurzel",
    "error function": "der Fehlerfunktion",
    "exponential function": "der Exponentialfunktion",
    "logarithm to base 10": "des Zehnerlogarithmus",
    "logarithm to base 2": "des Zweierlogarithmus",
    "natural logarithm": "des natürlichen Logarithmus",
    "normal density": "der Dichte der Normalverteilung",
    "normal distribution function": "der Verteilungsfunktion der Normalverteilung",
    "rounding down": "des Abrundens",
    "rounding up": "des Aufrundens",
    "sigmoid": "der Sigmoidfunktion",
    "sign": "des Vorzeichens",
    "softplus": "der Softplus-Funktion",
    "square root": "der Wurzel",
    "step": "der Stufenfunktion",
}
_CIRCULAR: Mapping[str, str] = {
    "sine": "sinus",
    "cosine": "kosinus",
    "tangent": "tangens",
    "cotangent": "kotangens",
    "secant": "sekans",
    "cosecant": "kosekans",
}
_KINDS: Mapping[str, str] = {
    "": "des {}",
    "arc": "des Arkus{}",
    "hyperbolic ": "des {} hyperbolicus",
    "inverse hyperbolic ": "des Area{} hyperbolicus",
}


def _german_functions() -> Mapping[str, str]:
    """What is derived in German, by its English title."""
    circular = {
        prefix + english: words.format(german if words.find("{}") > len("des ") else german.capitalize())
        for english, german in _CIRCULAR.items()
        for prefix, words in _KINDS.items()
    }
    return {**_NOUNS, **circular}


_RULES: Mapping[str, str] = {
    "constant rule": "Ableitung einer Konstanten",
    "derivative of the variable": "Ableitung der Variablen",
    "sum rule": "Summenregel",
    "constant multiple rule": "Faktorregel",
    "product rule": "Produktregel",
    "quotient rule": "Quotientenregel",
    "reciprocal rule": "Kehrwertregel",
    "chain rule": "Kettenregel",
    "power rule": "Potenzregel",
    "exponential rule": "Ableitung der Exponentialfunktion",
    "power with a variable base and exponent": "Potenz mit veränderlicher Basis und Hochzahl",
    "derivative of a logarithm": "Ableitung eines Logarithmus",
    "derivative of a root": "Ableitung einer Wurzel",
    "change of base": "Wechsel der Basis",
    "root as a power": "Wurzel als Potenz",
    "derivative of the angle": "Ableitung des Winkels",
    "derivative of log-sum-exp": "Ableitung von log-sum-exp",
    "derivative of the larger or smaller one": "Ableitung des größeren oder kleineren",
    "case by case": "Fall für Fall",
    "derivative of a declared function": "Ableitung einer gegebenen Funktion",
    BY_ARGUMENT: "{title}, mit $u = {inner}$: die Ableitung nach $u$ ist ${after}$.",
    AT_POINT: "An der Stelle hat ${before}$ den Wert ${after}$.",
    AT_POINT_BY: "An der Stelle hat ${before}$ den Wert ${after}$ (die Ableitung nach ${by}$).",
    UNIT: "Der Einheitsvektor in Richtung ${before}$ ist ${after}$.",
    DOT: "Der Gradient ${gradient}$ mal die Richtung ${direction}$ ist ${after}$.",
    TANGENT: "Die Tangente ist $y = {after}$.",
    DESCENT: "Schritt {count}: von ${before}$ nach ${after}$.",
    **{f"derivative of the {english}": f"Ableitung {german}" for english, german in _german_functions().items()},
}


def translated(words: str, language: str) -> str:
    """A sentence or title of the differentiator in a language.

    >>> translated("derivative of the hyperbolic sine", "de")
    'Ableitung des Sinus hyperbolicus'
    """
    return words if language == ENGLISH else _RULES.get(words, words)


def say(key: str, language: str, **values: object) -> str:
    """The words for a key, with values put in.

    >>> say("vector-row", "de")
    'Schreibe den Vektor als Zeile.'
    """
    words = _TABLE[key][list(LANGUAGES).index(language)]
    for name, value in values.items():
        words = words.replace(f"{{{name}}}", str(value))
    return words


def word(text: str, language: str) -> str:
    """A value that is a word, where the table knows it; otherwise as it is."""
    return say(text, language) if text in _TABLE else text
