"""The Python client of VideoCraft's videos API; ``docs/python-sdk.md`` shows it at work.

One pure core, two thin drivers: what to send, when to repeat it and what an answer means is decided by
generators that yield what they need (``wire.py``); ``drivers.py`` does it over httpx, blocking or
asynchronous. So there is one copy of the logic, and it is tested without a network.
"""

from videocraft.client.api import AsyncVideoCraftAPI, VideoCraftAPI
from videocraft.client.errors import (
    AuthenticationError,
    BadRequest,
    Conflict,
    ConnectionFailed,
    CSRFError,
    DownloadFailed,
    JobCancelled,
    JobFailed,
    NotFound,
    PermissionDenied,
    RateLimited,
    ServerError,
    UnexpectedAnswer,
    VideoCraftAPIError,
    WaitTimeout,
)
from videocraft.client.webhooks import InvalidSignature, verify_webhook

__all__ = [
    "AsyncVideoCraftAPI",
    "AuthenticationError",
    "BadRequest",
    "CSRFError",
    "Conflict",
    "ConnectionFailed",
    "DownloadFailed",
    "InvalidSignature",
    "JobCancelled",
    "JobFailed",
    "NotFound",
    "PermissionDenied",
    "RateLimited",
    "ServerError",
    "UnexpectedAnswer",
    "VideoCraftAPI",
    "VideoCraftAPIError",
    "WaitTimeout",
    "verify_webhook",
]
