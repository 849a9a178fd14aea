"""Parts, examples and known cases of a file, checked against the answer types and the names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from grader.answers import BY_NAME
from grader.answers.base import AnswerType, Settings
from grader.answers.settings import validate_settings
from grader.answers.tolerance import exact_amount
from grader.answers.written import WrittenSettings
from grader.bank.declared_checks import compile_checks
from grader.bank.drawing import Choices, Parameter, Value, Word
from grader.bank.faults import nearest, schema_faults
from grader.bank.field_types import kind_of
from grader.bank.following import check_name, compile_follows, reader_with
from grader.bank.maths import Maths
from grader.bank.mending import UNNAMED
from grader.bank.problem import (
    Example,
    Expression,
    Follows,
    KnownCase,
    Options,
    OwnMistake,
    Part,
    Quantity,
    Task,
    names_of,
)
from grader.bank.schema import PartFile, ProblemFile
from grader.bank.source import Path, as_text
from grader.bank.tasks import compile_quantity
from grader.bank.typed_keys import has_own_reading, read_typed
from grader.bank.witnesses import compile_conditions, is_texts
from grader.errors import AnswerError, BankError
from grader.mistakes import BY_ID
from grader.reading.names import Vocabulary, canonical
from grader.reading.text import read
from grader.reading.tree import Tree

CHOICE = "choice"
WITNESS = "witness"
WRITTEN = "written"
# Stands for conditions that still hold parameters, where the other settings of a witness are checked.
_ALWAYS = "0 = 0"


def compile_parts(spec: ProblemFile, maths: Maths) -> tuple[Part, ...]:
    """The parts; two with one id are a fault."""
    found: list[Part] = []
    seen: set[str] = set()
    for place, file in enumerate(spec.parts):
        path: Path = ("parts", place)
        if file.id in seen:
            maths.fault((*path, "id"), f"Another part is called {file.id!r} already.", "Rename one of them.")
        seen.add(file.id)
        part = _part(file, path, maths, {earlier.id: earlier for earlier in found})
        if part is not None:
            found.append(part)
    return tuple(found)


def _part(file: PartFile, path: Path, maths: Maths, earlier: Mapping[str, Part]) -> Part | None:
    options = {
        option: maths.template(text, (*path, "options", option)) for option, text in (file.options or {}).items()
    }
    feedback = file.feedback.model_dump(exclude_none=True)
    words = {case: maths.template(text, (*path, "feedback", case)) for case, text in feedback.items()}
    ask = maths.template(file.ask, (*path, "ask"))
    solution = maths.template(file.solution, (*path, "solution"))
    if file.type not in BY_NAME:
        message = f"There is no answer type {file.type!r}."
        maths.fault((*path, "type"), message, nearest(file.type, BY_NAME))
        return None
    settings, checked = _settings(file, path, maths)
    conditions = compile_conditions(settings, path, maths) if file.type == WITNESS else ()
    _check_options(file, path, maths)
    _check_rubric(file, checked, path, maths)
    follows, reader = _follows(file, (*path, "follows"), maths, earlier)
    answer = _answer(file, path, reader, checked)
    if answer is None:
        return None
    if follows and not isinstance(answer, Options) and follows.name not in names_of(answer):
        maths.fault(
            (*path, "answer"),
            f"This part follows part {follows.part!r}, but its answer does not use {follows.name!r}, the answer there.",
            f"Write the answer with it, as in `answer: {{value: {follows.name}, at: {{x: p}}}}`.",
        )
    mistakes = tuple(_mistakes(file, path, reader, checked))
    common = (file.id, file.type, ask, answer, file.points, settings, options, words, solution, path)
    checks = tuple(compile_checks(file.checks, file.type, checked, path, reader))
    return Part(*common, conditions, follows, mistakes, checks, _task(file, path, maths))


def _task(file: PartFile, path: Path, maths: Maths) -> Task | None:
    """The task that the answer solves, where it is not written as one."""
    if file.task is None:
        return None
    if not isinstance(file.task, Mapping):
        maths.fault((*path, "task"), "A task is expected here.", "Write it as in {derivative: f, by: x}.")
        return None
    found = compile_quantity(file.task, (*path, "task"), maths)
    return found if isinstance(found, Task) else None


def _mistakes(file: PartFile, path: Path, maths: Maths, settings: Settings | None) -> Iterator[OwnMistake]:
    """The mistakes that the part adds to the usual ones, their answers read like its own."""
    for place, mistake in enumerate(file.mistakes):
        at = (*path, "mistakes", place)
        # One of the usual mistakes may have several answers, each with a sentence of its own.
        if mistake.id not in BY_ID and mistake.id in [earlier.id for earlier in file.mistakes[:place]]:
            maths.fault((*at, "id"), f"Another mistake is called {mistake.id!r} already.", "Rename one of them.")
        feedback = maths.template(mistake.feedback, (*at, "feedback"))
        answer = _answer(file.model_copy(update={"answer": mistake.answer}), at, maths, settings)
        if answer is not None:
            yield OwnMistake(mistake.id, answer, feedback, at)


def _follows(file: PartFile, path: Path, maths: Maths, earlier: Mapping[str, Part]) -> tuple[Follows | None, Maths]:
    """What the part follows, and the reader of its answer, which knows the earlier one by its name."""
    if file.follows is None or not check_name(file.follows, path, maths):
        return None, maths
    return compile_follows(file.follows, path, maths, earlier, file.id), reader_with(file.follows, maths)


def _settings(file: PartFile, path: Path, maths: Maths) -> tuple[Mapping[str, Any], Settings | None]:
    """The settings of the answer type in JSON form and as its own; what does not fit it is a fault at its key."""
    kind = BY_NAME[file.type]
    given = {key: _plain(value) for key, value in (file.model_extra or {}).items()}
    words = {option: str(text) for option, text in (file.options or {}).items()}
    options = {"options": words} if words and file.type == CHOICE else {}
    open_conditions = {"conditions": [_ALWAYS]} if file.type == WITNESS and is_texts(given.get("conditions")) else {}
    try:
        return given, validate_settings(kind, {**given, **options, **open_conditions})
    except ValidationError as error:
        maths.errors.extend(_with_part_keys(fault, file) for fault in _settings_faults(error, kind, path, maths))
    return given, None


def _settings_faults(error: ValidationError, kind: AnswerType[Any], path: Path, maths: Maths) -> list[BankError]:
    return schema_faults(error, maths.document, kind.settings, path)


def _with_part_keys(fault: BankError, file: PartFile) -> BankError:
    """For an unknown key of a part, the nearest key of parts in general where that is nearer."""
    key = fault.message.removeprefix("Unknown key ").strip("'.")
    if fault.message.startswith("Unknown key") and key in (file.model_extra or {}):
        known = [*PartFile.model_fields, *BY_NAME[file.type].settings.__dataclass_fields__]
        return replace(fault, repair=nearest(key, known))
    return fault


def _plain(value: Any) -> Any:
    """YAML data as JSON, decimals as the text that they are."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list) else value


