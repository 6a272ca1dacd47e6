"""A server that stops under load: whoever reached it is answered, and everybody else is refused at once."""

from __future__ import annotations

import http.client
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.server import Server, running_server, wait_until

CLIENTS = 6
DRAIN_SECONDS = 1.0


class Visitors:
    """Clients that ask again and again until the port is closed; ``outcomes`` counts what they met."""

    def __init__(self, server: Server) -> None:
        where = urlsplit(server.address)
        self._host, self._port = where.hostname or "", where.port or 0
        self.outcomes: Counter[str] = Counter()
        self._threads = [
            threading.Thread(target=self._visit, args=(visit,), daemon=True)
            for visit in (self._new_connection, self._kept_connection)
            for _ in range(CLIENTS // 2)
        ]
        for thread in self._threads:
            thread.start()

    def gone(self, seconds: float) -> bool:
        """Wait until all were refused."""
        for thread in self._threads:
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads)

    def _visit(self, visit: Callable[[], None]) -> None:
        try:
            while True:
                visit()
        except ConnectionRefusedError:
            self.outcomes["refused"] += 1
        except (OSError, http.client.HTTPException) as error:
            self.outcomes[f"lost: {error!r}"] += 1

    def _new_connection(self) -> None:
        with closing(http.client.HTTPConnection(self._host, self._port, timeout=20)) as connection:
            connection.connect()
            self._ask(connection)

    def _kept_connection(self) -> None:
        with closing(http.client.HTTPConnection(self._host, self._port, timeout=20)) as connection:
            connection.connect()
            while self._ask(connection):
                pass

    def _ask(self, connection: http.client.HTTPConnection) -> bool:
        """Whether the connection is kept."""
        connection.request("GET", "/live")
        answer = connection.getresponse()
        answer.read()
        self.outcomes[str(answer.status)] += 1
        return not answer.will_close


def test_a_server_that_stops_says_so_and_answers_everybody(tmp_path: Path) -> None:
    environment = {"VIDEOCRAFT_DRAIN_SECONDS": str(DRAIN_SECONDS)}
    with running_server(tmp_path / "data", workers=0, environment=environment) as server:
        assert server.http.get("/ready").status_code == 200
        visitors = Visitors(server)
        wait_until(lambda: visitors.outcomes["200"] > 200, 20, "the load")
        told = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: server.http.get("/ready").status_code == 503, 20, "the news for the balancer")
        answer = server.http.get("/ready")
        assert "stopping" in answer.text
        assert answer.headers["connection"] == "close"
        assert visitors.gone(30)
        server.process.wait(30)
        assert time.monotonic() - told >= DRAIN_SECONDS
    assert set(visitors.outcomes) == {"200", "refused"}, visitors.outcomes
    assert server.process.returncode == 0
