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
from videocraft.core.database.models.storyboards import (
    Storyboard,
    StoryboardDownload,
    StoryboardExport,
    StoryboardRender,
    StoryboardScene,
)
from videocraft.core.database.models.syncs import Sync
from videocraft.core.database.models.totals import IdempotencyKey, JobTotal, RateCount, RequestTotal
from videocraft.core.database.models.uploads import Upload
from videocraft.core.database.models.videos import Video, VideoStep, VideoUpload
from videocraft.core.database.models.webhooks import Webhook, WebhookAttempt

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
    "IdempotencyKey",
    "Job",
    "JobTotal",
    "LibraryAsset",
    "MediaInfoRow",
    "RateCount",
    "RecordingSession",
    "RequestTotal",
    "Storyboard",
    "StoryboardDownload",
    "StoryboardExport",
    "StoryboardRender",
    "StoryboardScene",
    "Sync",
    "Upload",
    "Video",
    "VideoStep",
    "VideoUpload",
    "Webhook",
    "WebhookAttempt",
]
