"""Problem files for tests: one that is sound, and the ways to spoil it."""

from __future__ import annotations

SOUND = """\
id: slope-of-a-parabola
title: The slope of a parabola
topic: derivatives
family: "2.1"
level: drill
variables:
  x: {}
parameters:
  a: {integer: [2, 6]}
  b: {integer: [-5, 5], exclude: [0]}
  side: {words: [left, right]}
where: ["a != b"]
derived:
  f: "a*x^2 + b*x"
  df: {derivative: f, by: x}
  slope: {value: df, at: {x: 1}}
  shape: {convexity: f, by: x}
prompt: |
  Let $f(x) = {{ f }}$. Look to the {{ side }}.
  Find $f'(x)$.
parts:
  - id: derivative
    ask: "$f'(x)$"
    type: expression
    answer: df
    points: 2
    feedback: {wrong: "Use the power rule on each term."}
  - id: slope
    ask: "$f'(1)$"
    type: number
    answer: slope
    feedback: {wrong: "Put the number in."}
  - id: shape
    ask: "The graph is"
    type: choice
    options: {convex: "convex", concave: "concave", neither: "neither"}
    answer: shape
    feedback: {wrong: "Look at the sign of the second derivative."}
hints:
  - "Take one term at a time."
  - "Then put the number in."
solution: |
  $f'(x) = {{ df }}$, and so $f'(1) = {{ slope }}$.
examples:
  - parameters: {a: 2, b: 3, side: left}
    responses: {derivative: "4x + 3", slope: "7"}
    marks: {derivative: 2, slope: 1}
  - responses: {slope: "{{ slope + 1 }}"}
    marks: {slope: 0}
known_case:
  parameters: {a: 4, b: -5, side: left}
  answers: {derivative: "8*x - 5"}
"""


def spoiled(old: str, new: str) -> str:
    """The sound file with one passage replaced."""
    assert SOUND.count(old) == 1, old
    return SOUND.replace(old, new)
