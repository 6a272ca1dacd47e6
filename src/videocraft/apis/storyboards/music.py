"""The music under a film, as it is asked for: an upload of the same key."""

from __future__ import annotations

from videocraft.core.database.models import VideoUpload
from videocraft.core.probing import probe_stored
from videocraft.errors import InvalidInput, MediaError
from videocraft.services import Services

PREFIX = "upload:"


def check(services: Services, reference: str, owner: str | None) -> None:
    """Refuse what can't be a storyboard's music.

    Raises:
        InvalidInput: there is no such upload of this key, or there is no sound in it.
    """
    upload_id = reference.removeprefix(PREFIX)
    with services.database.read() as session:
        upload = session.get(VideoUpload, upload_id)
    if upload is None or upload.owner != owner:
        raise InvalidInput(f"Music not found: {reference}. Send the file to /api/v1/uploads first.")
    if upload.content_type.startswith(("image/", "text/", "application/x-subrip")):
        raise InvalidInput(f"Music must be sound; {reference} is {upload.content_type}.")
    (info,) = probe_stored(services.database, services.storage, [upload.key])
    if info is None:
        raise InvalidInput(f"Music not found: {reference}. Send the file to /api/v1/uploads first.")
    if isinstance(info, MediaError):
        raise InvalidInput(f"Music can't be read: {info.message}")
    if not info.audio:
        raise InvalidInput(f"Music must be sound; {reference} has none.")
