"""The OpenAPI document: FastAPI's, with what it can't know by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from videocraft.apis.routing import MODELS, REFERENCE
from videocraft.core.auth import RequireKey
from videocraft.settings import Settings

SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer API_KEY"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


_TAKEN: dict[str, type[BaseModel]] = {}
"""By name, the shapes of bodies that routes refer to: their schemas are made when somebody reads them."""


def describe(app: FastAPI, settings: Settings) -> dict[str, Any]:
    """The document of this server, made once: which routes need a key depends on the settings."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        components = document.setdefault("components", {})
        components["securitySchemes"] = SECURITY_SCHEMES
        components.setdefault("schemas", {}).update(_schemas())
        for route in app.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                _add_security(document["paths"][route.path_format], route, settings)
        app.openapi_schema = document
    return app.openapi_schema


def _schemas() -> dict[str, Any]:
    """What routes refer to by name, and what that refers to."""
    found: dict[str, Any] = {}
    modes: tuple[tuple[Literal["serialization", "validation"], Mapping[str, type[BaseModel]]], ...] = (
        ("serialization", MODELS),
        ("validation", _TAKEN),
    )
    for mode, models in modes:
        for name, model in models.items():
            schema = model.model_json_schema(mode=mode, ref_template=REFERENCE)
            found |= schema.pop("$defs", {})
            found[name] = schema
    return found


def _add_security(path: dict[str, Any], route: APIRoute, settings: Settings) -> None:
    families = _families(route.dependant)
    if not families:
        return
    either: list[dict[str, list[str]]] = [{"bearer": []}, {"apiKey": []}]
    security = [{}, *either] if families <= settings.open_families else either
    for method in route.methods or ():
        path[method.lower()]["security"] = security


def _families(dependant: Dependant) -> set[str]:
    """Which families' keys a route asks for, at any depth."""
    own = {dependant.call.family} if isinstance(dependant.call, RequireKey) else set()
    return own.union(*(_families(inner) for inner in dependant.dependencies))


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    """``openapi_extra`` of a route that reads JSON itself."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def takes(shape: type[BaseModel]) -> dict[str, Any]:
    """``openapi_extra`` of a route that reads a JSON body of this shape itself."""
    _TAKEN[shape.__name__] = shape
    return json_body({"$ref": REFERENCE.format(model=shape.__name__)})
