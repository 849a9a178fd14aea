"""A variant as JSON and back, with all that showing and judging it needs: read, nothing is made again.

`variant_to_json` is for people and programs that look at a variant; this is for keeping one. Reading is strict:
what is not exactly of the form that is written raises `NotKept`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import Any, Generic, TypeVar

from grader.bank.conditions import Condition
from grader.bank.drawing import Value, Word
from grader.bank.figures import Figure
from grader.bank.following import Following
from grader.bank.origins import Origin
from grader.bank.problem import Expression, Quantity, Task, Typed
from grader.bank.variant import Variant, VariantMistake, VariantPart
from grader.reading.names import Vocabulary
from grader.reading.tree import Tree

T = TypeVar("T")
LARGEST = 4_000_000
DECIMAL, FRACTION = "#decimal", "#fraction"


class NotKept(ValueError):
    """A variant that cannot be kept, or a text that is no kept variant."""


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """How one kind of value is written as JSON, and read again."""

    write: Callable[[T], Any]
    read: Callable[[Any], T]


def pack(variant: Variant) -> bytes:
    """The variant in few bytes; NotKept where reading them again would not give the very same."""
    text = json.dumps(VARIANT.write(variant), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    packed = zlib.compress(text.encode("utf-8", "surrogatepass"))
    if unpack(packed) != variant:
        message = "the variant reads otherwise than it was written"
        raise NotKept(message)
    return packed


def unpack(packed: bytes) -> Variant:
    """The variant that was packed; NotKept where these bytes are none."""
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(packed, LARGEST)
        if not unpacking.eof or unpacking.unused_data:
            raise _refuse(packed[:20])
        return VARIANT.read(json.loads(text.decode("utf-8", "surrogatepass")))
    except (zlib.error, UnicodeError, json.JSONDecodeError, RecursionError) as error:
        message = f"this is no kept variant: {error}"
        raise NotKept(message) from None


def _refuse(value: Any) -> NotKept:
    return NotKept(f"this is out of place in a kept variant: {value!r:.80}")


def _exactly(kind: type[T]) -> Form[T]:
    def same(value: Any) -> T:
        if type(value) is not kind:
            raise _refuse(value)
        return value

    return Form(same, same)


def _optional(form: Form[T]) -> Form[T | None]:
    return Form(
        lambda value: None if value is None else form.write(value),
        lambda data: None if data is None else form.read(data),
    )


def _tuple(form: Form[T]) -> Form[tuple[T, ...]]:
    return Form(
        lambda values: [form.write(value) for value in values],
        lambda data: tuple(form.read(entry) for entry in LIST.read(data)),
    )


def _set(form: Form[str]) -> Form[frozenset[str]]:
    return Form(
        lambda values: [form.write(value) for value in sorted(values)],
        lambda data: frozenset(form.read(entry) for entry in LIST.read(data)),
    )


def _mapping(form: Form[T]) -> Form[Mapping[str, T]]:
    return Form(
        lambda values: {TEXT.write(key): form.write(value) for key, value in values.items()},
        lambda data: {key: form.read(value) for key, value in DICT.read(data).items()},
    )


def _pair(first: Form[Any], second: Form[Any]) -> Form[Any]:
    def read(data: Any) -> Any:
        if type(data) is not list or len(data) != 2:
            raise _refuse(data)
        return first.read(data[0]), second.read(data[1])

    return Form(lambda pair: [first.write(pair[0]), second.write(pair[1])], read)


def _record(kind: type[T], /, **forms: Form[Any]) -> Form[T]:
    """A frozen value by its fields, all of them and no others; in their order, without their names."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # every kind given here is a dataclass
    if names != list(forms):
        message = f"the form of {kind.__name__} has not the fields {names}"
        raise TypeError(message)
    inner = tuple(forms.items())

    def write(value: T) -> Any:
        if type(value) is not kind:
            raise _refuse(value)
        return [form.write(getattr(value, name)) for name, form in inner]

    def read(data: Any) -> T:
        if type(data) is not list or len(data) != len(inner):
            raise _refuse(data)
        return kind(*[form.read(entry) for entry, (_, form) in zip(data, inner, strict=True)])

    return Form(write, read)


def _either(**kinds: tuple[type[Any], Form[Any]]) -> Form[Any]:
    """A value of one of several kinds, with its kind's name before it."""
    names = {kind: (name, form) for name, (kind, form) in kinds.items()}

    def write(value: Any) -> Any:
        if type(value) not in names:
            raise _refuse(value)
        name, form = names[type(value)]
        return [name, form.write(value)]

    def read(data: Any) -> Any:
        if type(data) is not list or len(data) != 2 or type(data[0]) is not str or data[0] not in kinds:
            raise _refuse(data)
        return kinds[data[0]][1].read(data[1])

    return Form(write, read)


def _write_tree(tree: Tree) -> Any:
    """With the places in the author's text, which messages about a key may name."""
    if type(tree) is not Tree:
        raise _refuse(tree)
    return [tree.kind, tree.value, tree.start, tree.end, *map(_write_tree, tree.args)]


def _read_tree(data: Any) -> Tree:
    if type(data) is not list or len(data) < 4:
        raise _refuse(data)
    kind, value, start, end, *args = data
    if type(kind) is not str or type(value) is not str or type(start) is not int or type(end) is not int:
        raise _refuse(data)
    return Tree(kind, tuple(map(_read_tree, args)), value, start, end)


