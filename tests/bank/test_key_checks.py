"""What a part says of its key is held against it on every variant."""

from __future__ import annotations

import pytest

from grader.bank.linting import examine
from grader.bank.loading import load_problem
from grader.errors import BankErrors
from grader.grading import grade

HEAD = """\
id: sample
title: Sample
topic: samples
family: "8.4"
level: drill
variables:
  A: {shape: [m, n]}
  B: {shape: [m, p]}
  X: {shape: [n, p]}
  C: {shape: [n, n]}
  v: {shape: [n]}
  u: {shape: [p]}
  x: {}
  eta: {}
  x11: {}
  x12: {}
  x21: {}
  x22: {}
parameters: {k: {integer: [2, 5]}}
prompt: "Here $k = {{ k }}$."
parts:
  - id: asked
    ask: "The answer"
"""
M, D = "matrix-expression", "k*norm(A*X - B)^2"
I4 = "indexed-expression, indices: {i: m, j: p, r: n, l: p}"
ENDS = '{solutions_of: "abs(1 - 2*k*eta) < 1", by: eta}'
DET = '{derivative_of: "x11*x22 - x12*x21", by: "[[x11, x12], [x21, x22]]"}'
PAIR = '{derivative_of: "x11^2 + k*x12", by: "[x11, x12]"}'
CASES = [
    (M, "2*k*A^T*(A*X - B)", f'{{derivative_of: "{D}", by: X}}', ""),
    (M, "2*k*A^T*(A*X + B)", f'{{derivative_of: "{D}", by: X}}', "finite differences"),
    (M, "k*A^T*(A*X - B)", f'{{derivative_of: "{D}", by: X}}', "finite differences"),
    (M, "v*u^T", '{derivative_of: "v^T*X*u", by: X}', ""),
    (M, "u*v^T", '{derivative_of: "v^T*X*u", by: X}', "3 x 2 where 2 x 3"),
    (M, "C^-T", '{derivative_of: "ln(det(C)^2)/2", by: C}', ""),
    (M, "C^-1", '{derivative_of: "ln(det(C)^2)/2", by: C}', "entry (1, 2)"),
    (M, "-(C^-T*v*v^T*C^-T)", '{derivative_of: "v^T*C^-1*v", by: C}', ""),
    (M, "v/norm(v)", '{derivative_of: "norm(v)", by: v}', ""),
    (M, "v^T*(C + C^T)", '{derivative_of: "v^T*C*v", by: v}', ""),
    (M, "2*v^T*C", '{derivative_of: "v^T*C*v", by: v}', "finite differences"),
    (M, "A", '{derivative_of: "A*v", by: v}', ""),
    (M, "A^T", '{derivative_of: "A*v", by: v}', "where"),
    (M, "diag(softmax(v)) - softmax(v)*softmax(v)^T", '{derivative_of: "softmax(v)", by: v}', ""),
    (M, "k*A + A", '[{equals: "(1 + k)*A"}, {equals: "A*k + A"}]', ""),
    (M, "k*A - A", '{equals: "(1 + k)*A"}', "the other way"),
    (I4, "k*A_ir*delta_jl", '{derivative_of: "k*sum_s A_is X_sj", by: X_rl}', ""),
    (I4, "k*A_ir", '{derivative_of: "k*sum_s A_is X_sj", by: X_rl}', "finite differences"),
    (I4, "A_ir*exp(X_rl)*delta_jl", '{derivative_of: "sum_s A_is exp(X_sj)", by: X_rl}', ""),
    (I4, "A_ir*exp(X_rj)", '{derivative_of: "sum_s A_is exp(X_sj)", by: X_rl}', "finite differences"),
    ("expression, up_to: constant", "k*x^2 + c", '{antiderivative_of: "2*k*x", by: x}', ""),
    ("expression, up_to: constant", "k*x^3", '{antiderivative_of: "2*k*x", by: x}', "SymPy"),
    ("expression", "2*k*x", '{derivative_of: "k*x^2", by: x}', ""),
    ("expression", "2*k*x + 1", '{derivative_of: "k*x^2", by: x}', "SymPy"),
    ("interval", "(0, 1/k)", ENDS, ""),
    ("interval", "(0, 1/k]", ENDS, "the condition"),
    ("interval", "(0, 2/k)", ENDS, "the condition"),
    ("interval", "(-oo, 1/k)", ENDS, "the condition"),
    ("interval", "(-oo, oo)", '{solutions_of: "x^2 >= 0", by: x}', ""),
    ("interval", "(-oo, oo)", '{solutions_of: "x^2 > 0", by: x}', "the condition"),
    ("interval", "(-sqrt(k), sqrt(k))", '{solutions_of: "x^2 < k", by: x}', ""),
    ("interval", "(-sqrt(k), sqrt(k + 1))", '{solutions_of: "x^2 < k", by: x}', "the condition"),
    ("inequality", "0 < eta < 1/k", ENDS, ""),
    ("inequality", "0 < eta < k", ENDS, "the condition"),
    ("set", "{k, -k}", '{solutions_of: "x^2 = k^2", by: x}', ""),
    ("set", "{k}", '{solutions_of: "x^2 = k^2 or x = 0", by: x}', "the condition"),
    ("number", "k + 1", '{equals: "(k^2 - 1)/(k - 1)"}', ""),
    ("number", "k - 1", '{equals: "(k^2 - 1)/(k - 1)"}', "the other way"),
    ("vector", "[2*x11, k]", PAIR, ""),
    ("vector", "[2*x11, 1]", PAIR, "SymPy"),
    ("matrix", "[[2*x11, 0], [x12, x11]]", '{derivative_of: "[x11^2, x11*x12]", by: "[x11, x12]"}', ""),
    ("matrix", "[[2*x11, x12], [0, x11]]", '{derivative_of: "[x11^2, x11*x12]", by: "[x11, x12]"}', "SymPy"),
    ("matrix", "[[x22, -x21], [-x12, x11]]", DET, ""),
    ("matrix", "[[x22, -x12], [-x21, x11]]", DET, "SymPy"),
    ("matrix", "[[x22, -x21]]", DET, "shape"),
]


