"""The description is true, and its page needs nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from tests.support.app import FAMILIES, PREFIX_OF, RunningServer, make_app
from videocraft.apis.routing import JsonRoute
from videocraft.app import _serve, create_app
from videocraft.settings import Settings


@pytest.fixture(scope="module")
def document(server: RunningServer) -> dict[str, Any]:
    """``/openapi.json``."""
    answer = server.client.get("/openapi.json")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of every operation."""
    return [
        (path, method, found) for path, item in document["paths"].items() for method, found in item.items()
    ]


def error_schema(document: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The schema of an error's body, resolved."""
    reference = answer["content"]["application/json"]["schema"]["$ref"]
    schema: dict[str, Any] = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return schema


def test_every_operation_describes_its_errors_in_the_family_s_shape(document: dict[str, Any]) -> None:
    required = {
        "exports": {"error"},
        "videos": {"error", "code", "timestamp", "request_id"},
        "sessions": {"error"},
        "jobs": {"detail"},
        "storyboards": {"detail"},
    }
    seen = set()
    for path, method, found in operations(document):
        for family in FAMILIES:
            if path.startswith(PREFIX_OF[family] + "/"):
                seen.add(family)
                for status in ("500", "default"):
                    assert (
                        set(error_schema(document, found["responses"][status])["required"])
                        == required[family]
                    )
                # FastAPI's own 422 would be a lie where the family answers 400.
                assert "HTTPValidationError" not in str(found), (path, method)
    assert seen == set(FAMILIES)


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [found["operationId"] for path, _, found in operations(document) if "_probe" not in path]
    assert len(ids) == len(set(ids))


def test_keys_are_described_as_these_settings_have_it(document: dict[str, Any]) -> None:
    keys = [{"bearer": []}, {"apiKey": []}]
    paths = document["paths"]
    assert paths["/api/v1/_probe/who"]["get"]["security"] == keys
    assert paths["/api/export/_probe/who"]["get"]["security"] == [{}, *keys]
    assert "security" not in paths["/health"]["get"]
    assert document["components"]["securitySchemes"].keys() == {"bearer", "apiKey"}


def test_ready_describes_its_503(document: dict[str, Any]) -> None:
    assert "503" in document["paths"]["/ready"]["get"]["responses"]


def test_the_page_needs_nothing_from_elsewhere(server: RunningServer) -> None:
    answer = server.client.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert not re.search(r"(?:https?:)?//[a-z0-9]", answer.text)
    assert not re.search(r"""(?:src|href)=["'](?!openapi\.json)""", answer.text)


def test_the_page_may_run_its_own_script_only(server: RunningServer) -> None:
    answer = server.client.get("/docs")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    for element, directive in (("script", "script-src"), ("style", "style-src")):
        (text,) = re.findall(rf"<{element}>(.*?)</{element}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy
    assert "unsafe" not in policy
    assert "innerHTML" not in answer.text


def test_every_route_reads_json_strictly(server: RunningServer) -> None:
    routes = [route for route in server.app.routes if isinstance(route, APIRoute)]
    assert len(routes) > 5
    assert all(isinstance(route, JsonRoute) for route in routes)


def test_a_router_that_would_not_is_refused(tmp_path: Any) -> None:
    router = APIRouter()

    @router.post("/x")
    def post(body: dict[str, Any]) -> None:
        """Reads what Python's parser takes."""

    with pytest.raises(TypeError, match=r"room_router\(\)"):
        _serve(make_app(tmp_path), router)


def test_making_the_app_touches_nothing(tmp_path: Any) -> None:
    create_app(Settings(data_dir=tmp_path / "data"))
    assert not (tmp_path / "data").exists()
    assert Settings(data_dir=tmp_path).environment == "development"
