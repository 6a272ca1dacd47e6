"""The second act: three recordings of one room are uploaded, synced, approved, and cut to one microphone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from videocraft.demo.exporting import check, export, look
from videocraft.demo.recordings import RATE, RECORDINGS, Recording, make_recording, room_sound, true_offset_ms
from videocraft.demo.stage import DemoFailed, Stage, expect_ok

MASTER = "A"
CUTS = (("A", 4), ("B", 8), ("C", 12), ("B", 15), ("A", 18), ("C", 20))
"""Camera and begin of each shot, in seconds of the master; each lasts until the next."""
END = 22
FRAMES = (END - CUTS[0][1]) * RATE

POLL_SECONDS = 0.1
WORST_ERROR_MS = 1.0
"""What the server promises where it calls an offset good."""


def play(stage: Stage) -> None:
    """Record, upload, sync, approve, hand over, and cut."""
    folder = stage.output / "session"
    folder.mkdir(parents=True, exist_ok=True)
    _record(stage, folder)
    started = time.perf_counter()
    session = _create(stage)
    _upload(stage, session, folder)
    _ingest(stage, session)
    ingested = time.perf_counter()
    sync = _sync(stage, session)
    synced = time.perf_counter()
    _show(stage, sync)
    stage.call("POST", f"{session}/sync/approve", {"approvedBy": "demo"})
    for format_ in ("otio", "edl", "fcpxml"):
        answer = stage.ask("GET", f"{session}/sync/export?format={format_}")
        (folder / f"session.{format_}").write_bytes(answer.content)
    config = edit(stage.call("GET", f"{session}/export-config"))
    status = export(stage, config)
    film = stage.fetch(status["downloadUrl"], "session.mp4")
    frames = check(status, look(film), FRAMES, RATE)
    stage.tell("session", f"{folder}: the recordings, and the session for editing programs")
    stage.tell("ingest took", f"{ingested - started:.1f} s with the upload, sync {synced - ingested:.1f} s")
    stage.tell("its film", f"{film}: {frames} frames from three cameras, heard by camera {MASTER} alone")


def edit(config: Mapping[str, Any]) -> dict[str, Any]:
    """The session's export config with the shots of `CUTS` in place of its one segment.

    Raises:
        DemoFailed: the config does not have the three cameras, or not the stretch that the shots lie in.
    """
    sources = {source["cameraLabel"]: index for index, source in enumerate(config["sources"])}
    (whole,) = config["segments"]
    if set(sources) != {recording.label for recording in RECORDINGS}:
        raise DemoFailed(f"the export config has the cameras {sorted(sources)}")
    if not whole["startTime"] <= CUTS[0][1] < END <= whole["endTime"]:
        raise DemoFailed(
            f"the cameras are said to run together from {whole['startTime']} to {whole['endTime']}"
        )
    segments = []
    for (label, begin), end in zip(CUTS, [*(begin for _, begin in CUTS[1:]), END], strict=True):
        # Times count within the source's own file.
        offset = config["sources"][sources[label]]["syncOffset"]
        segments.append(
            {
                "sourceIndex": sources[label],
                "startTime": begin - offset,
                "endTime": end - offset,
                "audioSourceIndex": sources[MASTER],
            }
        )
    return {**config, "segments": segments}


def _record(stage: Stage, folder: Path) -> None:
    room = room_sound()
    with stage.meter("Three recordings of one room") as meter:
        for index, recording in enumerate(RECORDINGS):

            def show(fraction: float, index: int = index, label: str = recording.label) -> None:
                meter.show((index + fraction) / len(RECORDINGS), f"camera {label}")

            path = folder / recording.file_name
            make_recording(recording, room, path, binary=stage.ffmpeg, on_fraction=show)


def _create(stage: Stage) -> str:
    """The path of a new session."""
    today = datetime.now(UTC).date().isoformat()
    body = {"title": "VideoCraft demo", "date": today, "projectId": "demo"}
    return f"/v2/sessions/{stage.call('POST', '/v2/sessions', body)['id']}"


def _upload(stage: Stage, session: str, folder: Path) -> None:
    total = sum((folder / recording.file_name).stat().st_size for recording in RECORDINGS)
    sent = count = 0
    with stage.meter("Upload") as meter:
        for recording in RECORDINGS:
            path = folder / recording.file_name
            begun = _begin_upload(stage, session, recording, path)
            done = []
            with path.open("rb") as file:
                for part in begun["parts"]:
                    content = file.read(begun["partSizeBytes"])
                    # The URL is signed: whoever has it may send this part, without a key.
                    answer = stage.client.put(part["uploadUrl"], content=content)
                    expect_ok(answer)
                    done.append({"partNumber": part["partNumber"], "etag": answer.headers["ETag"]})
                    sent += len(content)
                    count += 1
                    meter.show(sent / total, f"camera {recording.label}, part {part['partNumber']}")
            finished = {"uploadId": begun["uploadId"], "parts": done}
            stage.call("POST", f"{session}/assets/{begun['assetId']}/complete", finished)
    stage.tell("uploaded", f"{total / 1e6:.1f} MB in {count} parts")


def _begin_upload(stage: Stage, session: str, recording: Recording, path: Path) -> dict[str, Any]:
    body = {
        "cameraLabel": recording.label,
        "filename": recording.file_name,
        "contentType": "video/mp4",
        "sizeBytes": path.stat().st_size,
    }
    return stage.call("POST", f"{session}/assets/init-upload", body)


def _ingest(stage: Stage, session: str) -> None:
    def done() -> float:
        ready = 0
        for asset in stage.call("GET", f"{session}/assets")["assets"]:
            if asset["status"] == "failed":
                raise DemoFailed(f"camera {asset['cameraLabel']} was not ingested: {asset.get('error')}")
            ready += asset["status"] == "ready"
        return ready / len(RECORDINGS)

    _wait(stage, "Ingest: proxies, mezzanines, sound", done)


def _sync(stage: Stage, session: str) -> dict[str, Any]:
    stage.call("POST", f"{session}/sync/compute", {"masterCamera": MASTER, "method": "xcorr"})
    _wait(stage, "Sync", lambda: float(stage.call("GET", f"{session}/status")["status"] != "syncing"))
    sync = stage.call("GET", f"{session}/sync")
    if "error" in sync:
        raise DemoFailed(f"the sync failed: {sync['error']['message']}")
    return sync


def _wait(stage: Stage, label: str, done: Callable[[], float]) -> None:
    with stage.meter(label) as meter:
        while (fraction := done()) < 1:
            meter.show(fraction)
            time.sleep(POLL_SECONDS)
        meter.show(1.0)


def _show(stage: Stage, sync: Mapping[str, Any]) -> None:
    """Put the measured offsets beside the true ones.

    Raises:
        DemoFailed: one is wrong, or was not found to be good.
    """
    worst = 0.0
    for recording in RECORDINGS:
        label = recording.label
        if label == MASTER:
            continue
        measured, true = sync["offsetsExact"][label], true_offset_ms(recording)
        verdict, confidence = sync["classification"][label], sync["confidence"][label]
        worst = max(worst, abs(measured - true))
        stage.console.print(
            f"  Camera {label} began {true:+.3f} ms after camera {MASTER}; measured {measured:+.3f} ms, "
            f"{abs(measured - true):.3f} ms off: {verdict}, confidence {confidence:.1f}",
            highlight=False,
            soft_wrap=True,
        )
        if verdict != "looks-good":
            raise DemoFailed(f"the sync of camera {label} is not found to be good: {verdict}")
    if worst > WORST_ERROR_MS:
        raise DemoFailed(f"an offset is {worst:.1f} ms off")
    stage.tell("sync error", f"{worst:.3f} ms at most, beside the true offsets")