def sample(kind: str, key: str, check: str) -> str:
    settings = "".join(f"    {line}\n" for line in f"type: {kind}".split(", ", 1))
    return f'{HEAD}{settings}    answer: "{key}"\n    checks: {check}\n'


@pytest.mark.parametrize(("kind", "key", "check", "says"), CASES)
def test_a_key_is_held_against_what_is_said_of_it(kind: str, key: str, check: str, says: str) -> None:
    problem = load_problem(sample(kind, key, check), "sample.yaml")
    for seed in (0, 1):
        found = [finding.message for finding in examine(problem, seed, grade)[1] if finding.kind == "key"]
        assert len(found) == bool(says), found
        assert says in "".join(found)


FAULTS = [
    ("interval", "(0, 1)", '{derivative_of: "x^2", by: x}', "does not go with the type"),
    ("expression", "x", '{solutions_of: "x > 0", by: x}', "does not go with the type"),
    ("interval", "(0, 1)", '{solutions_of: "x^2", by: x}', "not a condition"),
    ("expression", "2*x", '{derivative_of: "x^2", by: "x + 1"}', "nothing to differentiate by"),
    ("expression", "2*x", '{derivative_of: "x^2"}', "goes with 'by'"),
    ("expression", "2*x", '{equals: "x + x", by: x}', "goes without 'by'"),
    ("expression", "2*x", '{equals: "x + x", derivative_of: "x^2"}', "is one of"),
    ("expression", "2*x", '{derivative_of: "y^2", by: x}', "y"),
    ("expression", "2*x", '{sum_of: "x"}', "sum_of"),
]


@pytest.mark.parametrize(("kind", "key", "check", "says"), FAULTS)
def test_a_check_that_makes_no_sense_is_a_fault(kind: str, key: str, check: str, says: str) -> None:
    with pytest.raises(BankErrors) as raised:
        load_problem(sample(kind, key, check), "sample.yaml")
    assert any(says in error.message for error in raised.value.errors), raised.value.errors
