"""The job ``jobs.ingest``: everything that is worth knowing of a recording, and what is made of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from videocraft.apis.jobs.analysis import scenes_of, sound_of, transcript_body, transcript_of
from videocraft.apis.jobs.bodies import file_body
from videocraft.apis.jobs.library import content_type_of, original_key
from videocraft.apis.jobs.work import Recording, forget_earlier_runs, opened, part, store
from videocraft.core.assets import find_asset
from videocraft.core.database import clock
from videocraft.core.database.models import LibraryAsset
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.registry import handler
from videocraft.core.tools import media_tools
from videocraft.errors import NotFound
from videocraft.media import derivatives, description, thumbnails
from videocraft.media.silences import find_silences

THUMBNAILS = 16
THUMBNAIL_WIDTH = 160
_STRIP_KIND = "thumbnails"


@handler("jobs.ingest")
def run(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
    """Probe, derivatives, thumbnails, cuts, silences, loudness and, if asked for, the transcript."""
    asked = payload["asked"]
    result: dict[str, Any] = {}
    with opened(context, payload["source"]) as recording:
        info = recording.info
        metadata = description.describe(info)
        asset_id = recording.asset_id or _asset_id_for(context)
        end = 0.5 if asked["transcript"] else 0.75
        listed = _of_session(context, recording)
        is_of_session = listed is not None
        if listed is None:
            listed = _derivatives(context, recording, asset_id, until=end)
        result |= {
            "asset_id": asset_id,
            "metadata": metadata,
            "derivatives": [file_body(f"/assets/{asset_id}/files", stored) for stored in listed],
            "thumbnails": _strip_body(context, recording, asset_id, listed),
        }
        result |= _analysis(context, recording, start=end, end=end + 0.2)
        if asked["transcript"]:
            report = part(context, end + 0.2, 0.97, "Listening to what is said")
            transcript = transcript_of(context, recording, asked["language"], report)
            result["transcript"] = transcript_body(context, transcript)
        if not is_of_session:
            _publish(context, recording, asset_id, listed, project_id=asked["project_id"])
    forget_earlier_runs(context)
    return result


def _asset_id_for(context: JobContext) -> str:
    """The id of the asset that this job makes: the same in each of its runs."""
    return f"asset_{uuid5(NAMESPACE_URL, context.job_id).hex}"


def _of_session(context: JobContext, recording: Recording) -> list[dict[str, Any]] | None:
    """The files that a session's asset has from its upload; None for every other recording."""
    if recording.asset_id is None:
        return None
    with context.database.read() as session:
        found = find_asset(session, recording.asset_id)
    return None if found is None or found.is_library else list(found.derivatives)


def _derivatives(
    context: JobContext, recording: Recording, asset_id: str, *, until: float
) -> list[dict[str, Any]]:
    """Make and store the files; what a lost run has stored is not made again."""
    folder = f"assets/{asset_id}/{context.job_id}"
    info = recording.info

    def make(path: Path) -> None:
        report = part(context, 0.02, until, "Making proxy, sound and pictures")
        made = derivatives.make(
            recording.path,
            info,
            derivatives.plan(info, mezzanine=context.settings.mezzanine == "on"),
            context.workdir,
            tools=media_tools(context.settings),
            should_stop=context.should_stop,
            on_progress=report,
        )
        files = made.by_kind()
        if info.video is not None:
            files[_STRIP_KIND] = _strip(context, recording)
        listed = []
        for kind, file in files.items():
            context.check()
            stored = context.storage.put_file(file, f"{folder}/{file.name}")
            listed.append({"kind": kind, "key": stored.key, "size_bytes": stored.size})
        path.write_text(json.dumps({"listed": listed, "warnings": list(made.warnings)}))

    # The job is a part of the key: the files belong to it, and another ingest makes its own.
    key = {"source": recording.identity, "job": context.job_id, "asset": asset_id}
    kept = json.loads(context.stage("derivatives.json", key, make).read_bytes())
    for warning in kept["warnings"]:
        context.warn(warning)
    listed: list[dict[str, Any]] = kept["listed"]
    return listed


