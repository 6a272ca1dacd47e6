"""The bases of what the rooms read from JSON, and of what their documents show."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel


class Shown(BaseModel):
    """What an answer looks like, for the OpenAPI document: made ready when that is, not at the start."""

    model_config = ConfigDict(defer_build=True)


class Wire(BaseModel):
    """No conversion between JSON types (a string or a boolean is never a number); null is absent."""

    model_config = ConfigDict(strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


class CamelWire(Wire):
    """``Wire`` with camelCase keys."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False)
