"""Settings of answer types from YAML and JSON: validated, and described as JSON Schema.

Apart from the types themselves because it loads pydantic, which a first verdict does not need.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from grader.answers import BY_NAME
from grader.answers.base import AnswerType, Settings


def validate_settings(kind: AnswerType[Any], given: Mapping[str, Any]) -> Settings:
    """The settings, of the type's own class; raises pydantic's ValidationError, whose `loc` names the key.

    >>> from grader.answers import BY_NAME
    >>> validate_settings(BY_NAME["number"], {"tolerance": {"absolute": "0.01"}}).tolerance.absolute
    '0.01'
    """
    settings: Settings = _ADAPTERS[kind.name].validate_python(dict(given))
    return settings


def settings_schema(kind: AnswerType[Any]) -> dict[str, Any]:
    """The JSON Schema of the type's settings."""
    return _ADAPTERS[kind.name].json_schema()


_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {kind.name: TypeAdapter(kind.settings) for kind in BY_NAME.values()}
