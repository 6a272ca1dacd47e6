"""Cut between two cameras: a second of the first, a second of the second, as one film.

Usage: export.py [KEY-FILE] CAMERA CAMERA

The cameras are names in the server's media folder, of at least two seconds. A server that listens on this
machine only needs no key. The standard library is enough.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

SERVER = os.environ.get("VIDEOCRAFT_URL", "http://127.0.0.1:8000")
HEADERS: dict[str, str] = {}


def call(path: str, body: dict[str, Any] | None = None) -> Any:
    """The answer to a GET, or to a POST where there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(SERVER + path, data, {"Content-Type": "application/json", **HEADERS})
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def main() -> None:
    """Send the edit, wait for the film, fetch it."""
    if len(sys.argv) not in {3, 4}:
        sys.exit(__doc__)
    *key_files, one, other = sys.argv[1:]
    cameras = [one, other]
    for file in key_files:
        HEADERS["Authorization"] = f"Bearer {Path(file).read_text().strip()}"
    edit = {
        "version": 1,
        "id": f"example-{uuid.uuid4().hex}",
        "projectId": "examples",
        "projectName": "Two cameras",
        "createdAt": datetime.now(UTC).isoformat(),
        "sources": [{"id": camera, "name": camera, "filePath": camera} for camera in cameras],
        "segments": [  # seconds within the source's file; this order is the film's order
            {"sourceIndex": 0, "startTime": 0.0, "endTime": 1.0},
            {"sourceIndex": 1, "startTime": 1.0, "endTime": 2.0},
        ],
        # As it was filmed where that is possible: only the frames at the cuts are encoded.
        "output": {"format": "mp4", "codec": "copy"},
        "status": "pending",
    }
    call("/api/export", edit)
    while (status := call(f"/api/export/{edit['id']}/status"))["status"] in {"pending", "processing"}:
        time.sleep(0.2)
    if status["status"] != "completed":
        sys.exit(f"The export failed: {status.get('error')}")
    film_request = Request(SERVER + status["downloadUrl"], headers=HEADERS)
    with urlopen(film_request, timeout=60) as film, open("export.mp4", "wb") as file:
        shutil.copyfileobj(film, file)
    print("export.mp4", status["message"])


if __name__ == "__main__":
    main()