def _check_options(file: PartFile, path: Path, maths: Maths) -> None:
    if file.type == CHOICE and not file.options:
        repair = 'Add options: {convex: "convex", concave: "concave"}.'
        maths.fault(path, "A choice needs `options`.", repair)
    elif file.type == CHOICE and len(file.options or {}) < 2:
        maths.fault((*path, "options"), "One option is no choice.", "Give at least two.")
    elif file.type != CHOICE and file.options:
        maths.fault((*path, "options"), f"`options` do not go with the type {file.type!r}.", "Remove them.")


def _check_rubric(file: PartFile, settings: Settings | None, path: Path, maths: Maths) -> None:
    """A written answer has no key, and its criteria earn the points of the part."""
    if not isinstance(settings, WrittenSettings):
        return
    if file.answer is not None:
        repair = "Put a sample answer in the part's `solution`."
        maths.fault((*path, "answer"), "A written answer has no key: a person reads it.", repair)
    total = sum((exact_amount(each.points) for each in settings.rubric or ()), Fraction(0))
    if settings.rubric is None:
        maths.fault(path, "A written answer needs a `rubric`.", 'Add rubric: [{points: 1, text: "…"}].')
    elif total != file.points:
        message = f"The criteria earn {float(total):g} points, the part {float(file.points):g}."
        maths.fault((*path, "rubric"), message, "Make them the same.")


def _answer(file: PartFile, path: Path, maths: Maths, settings: Settings | None) -> Quantity | Options | None:
    path = (*path, "answer")
    if file.answer is None or file.type == WRITTEN:
        return Options((), path)
    if file.type == CHOICE:
        return _options_answer(file, path, maths)
    if isinstance(file.answer, Mapping):
        return compile_quantity(file.answer, path, maths)
    text = _bracketed(file.answer)
    if text is None:
        maths.fault(path, "A list of expressions is expected here.", "Write the answer in quotes.")
        return None
    if has_own_reading(file.type, file.model_extra or {}, text, maths):
        return None if settings is None else read_typed(text, path, file.type, settings, maths)
    quantity = compile_quantity(text, path, maths)
    if isinstance(quantity, Expression) and quantity.tree.kind == "name" and quantity.tree.value in maths.words:
        maths.fault(path, f"{quantity.tree.value!r} is a word; only a choice has words for answers.")
        return None
    return quantity


def _bracketed(value: Any) -> str | None:
    if isinstance(value, list):
        entries = [_bracketed(entry) for entry in value]
        return None if None in entries else "[" + ", ".join(map(str, entries)) + "]"
    return as_text(value)


def _options_answer(file: PartFile, path: Path, maths: Maths) -> Quantity | Options | None:
    options = list(file.options or {})
    if isinstance(file.answer, Mapping):
        return compile_quantity(file.answer, path, maths)
    listed = file.answer if isinstance(file.answer, list) else [file.answer]
    ids: list[str] = []
    for place, entry in enumerate(listed):
        at = (*path, place) if isinstance(file.answer, list) else path
        word = as_text(entry)
        if word in options:
            ids.append(str(word))
        elif word is not None and canonical(word.strip()) in maths.names.roles and not isinstance(file.answer, list):
            return _word_answer(canonical(word.strip()), at, maths)
        elif options:
            shown = repr(word) if word is not None else kind_of(entry)
            maths.fault(at, f"{shown} is not one of the options.", nearest(word or "", [*options, *maths.words]))
    return Options(tuple(ids), path) if ids else None


