"""All settings of a VideoCraft process, from ``VIDEOCRAFT_*`` environment variables or flags."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")


def _is_redis(parts: SplitResult) -> bool:
    try:
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is no number, or too large
        return False
    has_number = parts.path in {"", "/"} or parts.path.strip("/").isdecimal()
    return parts.scheme in {"redis", "rediss"} and has_place and has_number


def is_loopback_name(name: str) -> bool:
    """Whether a host's name, in lower case, or its address can be this machine only."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """Typed settings; unknown variables are ignored, wrong values stop the start with a clear message."""

    model_config = SettingsConfigDict(env_prefix="VIDEOCRAFT_", frozen=True, validate_default=True)

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    data_dir: Path = Path("data")
    database_url: str = ""
    queue_url: str = "embedded"
    storage_url: str = ""
    api_key: SecretStr | None = None
    open_apis: str | None = None
    workers: int = Field(1, ge=0, le=64)
    public_url: str = ""
    ffmpeg: str = ""
    whisper_model: str = "tiny.en"
    writer: Literal["builtin", "openai"] = "builtin"
    """What writes storyboards: our own rules, or any server that speaks OpenAI's chat protocol."""

    illustrator: Literal["builtin", "openai", "replicate"] = "builtin"
    """What draws a storyboard's pictures."""

    ranker: Literal["builtin", "openai"] = "builtin"
    """What ranks the parts of a recording that may become clips; `openai` as for the writer."""

    openai_base_url: str = "https://api.openai.com/v1"
    openai_api_key: SecretStr | None = None
    openai_model: str = "gpt-4o-mini"
    openai_image_model: str = "gpt-image-1"
    replicate_base_url: str = "https://api.replicate.com/v1"
    replicate_api_token: SecretStr | None = None
    replicate_model: str = "black-forest-labs/flux-schnell"

    narrator: Literal["", "espeak", "piper", "openai"] = ""
    """What speaks the scenes of storyboards that ask for it; empty: nothing, and asking for it is refused."""

    narrator_voice: str = ""
    """Whose voice: a name (``en-gb``, ``alloy``), or the folder of a Piper voice. Empty: the usual one."""

    openai_speech_base_url: str = ""
    """Where the ``openai`` narrator asks; empty: where the writer does, ``openai_base_url``."""

    openai_speech_model: str = "gpt-4o-mini-tts"

    narration_price: float = Field(0.015, ge=0)
    """US dollars that a thousand characters spoken by the ``openai`` narrator are charged with."""

    image_price: float = Field(0.02, ge=0)
    """US dollars that one picture of the configured illustrator is charged with."""

    s3_endpoint_url: str = ""
    s3_access_key: str = ""
    s3_secret_key: SecretStr | None = None
    s3_region: str = "us-east-1"

    scratch_bytes: int = Field(50 * 2**30, gt=0)
    """With S3: how much the copies of stored files that media work reads may take on this machine."""

    secret: SecretStr | None = Field(None, min_length=32)
    """Signs links; the same on every server of an installation. Default: a file in the data directory."""

    downloads: Literal["proxy", "redirect"] = "proxy"
    """With S3: whether a download goes through this server or is sent to the bucket."""

    csrf: Literal["on", "off"] = "on"
    """Whether changes through ``/api/v1`` need a CSRF token."""

    rate_limit: int = Field(100, ge=0)
    """Requests a minute for each key of the videos family; 0: as many as they like."""

    fetch_allow: str = ""
    """``host:port`` of sources, with commas between, that may be fetched from private addresses."""

    fetch_max_bytes: int = Field(4 * 2**30, gt=0)
    """Most bytes of one fetched source."""

    fetch_timeout_seconds: float = Field(600.0, gt=0)
    """Longest time that fetching one source may take."""

    fetch_cache_bytes: int = Field(10 * 2**30, ge=0)
    """How much fetched sources may take on this machine before the longest unused are dropped."""

    upload_quota_bytes: int = Field(20 * 2**30, ge=0)
    """How much all files together may take that one key has sent to be used in films."""

    webhook_secret: SecretStr | None = None
    """Signs webhooks; unset: a secret that the server makes itself, see ``GET /api/v1/webhooks/secret``."""

    export_cache_bytes: int = Field(20 * 2**30, ge=0)
    """How much the finished exports of storyboards may take before the oldest are dropped."""

    export_cache_days: float = Field(30.0, gt=0)
    """How long a storyboard's export is kept after it was last fetched."""

    environment: str = "development"
    """What ``GET /health/`` calls this installation."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    drain_seconds: float = Field(0.0, ge=0, le=3600)
    """How long a server that is told to stop goes on answering, for balancers to see that it is not ready."""

    max_body_bytes: int = Field(16 * 2**20, gt=0)
    """Most bytes of a JSON body; uploads have limits of their own."""

    mezzanine: Literal["on", "off"] = "on"
    """Whether an uploaded recording is also made into ProRes, which takes more room than everything else."""

    max_upload_bytes: int = Field(5 * 2**40, gt=0)
    """Most bytes of one uploaded recording."""

    upload_keep_seconds: float = Field(24 * 3600.0, ge=0)
    """How long the parts of an unfinished upload are kept after its last URLs have expired."""

    job_lease_seconds: float = Field(15.0, gt=0)
    """How long a worker owns a job without renewing it; it renews every third of that."""

    job_timeout_seconds: float = Field(6 * 3600.0, gt=0)
    """Wall-clock limit of one FFmpeg process."""

    ffmpeg_memory_bytes: int = Field(4 * 2**30, gt=0)
    """Address-space limit of one FFmpeg process."""

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("fetch_allow")
    @classmethod
    def _hosts_and_ports(cls, value: str) -> str:
        for entry in filter(None, (part.strip() for part in value.split(","))):
            if not re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:@/\[\]]+):[0-9]{1,5}", entry):
                raise ValueError(f"VIDEOCRAFT_FETCH_ALLOW: {entry!r} is not of the form host:port")
        return value

    @field_validator("queue_url")
    @classmethod
    def _known_queue(cls, value: str) -> str:
        parts = urlsplit(value)
        if value != "embedded" and not _is_redis(parts):
            raise ValueError(
                "VIDEOCRAFT_QUEUE_URL must be 'embedded' or the address of a Redis: redis://HOST:PORT/0, "
                "or rediss:// with TLS; a password goes before HOST as :PASSWORD@"
            )
        return value

    @field_validator("storage_url")
    @classmethod
    def _known_storage(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme == "s3":
            is_known = _BUCKET.fullmatch(parts.netloc) is not None and not parts.query and not parts.fragment
            is_known = is_known and not any(name.startswith(".") for name in parts.path.split("/"))
        else:
            is_known = parts.scheme in {"", "file"}
        if not is_known:
            raise ValueError("VIDEOCRAFT_STORAGE_URL must be a folder, or s3://BUCKET or s3://BUCKET/PREFIX")
        return value

    @property
    def is_embedded(self) -> bool:
        """Whether the server's own worker processes do the jobs, without a broker."""
        return self.queue_url == "embedded"

    @property
    def is_s3(self) -> bool:
        """Whether files are kept in a bucket."""
        return self.storage_url.startswith("s3://")

    @property
    def media_root(self) -> Path:
        """The folder of local storage: uploads, sources and exports live below it.

        With S3 it holds what is not in the bucket: sources that an operator put there, and running exports.
        """
        if not self.storage_url or self.is_s3:
            return self.data_dir / "media"
        return Path(urlsplit(self.storage_url).path).expanduser().absolute()

    @property
    def effective_database_url(self) -> str:
        """The SQLAlchemy URL; ``postgresql://`` means psycopg 3."""
        url = self.database_url or f"sqlite:///{self.data_dir / 'videocraft.db'}"
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @property
    def is_loopback(self) -> bool:
        """Whether the server can be reached from this machine only."""
        return is_loopback_name(self.host)

    @property
    def open_families(self) -> frozenset[str]:
        """Families that need no key: what ``open_apis`` names, else exports and jobs while on loopback.

        A public address elsewhere means a proxy, which brings strangers to a server on loopback too.
        """
        if self.open_apis is not None:
            return frozenset(name.strip() for name in self.open_apis.split(",") if name.strip())
        is_ours = not self.public_url or is_loopback_name(urlsplit(self.public_url).hostname or "")
        return frozenset({"exports", "jobs"}) if self.is_loopback and is_ours else frozenset()