def _write_plain(value: Any) -> Any:
    """What settings, variables and tasks are made of: JSON, and exact numbers."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value
    if isinstance(value, Decimal):
        return {DECIMAL: str(value)}
    if isinstance(value, Fraction):
        return {FRACTION: str(value)}
    if type(value) is list:
        return [_write_plain(entry) for entry in value]
    if isinstance(value, Mapping) and not {DECIMAL, FRACTION} & value.keys():
        return {TEXT.write(key): _write_plain(entry) for key, entry in value.items()}
    raise _refuse(value)


def _read_plain(data: Any) -> Any:
    if isinstance(data, list):
        return [_read_plain(entry) for entry in data]
    if isinstance(data, dict):
        if len(data) == 1 and (read := _EXACT.get(next(iter(data)))):
            return read(next(iter(data.values())))
        return {key: _read_plain(value) for key, value in data.items()}
    return data


def _read_decimal(data: Any) -> Decimal:
    try:
        return Decimal(TEXT.read(data))
    except ArithmeticError:
        raise _refuse(data) from None


def _read_fraction(data: Any) -> Fraction:
    try:
        return Fraction(TEXT.read(data))
    except (ValueError, ZeroDivisionError):
        raise _refuse(data) from None


_EXACT: Mapping[str, Callable[[Any], Any]] = {DECIMAL: _read_decimal, FRACTION: _read_fraction}


def _whole_or_text(value: Any) -> int | str:
    if type(value) is not int and type(value) is not str:
        raise _refuse(value)
    return value


TEXT, FLAG, LIST = _exactly(str), _exactly(bool), _exactly(list)
WHOLE: Form[int] = _exactly(int)
DICT: Form[dict[str, Any]] = _exactly(dict)
NUMBER: Form[Fraction] = Form(str, _read_fraction)
TREE = Form(_write_tree, _read_tree)
PLAIN: Form[Any] = Form(_write_plain, _read_plain)
SOME: Form[Mapping[str, Any]] = _mapping(PLAIN)
TEXTS, LINES, NAMES = _mapping(TEXT), _tuple(TEXT), _set(TEXT)
PATH = STEPS = _tuple(Form(_whole_or_text, _whole_or_text))

VOCABULARY = _record(
    Vocabulary,
    names=_optional(NAMES),
    functions=NAMES,
    shapes=_mapping(STEPS),
    decimal_comma=FLAG,
    log_base_ten=FLAG,
    tight_juxtaposition=FLAG,
    complex_numbers=FLAG,
    keep_label=FLAG,
    intervals=FLAG,
    indices=_optional(NAMES),
    sums=FLAG,
)
QUANTITY: Form[Quantity] = _either(
    expression=(Expression, _record(Expression, tree=TREE, path=PATH)),
    task=(Task, _record(Task, kind=TEXT, mapping=SOME, vocabulary=VOCABULARY, names=NAMES, path=PATH)),
    typed=(Typed, _record(Typed, tree=TREE, path=PATH, is_plain=FLAG, folds_numbers=FLAG)),
)
VALUE: Form[Value] = _either(tree=(Tree, TREE), word=(Word, _record(Word, text=TEXT)))
CONDITION: Form[Condition] = _record(
    Condition,
    text=TEXT,
    tree=_optional(TREE),
    name=TEXT,
    word=TEXT,
    equal=FLAG,
    parts=_tuple(Form(lambda part: CONDITION.write(part), lambda data: CONDITION.read(data))),  # noqa: PLW0108 - its own
    logic=TEXT,
)
FOLLOWING = _record(
    Following,
    part=TEXT,
    name=TEXT,
    quantity=QUANTITY,
    known=_mapping(VALUE),
    conditions=_tuple(CONDITION),
    share=NUMBER,
    right=VALUE,
    label=TEXT,
)
ORIGIN = _record(Origin, quantities=_tuple(_pair(TEXT, QUANTITY)), right=_mapping(TREE), rates=NAMES, momenta=NAMES)
FIGURE = _record(Figure, kind=TEXT, by=LINES, data=SOME, labels=TEXTS, title=TEXT, description=TEXT)
PART = _record(
    VariantPart,
    id=TEXT,
    type=TEXT,
    ask=TEXT,
    points=NUMBER,
    key=TREE,
    answer_text=TEXT,
    settings=SOME,
    variables=SOME,
    notation=_mapping(FLAG),
    options=_tuple(_pair(TEXT, TEXT)),
    feedback=TEXTS,
    solution=TEXT,
    task=_optional(SOME),
    notes=LINES,
    english=TEXTS,
    follows=_optional(FOLLOWING),
    mistakes=_tuple(_record(VariantMistake, id=TEXT, answer=TREE, feedback=TEXT)),
    origin=_optional(ORIGIN),
)
VARIANT = _record(
    Variant,
    problem_id=TEXT,
    version=TEXT,
    seed=_optional(WHOLE),
    title=TEXT,
    parameters=TEXTS,
    prompt=TEXT,
    parts=_tuple(PART),
    hints=LINES,
    solution=TEXT,
    language=TEXT,
    given=LINES,
    figures=_tuple(FIGURE),
    solution_figures=_tuple(FIGURE),
)
