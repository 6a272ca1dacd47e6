"""May this job be queued? Its payload against its shape, and what it names against what there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from videocraft.apis.jobs import schemas, timelines
from videocraft.apis.jobs.schemas import LOUDNESS, Export, Render, VersionSettings, parse
from videocraft.core.assets import find_asset, key_of_path
from videocraft.core.database.models import Clip, ClipVersion
from videocraft.core.storage.fetch import check_url
from videocraft.errors import InvalidInput, Unprocessable, VideoCraftError
from videocraft.media.captions.style import CaptionStyle
from videocraft.services import Services

_PRESETS: Mapping[str, Mapping[str, Any]] = {
    "youtube": {"resolution": "1080p", "loudness": LOUDNESS["streaming"]},
    "shorts": {"aspect_ratio": "9:16", "resolution": "1080p", "loudness": LOUDNESS["streaming"]},
    "reels": {"aspect_ratio": "9:16", "resolution": "1080p", "loudness": LOUDNESS["streaming"]},
    "tiktok": {"aspect_ratio": "9:16", "resolution": "1080p", "loudness": LOUDNESS["streaming"]},
    "square": {"aspect_ratio": "1:1", "resolution": "1080p", "loudness": LOUDNESS["streaming"]},
    "podcast": {"loudness": LOUDNESS["podcast"]},
}
"""What the export presets stand for; a key of the payload counts more."""


@dataclass(frozen=True)
class Doors:
    """Finds what a payload names, in one read transaction."""

    session: Session
    services: Services

    def source(self, named: schemas._Sourced, *, what: str = "") -> dict[str, Any]:
        """Where the recording of a payload lies: ``asset_id``, ``key``, ``url``, ``name``.

        Raises:
            Unprocessable: there is none.
        """
        if named.source_asset_id is not None:
            asset = find_asset(self.session, named.source_asset_id)
            if asset is None or self.services.storage.stat(asset.key) is None:
                raise Unprocessable(f"{what}Asset {named.source_asset_id} not found")
            return {"asset_id": asset.id, "key": asset.key, "url": None, "name": asset.filename}
        if named.path is not None:
            return {"asset_id": None, "url": None, **self.file(named.path, what=what)}
        if named.url is not None:
            return {"asset_id": None, "key": None, "url": named.url, "name": named.url}
        raise Unprocessable(f"{what}one of source_asset_id, path and url is required")

    def file(self, path: str, *, what: str = "") -> dict[str, Any]:
        """``key`` and ``name`` of a file of the media root."""
        key = key_of_path(self.services.settings.media_root, path)
        if key is None or self.services.storage.stat(key) is None:
            raise Unprocessable(f"{what}File not found: {path}")
        return {"key": key, "name": key.rpartition("/")[2]}

    def clip(self, clip_id: str) -> Clip:
        """A clip.

        Raises:
            Unprocessable: there is none.
        """
        clip = self.session.get(Clip, clip_id)
        if clip is None:
            raise Unprocessable(f"Clip {clip_id} not found")
        return clip

    def version(self, version_id: str) -> tuple[ClipVersion, Clip]:
        """A clip version and its clip.

        Raises:
            Unprocessable: there is none.
        """
        version = self.session.get(ClipVersion, version_id)
        if version is None:
            raise Unprocessable(f"Clip version {version_id} not found")
        return version, self.session.get_one(Clip, version.clip_id)

    def clip_source(self, clip: Clip) -> dict[str, Any]:
        """The recording of a clip.

        Raises:
            Unprocessable: it is gone.
        """
        if self.services.storage.stat(clip.source_key) is None:
            raise Unprocessable(f"The recording of clip {clip.id} is gone")
        name = clip.source_key.rpartition("/")[2]
        return {"asset_id": clip.asset_id, "key": clip.source_key, "url": None, "name": name}


def admit(
    services: Services, job_type: str, given: Mapping[str, Any], clip_version_id: str | None
) -> dict[str, Any]:
    """Check a request and return what the job's row keeps as its payload.

    ``given`` is the client's own payload, ``asked`` the same with its defaults, and ``source``, ``segments``
    or ``settings`` say what it means now.

    Raises:
        Unprocessable: the payload has another shape, or names what there is not.
    """
    timelines.check_size(given.get("timeline"))
    asked = parse(schemas.PAYLOADS[job_type], given)
    check_captions(getattr(asked, "captions", None))
    with services.database.read() as session:
        doors = Doors(session, services)
        if clip_version_id is not None:
            doors.version(clip_version_id)
        resolved = _resolve(doors, asked, clip_version_id)
    plan = asked.model_dump(mode="json", exclude={"timeline"})
    return {"given": dict(given), "clip_version_id": clip_version_id, "asked": plan, **resolved}


def _resolve(doors: Doors, asked: BaseModel, clip_version_id: str | None) -> dict[str, Any]:
    if isinstance(asked, Render):
        return _render(doors, asked, clip_version_id)
    if isinstance(asked, Export):
        return _export(doors, asked, clip_version_id)
    if isinstance(asked, schemas._Sourced):
        source = doors.source(asked)
        if source["url"] is not None:
            _check_url(doors.services, source["url"])
        return {"source": source}
    raise TypeError(f"no plan for {type(asked).__name__}")


def _render(doors: Doors, asked: Render, clip_version_id: str | None) -> dict[str, Any]:
    version_id = asked.clip_version_id or clip_version_id
    if clip_version_id is not None and version_id != clip_version_id:
        raise Unprocessable("The payload names another clip version than the query")
    if asked.timeline is not None:
        if asked.clip_version_id is not None:
            raise Unprocessable("Only one of clip_version_id and timeline can be rendered")
        segments = timelines.flatten(asked.timeline, doors, rendering=clip_version_id)
        return {"segments": segments, "output": asked.timeline.output.model_dump(mode="json")}
    if version_id is None:
        raise Unprocessable("A render needs a clip_version_id or a timeline")
    version, clip = doors.version(version_id)
    return {
        "source": doors.clip_source(clip),
        "range": [clip.start, clip.end],
        "settings": _settings(version.settings),
        "clip_version_id": version_id,
    }


def _export(doors: Doors, asked: Export, clip_version_id: str | None) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    resolved: dict[str, Any]
    version_id = asked.clip_version_id
    if not any((*asked.sources(), asked.clip_id, version_id)):
        version_id = clip_version_id
    if version_id is not None:
        version, clip = doors.version(version_id)
        wanted |= {key: value for key, value in version.settings.items() if value is not None}
        resolved = {"source": doors.clip_source(clip), "range": [clip.start, clip.end]}
        resolved["clip_version_id"] = clip_version_id or version_id
    elif asked.clip_id is not None:
        clip = doors.clip(asked.clip_id)
        resolved = {"source": doors.clip_source(clip), "range": [clip.start, clip.end]}
    else:
        source = doors.source(asked)
        if source["url"] is not None:
            _check_url(doors.services, source["url"])
        resolved = {"source": source, "range": None}
    wanted |= _PRESETS.get(asked.preset or "", {})
    own = asked.model_dump(mode="json", include=set(VersionSettings.model_fields), exclude_none=True)
    return {**resolved, "settings": _settings(wanted | own)}


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """The look of a file with nothing left open; loudness as LUFS."""
    settings = VersionSettings.model_validate(dict(given)).model_dump(mode="json")
    loudness = settings["loudness"]
    settings["loudness"] = LOUDNESS[loudness] if isinstance(loudness, str) else loudness
    return settings


def _check_url(services: Services, url: str) -> None:
    """Refuse at the door what can never be fetched; what needs the network is the worker's."""
    try:
        check_url(url, services.settings)
    except VideoCraftError as error:
        raise Unprocessable(error.message) from None


def check_captions(wanted: bool | Mapping[str, Any] | None) -> None:
    """Refuse settings of captions that make no sense.

    Raises:
        Unprocessable: the first one that is wrong.
    """
    if isinstance(wanted, Mapping):
        try:
            CaptionStyle.from_settings(wanted)
        except InvalidInput as error:
            raise Unprocessable(f"captions: {error.message}") from None
