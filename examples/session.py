"""Upload two recordings of one event and find out how far apart they began, by their sound.

Usage: session.py KEY-FILE RECORDING RECORDING
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

SERVER = os.environ.get("VIDEOCRAFT_URL", "http://127.0.0.1:8000")


def main() -> None:
    """Upload, wait until both are ready, sync, show the offset."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    key, *recordings = map(Path, sys.argv[1:])
    headers = {"Authorization": f"Bearer {key.read_text().strip()}"}
    with httpx.Client(base_url=SERVER, headers=headers, timeout=60) as server:
        today = datetime.now(UTC).date().isoformat()
        body = {"title": "Example", "date": today, "projectId": "examples"}
        session = f"/v2/sessions/{call(server, 'POST', '/v2/sessions', body)['id']}"
        for label, recording in zip("AB", recordings, strict=True):
            upload(server, session, label, recording)
        while any(one["status"] != "ready" for one in assets(server, session)):
            time.sleep(0.2)
        call(server, "POST", f"{session}/sync/compute", {"masterCamera": "A", "method": "xcorr"})
        while call(server, "GET", f"{session}/status")["status"] == "syncing":
            time.sleep(0.2)
        sync = call(server, "GET", f"{session}/sync")
    print(f"B began {sync['offsets']['B']} ms after A: {sync['classification']['B']}")


def upload(server: httpx.Client, session: str, label: str, recording: Path) -> None:
    """Send a file in as many parts as the server asks for."""
    begun = call(
        server,
        "POST",
        f"{session}/assets/init-upload",
        {
            "cameraLabel": label,
            "filename": recording.name,
            "contentType": "video/mp4",
            "sizeBytes": recording.stat().st_size,
        },
    )
    parts = []
    with recording.open("rb") as file:
        for part in begun["parts"]:
            # The URL is signed and may lead to a bucket, which must not see the key: no client with headers.
            answer = httpx.put(part["uploadUrl"], content=file.read(begun["partSizeBytes"]), timeout=60)
            answer.raise_for_status()
            parts.append({"partNumber": part["partNumber"], "etag": answer.headers["ETag"]})
    finished = {"uploadId": begun["uploadId"], "parts": parts}
    call(server, "POST", f"{session}/assets/{begun['assetId']}/complete", finished)


def assets(server: httpx.Client, session: str) -> list[dict[str, Any]]:
    """The session's recordings; ends the program if one of them can't be used."""
    found: list[dict[str, Any]] = call(server, "GET", f"{session}/assets")["assets"]
    for asset in found:
        if asset["status"] == "failed":
            sys.exit(f"{asset['cameraLabel']} can't be used: {asset.get('error')}")
    return found


def call(server: httpx.Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """The answer; ends the program with the server's words if it is an error."""
    answer = server.request(method, path, json=body)
    if answer.is_error:
        sys.exit(f"{method} {path}: {answer.text}")
    return answer.json()


if __name__ == "__main__":
    main()
