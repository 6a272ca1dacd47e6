"""``GET /files/{key}``: where the signed links of local storage lead."""

from __future__ import annotations

import mimetypes

from fastapi import Query, Request
from starlette.responses import Response

from videocraft.apis.downloads import StoredObject, file_response
from videocraft.apis.errors import FALLBACK
from videocraft.apis.routing import room_router
from videocraft.core.storage import ObjectNotFound
from videocraft.core.storage.links import SIGNED_PATH
from videocraft.services import Services

router = room_router(FALLBACK, tag="files")


@router.get(
    SIGNED_PATH + "{key:path}",
    response_class=Response,
    responses={
        200: {"description": "The file", "content": {"application/octet-stream": {}}},
        206: {"description": "A part of it"},
        **FALLBACK.responses(400, 403, 404, 416, 422),
    },
)
def download(request: Request, key: str, expires: str = Query(), signature: str = Query()) -> Response:
    """A file of the storage, for whoever has a signed link that is still valid."""
    services: Services = request.app.state.services
    services.storage.verify("GET", key, expires, signature)
    info = services.storage.stat(key)
    if info is None:
        raise ObjectNotFound("There is no such file")
    name = key.rpartition("/")[2]
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return file_response(request, StoredObject(services.storage, info), name, content_type)
