"""Many listeners to one session: a reader that stalls holds nobody up, and an event is read once for all."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from pathlib import Path
from unittest.mock import patch

from websockets.sync.client import connect

from tests.support.app import serving
from videocraft.apis.sessions import live, stream
from videocraft.apis.sessions.service import jobs_of
from videocraft.app import create_app
from videocraft.services import Services
from videocraft.settings import Settings

KEY = "test-key"
READERS = 6
EVENTS = 40
NOTE = "x" * 60_000
"""So much that the stalled reader's share fits into no buffer."""


class Reader(threading.Thread):
    """Follows a session until it has heard every event."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.seqs: list[int] = []
        self._url = url
        self._listens = threading.Event()
        self.start()
        assert self._listens.wait(30)

    def run(self) -> None:
        """Read."""
        headers = {"Authorization": f"Bearer {KEY}"}
        with connect(self._url, additional_headers=headers, proxy=None, max_size=2**20) as events:
            assert json.loads(events.recv())["event"] == "session.state"
            self._listens.set()
            while len(self.seqs) < EVENTS:
                self.seqs.append(json.loads(events.recv(timeout=30))["seq"])


def stalled(port: int, path: str) -> socket.socket:
    """A connection that is open and never read."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.connect(("127.0.0.1", port))
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {KEY}"]
    lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    lines += ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""]
    opened.sendall("\r\n".join(lines).encode())
    assert opened.recv(12) == b"HTTP/1.1 101"
    return opened


def test_a_stalled_reader_holds_nobody_up(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path, api_key=KEY))  # type: ignore[arg-type] # parsed
    reads: Counter[int] = Counter()
    read = live._read

    def counted(services: Services, session_id: str, seq: int) -> object:
        reads[seq] += 1
        return read(services, session_id, seq)

    with patch.object(live, "_read", counted), serving(app) as server:
        made = server.client.post(
            "/v2/sessions",
            json={"title": "Many", "date": "2026-02-03", "projectId": "many"},
            headers={"Authorization": f"Bearer {KEY}"},
        ).json()
        path = f"/v2/sessions/{made['id']}/events"
        with stalled(server.port, path):
            readers = [Reader(f"ws://127.0.0.1:{server.port}{path}") for _ in range(READERS)]
            for number in range(EVENTS):
                with jobs_of(server.services).transaction() as session:
                    stream.announce(session, made["id"], "sync.computing", {"at": number, "note": NOTE})
            for reader in readers:
                reader.join(60)
                assert reader.seqs == list(range(1, EVENTS + 1))
    assert reads.total() < READERS * EVENTS / 2, "every reader read for itself"
