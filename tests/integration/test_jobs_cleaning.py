"""What ``videocraft gc`` finds of the jobs room."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.contract.jobs.world import World, open_world
from videocraft.apis.jobs import cleaning
from videocraft.core.garbage import Retention

OLD = time.time() - 3 * 86400


def _store(world: World, key: str, *, old: bool = True) -> Path:
    path = world.services.settings.media_root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(key)
    if old:
        os.utime(path, (OLD, OLD))
    return path


def test_only_what_no_asset_names_and_is_old_may_go(tmp_path: Path) -> None:
    with open_world(tmp_path / "data") as world:
        data = (world.services.settings.media_root / "film.mp4").read_bytes()
        asset_id = world.client.post("/assets?filename=a.mp4", content=data).json()["id"]
        original = world.services.settings.media_root / f"assets/{asset_id}/original.mp4"
        os.utime(original, (OLD, OLD))
        left = _store(world, f"assets/{asset_id}/job_gone/proxy.mp4")
        orphan = _store(world, "assets/asset_gone/original.mp4")
        fresh = _store(world, "assets/asset_new/original.mp4", old=False)
        upload = world.services.settings.data_dir / "incoming" / "broken"
        upload.write_bytes(b"half")
        os.utime(upload, (OLD, OLD))
        found = list(cleaning.find(world.services, Retention()))
        assert {garbage.name for garbage in found} == {
            f"assets/{asset_id}/job_gone/proxy.mp4",
            "assets/asset_gone/original.mp4",
            "broken",
        }
        for garbage in found:
            garbage.remove()
        assert not any(path.exists() for path in (left, orphan, upload))
        assert original.exists()
        assert fresh.exists()
