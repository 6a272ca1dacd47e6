"""A transcript as JSON text."""

from __future__ import annotations

import json

from videocraft.media.captions.transcript import Transcript


def write_json(transcript: Transcript) -> str:
    """Language, duration, segments and words with their times; ``Transcript.from_json`` reads it."""
    return json.dumps(transcript.to_json(), ensure_ascii=False, indent=1) + "\n"
