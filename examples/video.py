"""Make a film of one line of text.

Usage: video.py KEY-FILE TEXT
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from videocraft import VideoCraftAPI
from videocraft.client import VideoCraftAPIError
from videocraft.client.types import Project

SERVER = os.environ.get("VIDEOCRAFT_URL", "http://127.0.0.1:8000")


def main() -> None:
    """Order the film, wait for it, fetch it."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    key = Path(sys.argv[1]).read_text().strip()
    project: Project = {
        "scenes": [
            {
                "background-color": "#10375C",
                "elements": [{"type": "text", "text": sys.argv[2], "duration": 2, "fade-in": 0.5}],
            }
        ],
        "resolution": "640x360",
    }
    with VideoCraftAPI(f"{SERVER}/api/v1", key) as api:
        try:
            job = api.videos.create(project)
            result = api.jobs.wait_for_completion(job["job_id"], progress=True)
            path = api.videos.download(result["video_id"], "video.mp4")
        except VideoCraftAPIError as error:
            sys.exit(f"There is no film: {error}")
    print(path, f"{result['duration']:g} s")


if __name__ == "__main__":
    main()
