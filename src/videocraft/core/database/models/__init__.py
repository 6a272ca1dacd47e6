"""The tables, one module each. Times are seconds since 1970-01-01 UTC, as floats."""

from videocraft.core.database.models.assets import Asset
from videocraft.core.database.models.base import Base
from videocraft.core.database.models.clips import Clip, ClipVersion
from videocraft.core.database.models.counters import Counter
from videocraft.core.database.models.events import Event, EventStream
from videocraft.core.database.models.exports import Export
from videocraft.core.database.models.jobs import Job
from videocraft.core.database.models.keys import ApiKey
from videocraft.core.database.models.library import LibraryAsset
from videocraft.core.database.models.media_infos import MediaInfoRow
from videocraft.core.database.models.sessions import CameraVersion, EventTicket, RecordingSession
from videocraft.core.database.models.syncs import Sync
from videocraft.core.database.models.uploads import Upload

__all__ = [
    "ApiKey",
    "Asset",
    "Base",
    "CameraVersion",
    "Clip",
    "ClipVersion",
    "Counter",
    "Event",
    "EventStream",
    "EventTicket",
    "Export",
    "Job",
    "LibraryAsset",
    "MediaInfoRow",
    "RecordingSession",
    "Sync",
    "Upload",
]