def _strip(context: JobContext, recording: Recording) -> Path:
    tools = media_tools(context.settings)
    picture = thumbnails.strip(
        recording.path,
        recording.info,
        count=THUMBNAILS,
        width=THUMBNAIL_WIDTH,
        binary=tools.ffmpeg,
        should_stop=context.should_stop,
    )
    path = context.workdir / "thumbnails.jpg"
    path.write_bytes(picture)
    return path


def _strip_body(
    context: JobContext, recording: Recording, asset_id: str, listed: list[dict[str, Any]]
) -> dict[str, Any] | None:
    video = recording.info.video
    if video is None:
        return None
    facts = {
        "count": THUMBNAILS,
        "width": THUMBNAIL_WIDTH,
        "interval": round(float(video.duration) / THUMBNAILS, 6),
    }
    for stored in listed:
        if stored["kind"] == _STRIP_KIND:
            return {**file_body(f"/assets/{asset_id}/files", stored), **facts}
    made = store(context, _strip(context, recording), "thumbnails.jpg")
    return {"kind": _STRIP_KIND, "url": made["download_url"], "size_bytes": made["size"], **facts}


def _analysis(context: JobContext, recording: Recording, *, start: float, end: float) -> dict[str, Any]:
    found: dict[str, Any] = {"scenes": None, "silences": None, "loudness": None}
    if recording.info.video is not None:
        report = part(context, start, (start + end) / 2, "Looking for cuts")
        scenes = scenes_of(context, recording, report)
        found["scenes"] = [
            {"start": round(float(first / scenes.rate), 6), "end": round(float(last / scenes.rate), 6)}
            for first, last in scenes.shots()
        ]
    if recording.info.audio:
        part(context, (start + end) / 2, end, "Measuring loudness and silence")
        loudness, levels = sound_of(context, recording)
        found["loudness"] = loudness.to_json()
        found["silences"] = [
            {"start": silence.start, "end": silence.end} for silence in find_silences(levels)
        ]
    return found


def _publish(
    context: JobContext,
    recording: Recording,
    asset_id: str,
    listed: list[dict[str, Any]],
    *,
    project_id: str | None,
) -> None:
    """Write the asset's row; the files of an earlier ingest go."""
    key = recording.key or _keep(context, recording, asset_id)
    info = recording.info
    before: list[dict[str, Any]] = []
    with context.publish() as session:
        at = clock.now(session)
        row = session.get(LibraryAsset, asset_id)
        if row is None and recording.asset_id is not None:
            raise NotFound("The asset was deleted while it was ingested.", code="ASSET_NOT_FOUND")
        if row is None:
            row = LibraryAsset(
                id=asset_id,
                filename=recording.name,
                content_type=content_type_of(info, recording.name),
                size_bytes=info.size,
                original_key=key,
                is_owned=recording.key is None,
                created_at=at,
            )
            session.add(row)
        before = [stored for stored in row.derivatives or [] if stored not in listed]
        row.media, row.derivatives, row.updated_at = description.describe(info), listed, at
        row.project_id = project_id or row.project_id
    for stored in before:
        context.storage.delete(stored["key"])


def keep_fetched(context: JobContext, recording: Recording) -> tuple[str, str]:
    """Make an asset of a recording that was fetched for this job; its id and its key."""
    asset_id = _asset_id_for(context)
    _publish(context, recording, asset_id, [], project_id=None)
    return asset_id, original_key(asset_id, recording.path.name)


def _keep(context: JobContext, recording: Recording, asset_id: str) -> str:
    """What was fetched for this job is the asset's own from now on; its key."""
    key = original_key(asset_id, recording.path.name)
    context.storage.put_file(_copy_of(context, recording.path), key)
    return key


def _copy_of(context: JobContext, path: Path) -> Path:
    """The storage takes a file away; a fetched one belongs to the cache as well."""
    copy = context.workdir / f"original{path.suffix}"
    shutil.copyfile(path, copy)
    return copy
