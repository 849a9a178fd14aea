"""Labels of several values, blanked out where they say no more than the values do.

They number them in their order, `x_1 = 1, x_2 = -1`, or are the same each time, `x = 1 or x = -1`.
"""

from __future__ import annotations

import re

from grader.reading.names import Vocabulary, canonical

_LABEL = re.compile(
    r"(?:^|[,;\n}]|(?<![^\W\d_])(?:or|and|lor|land|vee|wedge)(?![^\W\d_]))(?:[^\S\n]|\\[ ,;:!]|\\q?quad(?![a-zA-Z]))*"
    r"((\\?[^\W\d_]+)(?:_?\{?(\d)\}?)?\s*=)(?!=)"
)


def without_numbered_labels(body: str, vocabulary: Vocabulary) -> tuple[str, str | None]:
    """The text with blanks for numbered labels, and the labels in words; as it stands where there are none.

    Only labels of one letter, numbered one after the other, say no more than the order of the values does;
    the same label each time says nothing.

    >>> without_numbered_labels("x1=1, x2=-1", Vocabulary(frozenset({"x"})))
    ('   1,    -1', 'x1 =, x2 =')
    """
    found = list(_LABEL.finditer(body))
    if len(found) < 2 or len(found) != body.count("=") or vocabulary.names is None:
        return body, None
    numbers = [int(match[3] or -1) for match in found]
    is_same = set(numbers) == {-1}
    is_counted = -1 not in numbers and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    if not (is_same or is_counted) or len({match[2] for match in found}) > 1:
        return body, None
    if any(vocabulary.knows(canonical(match[2].lstrip("\\") + (match[3] or ""))) for match in found):
        return body, None
    for match in found:
        body = body[: match.start(1)] + " " * len(match[1]) + body[match.end(1) :]
    return body, ", ".join(match[1].replace("=", "").strip() + " =" for match in found)