def _word_answer(name: str, path: Path, maths: Maths) -> Quantity | None:
    if name not in maths.words:
        message = f"{name!r} is no word, so it cannot say which option is right."
        maths.fault(path, message, "Name an option, or a quantity whose value is a word.")
        return None
    return Expression(Tree("name", (), name), path)


def compile_examples(spec: ProblemFile, maths: Maths, parameters: Mapping[str, Parameter]) -> tuple[Example, ...]:
    """The examples; parts and parameters that do not exist are faults."""
    found: list[Example] = []
    misspelt = {part.id for part in spec.parts if get_close_matches("points", part.model_extra or {}, cutoff=0.6)}
    for place, file in enumerate(spec.examples):
        path: Path = ("examples", place)
        given = None
        if file.parameters is not None:
            given = given_values(file.parameters, (*path, "parameters"), maths, parameters)
        responses = {
            part: maths.template(text, (*path, "responses", part)) for part, text in file.responses.items() if text
        }
        parts = {part.id: part.points for part in spec.parts}
        for section, keys in (("responses", file.responses), ("marks", file.marks)):
            _known_parts(keys, parts, (*path, section), maths)
        _possible_marks(file.marks, {part: parts[part] for part in parts if part not in misspelt}, path, maths)
        found.append(Example(given, file.seed, responses, file.marks, path))
    return tuple(found)


def _possible_marks(marks: Mapping[str, Fraction], parts: Mapping[str, Fraction], path: Path, maths: Maths) -> None:
    for part, points in marks.items():
        if part in parts and points > parts[part]:
            most = f"{float(parts[part]):g} point{'s' * (parts[part] != 1)}"
            message = f"The part has {most}, so {float(points):g} cannot be reached."
            maths.fault((*path, "marks", part), message, "Write fewer, or raise the `points` of the part.")


def _known_parts(keys: Mapping[str, Any], parts: Mapping[str, Any], path: Path, maths: Maths) -> None:
    for key in () if UNNAMED in parts else keys:  # with a part's own name at fault, none is known to be missing
        if key not in parts:
            error = maths.document.error((*path, key), f"There is no part {key!r}.", nearest(key, parts), at_key=True)
            maths.errors.append(error)


def compile_known_cases(spec: ProblemFile, maths: Maths, parameters: Mapping[str, Parameter]) -> tuple[KnownCase, ...]:
    """The known cases; parts and parameters that do not exist are faults."""
    found: list[KnownCase] = []
    is_list = isinstance(maths.document.value(("known_case",)), list)
    for place, file in enumerate(spec.known_case):
        path: Path = ("known_case", place) if is_list else ("known_case",)
        values = given_values(file.parameters, (*path, "parameters"), maths, parameters)
        _known_parts(file.answers, {part.id: None for part in spec.parts}, (*path, "answers"), maths)
        found.append(KnownCase(values, dict(file.answers), path))
    return tuple(found)


def given_values(
    given: Mapping[str, Any], path: Path, maths: Maths, parameters: Mapping[str, Parameter]
) -> Mapping[str, Value]:
    """Values that are written out for all parameters of the problem."""
    raw = {canonical(key): key for key in maths.document.value(path) or {}}
    values: dict[str, Value] = {}
    for name, value in given.items():
        at = (*path, raw.get(name, name))
        if name not in parameters:
            if name not in maths.names.of("parameter"):
                message = f"{name!r} is no parameter of this problem."
                maths.errors.append(maths.document.error(at, message, nearest(name, parameters), at_key=True))
            continue
        text = _bracketed(value)
        found = None if text is None else _value(text, at, maths, parameters[name])
        if found is not None:
            values[name] = found
    missing = [name for name in parameters if name not in given]
    if missing:
        message = f"No value is given for {', '.join(map(repr, missing))}."
        maths.fault(path, message, "Give every parameter a value.")
    return values


def _value(text: str, path: Path, maths: Maths, parameter: Parameter) -> Value | None:
    try:
        return read_value(text, parameter, maths.vocabulary)
    except AnswerError as error:
        maths.fault(path, error.message, error.repair, error.start)
        return None


def read_value(text: str, parameter: Parameter, vocabulary: Vocabulary) -> Value:
    """A value of a parameter from its text; raises AnswerError."""
    words = list(_words(parameter))
    if not words:
        return read(text, vocabulary).tree
    if text not in words:
        raise AnswerError(f"{text!r} is none of the words.", 0, len(text), nearest(text, words))
    return Word(text)


def _words(parameter: Parameter) -> Iterator[str]:
    if isinstance(parameter, Choices):
        yield from (value.text for value in parameter.values if isinstance(value, Word))
