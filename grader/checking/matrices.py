"""Numerical linear algebra for keys: eigenvalues and ranks of small matrices."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from grader.errors import InvalidRequest

Matrix = Sequence[Sequence[Fraction | float | int]]
LARGEST_SIZE = 50


def eigenvalues(matrix: Matrix) -> tuple[complex, ...]:
    """All eigenvalues, sorted by real then imaginary part; exactly real ones for a symmetric matrix.

    >>> eigenvalues([[2, 0], [0, 1]])
    ((1+0j), (2+0j))
    """
    array = _array(matrix)
    if array.shape[0] != array.shape[1]:
        raise InvalidRequest("Only a square matrix has eigenvalues.", "matrix")
    symmetric = bool((array == array.T).all())
    found = np.linalg.eigvalsh(array) if symmetric else np.linalg.eigvals(array)
    return tuple(sorted((complex(value) for value in found), key=lambda value: (value.real, value.imag)))


def rank(matrix: Matrix) -> int:
    """The numerical rank."""
    return int(np.linalg.matrix_rank(_array(matrix)))


def _array(matrix: Matrix) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The matrix as an array of doubles; its rows must be of one length."""
    sizes = {len(row) for row in matrix}
    if len(sizes) != 1 or not 0 < len(matrix) <= LARGEST_SIZE or not 0 < min(sizes) <= LARGEST_SIZE:
        raise InvalidRequest("A matrix has rows of one length.", "matrix")
    try:
        return np.array([[float(entry) for entry in row] for row in matrix], dtype=np.float64)
    except OverflowError:
        raise InvalidRequest("A matrix has an entry that is too large.", "matrix") from None
