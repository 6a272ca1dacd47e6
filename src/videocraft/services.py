"""What a process of VideoCraft works with, opened once and passed around."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from videocraft.core.auth import KeyRing
from videocraft.core.database import Database
from videocraft.core.private_files import load_or_make_secret
from videocraft.core.storage import LocalStorage, Storage
from videocraft.core.storage.links import Links
from videocraft.core.storage.scratch import ScratchCache
from videocraft.settings import Settings

if TYPE_CHECKING:
    from videocraft.core.jobs.dispatch.base import Dispatcher

KEY_FILE = "api-key"
RUN_FOLDER = "run"
SCRATCH_FOLDER = "scratch"
SECRET_FILE = "secret"  # noqa: S105 -- a file's name
_EVERY_INTERFACE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 -- compared, not bound


@dataclass(frozen=True)
class Services:
    """The parts that the API, the workers and the command line share."""

    settings: Settings
    database: Database
    storage: Storage
    dispatcher: Dispatcher
    keys: KeyRing
    secret: bytes = field(repr=False)
    """What signs links and tokens; every server of one installation has the same."""
    new_key: str | None = field(default=None, repr=False)
    """The API key that this start has made, to be shown once; it also lies in ``DATA_DIR/api-key``."""

    @classmethod
    def open(cls, settings: Settings, *, first_key: bool = True) -> Services:
        """Open everything; on an empty data directory: make the folders, the tables, a key and a secret.

        Without ``first_key`` no key is made: on a machine that serves nobody it would be looked for in vain.
        """
        from videocraft.core.database.migrate import migrate
        from videocraft.core.jobs.dispatch.choice import open_dispatcher

        data_dir = settings.data_dir
        # The folder of the workers' bells; /ready says so when it is gone.
        (data_dir / RUN_FOLDER).mkdir(parents=True, exist_ok=True)
        database = Database(settings.effective_database_url)
        try:
            migrate(database)
            configured = settings.api_key.get_secret_value() if settings.api_key else None
            keys = KeyRing(database, configured)
            secret = _secret(settings)
            return cls(
                settings=settings,
                database=database,
                storage=open_storage(settings, secret),
                dispatcher=open_dispatcher(settings.queue_url, database, data_dir / RUN_FOLDER),
                keys=keys,
                secret=secret,
                new_key=keys.create_first(data_dir / KEY_FILE) if first_key else None,
            )
        except BaseException:
            database.dispose()
            raise

    def close(self) -> None:
        """Give back what was opened."""
        self.dispatcher.close()
        self.storage.close()
        self.database.dispose()


def open_storage(settings: Settings, secret: bytes) -> Storage:
    """A folder, or a bucket; ``secret`` signs links."""
    if not settings.is_s3:
        return LocalStorage(settings.media_root, secret, public_base(settings))
    # boto3 takes its time, which only those pay who use it.
    from videocraft.core.storage.s3 import S3Storage
    from videocraft.core.storage.s3_client import S3Place

    where = urlsplit(settings.storage_url)
    place = S3Place(
        bucket=where.netloc,
        prefix=where.path.strip("/"),
        endpoint_url=settings.s3_endpoint_url,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value() if settings.s3_secret_key else "",
        region=settings.s3_region,
    )
    scratch = settings.data_dir / SCRATCH_FOLDER
    return S3Storage(
        place,
        Links(secret, public_base(settings)),
        ScratchCache(scratch / "objects", settings.scratch_bytes),
        scratch / "parts",
        redirect=settings.downloads == "redirect",
    )


def _secret(settings: Settings) -> bytes:
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    return load_or_make_secret(settings.data_dir / SECRET_FILE)


def public_base(settings: Settings) -> str:
    """What absolute URLs of this server start with, without a slash at the end."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = "localhost" if settings.host in _EVERY_INTERFACE else settings.host
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
