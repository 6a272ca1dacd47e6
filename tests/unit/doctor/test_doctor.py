"""How findings are shown, and when the doctor calls a patient ill."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from videocraft import doctor
from videocraft.doctor.finding import Finding, fail, ok, warn
from videocraft.settings import Settings

FINE, ODD, BROKEN = (
    ok("disk", "large"),
    warn("queue", "slow", "Wait."),
    fail("ffmpeg", "absent", "Install it."),
)


@pytest.mark.parametrize(
    ("findings", "healthy", "last"),
    [
        ([FINE], True, "All is well."),
        ([FINE, ODD], True, "1 x WARN"),
        ([BROKEN, ODD, BROKEN], False, "2 x FAIL"),
    ],
)
def test_only_a_fail_is_unhealthy(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    findings: list[Finding],
    healthy: bool,
    last: str,
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _: findings)
    settings = Settings(data_dir=tmp_path)
    assert doctor.run(settings, as_json=False) is healthy
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == last
    assert sum(line.strip().startswith("->") for line in printed) == sum(bool(f.mend) for f in findings)
    assert doctor.run(settings, as_json=True) is healthy
    document = json.loads(capsys.readouterr().out)
    assert document["healthy"] is healthy
    assert [check["level"] for check in document["checks"]] == [str(f.level) for f in findings]
