"""Importing the package, and asking for help, must not load what only a server needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "alembic", "av", "faster_whisper", "fastapi", "httpx", "numpy", "pydantic", "sqlalchemy", "starlette",
    "structlog", "uvicorn",
}  # fmt: skip


def _loaded(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('MODULES', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("MODULES"))
    return set(line.split()[1:])


def test_importing_the_package_loads_nothing_heavy() -> None:
    before = _loaded("")
    loaded = _loaded("import videocraft") - before
    assert not loaded & HEAVY
    # Time depends on the machine; what costs it is modules. A new one should be a decision.
    assert len(loaded) <= 40, sorted(loaded)


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["keys", "--help"], ["--version"]])
def test_asking_for_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = f"""
import sys
from videocraft.cli import main
sys.argv = ["videocraft", *{arguments!r}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""
    # typer looks at options with pydantic's help when that is installed: 40 ms that are not ours.
    assert not _loaded(code) & (HEAVY - {"pydantic"})


def test_a_server_on_a_database_of_its_version_loads_nothing_it_has_no_use_for(tmp_path: Path) -> None:
    code = f"""
from videocraft.commands import lean
from videocraft.commands.options import load_settings, start_logging
settings = load_settings(data_dir={str(tmp_path)!r})
start_logging(settings)
from videocraft.commands.database import open_services
services = open_services(settings)
lean.import_fastapi()
from videocraft.commands.server import make_server
make_server(services, lambda: None)
services.close()
"""
    unneeded = {"alembic", "mako", "numpy", "av", "rich", "pydantic.v1.main"}
    assert "alembic" in _loaded(code)  # the first start makes the tables
    assert not _loaded(code) & unneeded
