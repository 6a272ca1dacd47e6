"""Five gigabytes in parts by four clients, beside nginx writing the same with PUT.

``python -m benchmarks.load_upload [--gigabytes N] [--clients N] [--rounds N] [--cache FOLDER]``: each client
uploads its own recording through the sessions family (init, parts, complete), then PUTs the same bytes into
nginx's ``dav`` module; both write into the same file system, in turn. Our answers mean that the bytes are on
the disk, nginx's that they are in the page cache: its files are synced within its time. nginx has to be on
the PATH (Debian: ``nginx-light``); without it the disk's own write is what is compared with. Prints Markdown;
the promise is 0.8 times nginx's speed and no more than 64 MB of further server memory.
"""

from __future__ import annotations

import argparse
import grp
import http.client
import os
import pwd
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from tests.support.daemons import free_ports
from tests.support.memory import MemorySampler, memory
from tests.support.server import Server, running_server

KEY = "benchmark-key"
GOAL, GOAL_MB = 0.8, 64
_CONFIG = """
daemon off; user {user} {group}; worker_processes {workers}; error_log {folder}/error.log; pid {folder}/pid;
events {{ worker_connections 256; }}
http {{
    access_log off; client_max_body_size 0; client_body_temp_path {folder}/body; client_body_buffer_size 256k;
    proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; root {folder}/root; dav_methods PUT; create_full_put_path on; }}
}}
"""


def send(host: str, port: int, path: str, source: Path, start: int, size: int) -> str:
    """PUT ``size`` bytes of a file; the ETag of the answer, if it has one."""
    connection = http.client.HTTPConnection(host, port, timeout=600)
    connection.connect()
    connection.putrequest("PUT", path)
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    with source.open("rb") as file:
        connection.sock.sendfile(file, start, size)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status in {200, 201, 204}, (answer.status, body[:300])
    connection.close()
    return answer.headers.get("ETag", "")


def upload(server: Server, session_id: str, label: str, source: Path) -> None:
    """One recording in parts, as the contract has it."""
    size = source.stat().st_size
    path = f"/v2/sessions/{session_id}/assets"
    wanted = {"cameraLabel": label, "filename": "load.mp4", "contentType": "video/mp4", "sizeBytes": size}
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=server.address, timeout=600, trust_env=False, headers=headers) as http_client:
        begun = http_client.post(f"{path}/init-upload", json=wanted).raise_for_status().json()
        part, listed = begun["partSizeBytes"], []
        for one in begun["parts"]:
            start = (one["partNumber"] - 1) * part
            where = urlsplit(one["uploadUrl"])
            etag = send(
                where.hostname or "",
                where.port or 0,
                f"{where.path}?{where.query}",
                source,
                start,
                min(part, size - start),
            )
            listed.append({"partNumber": one["partNumber"], "etag": etag})
        done = {"uploadId": begun["uploadId"], "parts": listed}
        http_client.post(f"{path}/{begun['assetId']}/complete", json=done).raise_for_status()


def together(clients: int, one: Callable[[int], None]) -> float:
    """Seconds that all clients need side by side."""
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            one(number)
        except BaseException as error:  # noqa: BLE001 - it is raised below, in the thread that waits
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - began


@contextmanager
def nginx(folder: Path) -> Iterator[int]:
    """A running nginx that keeps what is PUT; its port."""
    (port,) = free_ports(1)
    (folder / "root").mkdir(parents=True)
    config = folder / "nginx.conf"
    user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
    config.write_text(
        _CONFIG.format(folder=folder, port=port, workers=os.cpu_count(), user=user, group=group)
    )
    process = subprocess.Popen([NGINX or "", "-p", str(folder), "-c", str(config)], stdin=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(30)


NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def by_us(sources: Sequence[Path], folder: Path) -> tuple[float, float]:
    """(seconds, MB of further memory) of one round through the server."""
    settings = {"VIDEOCRAFT_API_KEY": KEY}
    with running_server(folder / "data", workers=0, environment=settings) as server:
        server.http.headers["Authorization"] = f"Bearer {KEY}"
        made = server.http.post(
            "/v2/sessions", json={"title": "Load", "date": "2026-02-03", "projectId": "load"}
        )
        session_id = made.json()["id"]
        before = memory(server.process.pid).total
        with MemorySampler(server.process.pid) as sampler:
            seconds = together(
                len(sources), lambda n: upload(server, session_id, chr(ord("A") + n), sources[n])
            )
        return seconds, (sampler.peak.total - before) / 1e6


def by_nginx(sources: Sequence[Path], folder: Path) -> float:
    """Seconds of one round into nginx."""
    with nginx(folder / "nginx") as port:

        def put(number: int) -> None:
            source = sources[number]
            send("127.0.0.1", port, f"/{number}.mp4", source, 0, source.stat().st_size)
            with (folder / "nginx" / "root" / f"{number}.mp4").open("rb") as file:
                os.fsync(file.fileno())

        return together(len(sources), put)


def by_disk(sources: Sequence[Path], folder: Path) -> float:
    """Seconds of copying the files with plain writes."""
    folder.mkdir(exist_ok=True)
    return together(len(sources), lambda n: shutil.copyfile(sources[n], folder / str(n)) and None)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the report to standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load_upload", description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=5.0, help="of all clients together")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"), help="the disk to write to")
    options = parser.parse_args(arguments)
    options.cache.mkdir(parents=True, exist_ok=True)
    size = int(options.gigabytes * 1e9 / options.clients)
    rival = "nginx" if NGINX else "the disk's own write"
    with tempfile.TemporaryDirectory(dir=options.cache.absolute(), prefix="upload-") as name:
        folder = Path(name)
        sources = [folder / f"source-{number}" for number in range(options.clients)]
        for source in sources:
            _write(source, size)
        ours, theirs, growth = [], [], []
        for number in range(options.rounds):
            place = folder / str(number)
            place.mkdir()
            seconds, megabytes = by_us(sources, place)
            ours.append(seconds)
            growth.append(megabytes)
            shutil.rmtree(place / "data")
            os.sync()
            theirs.append(by_nginx(sources, place) if NGINX else by_disk(sources, place / "disk"))
            shutil.rmtree(place)
            os.sync()
    print(f"{options.clients} clients, {options.gigabytes:g} GB together, {options.rounds} rounds in turn")
    print("| way | MB/s | seconds |")
    print("| --- | ---: | ---: |")
    for way, rounds in (("VideoCraft, parts", ours), (rival, theirs)):
        best = min(rounds)
        print(
            f"| {way} | {options.gigabytes * 1000 / best:.0f} | {', '.join(f'{one:.1f}' for one in rounds)} |"
        )
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(f"{ratio:.2f} x {rival} (goal {GOAL}); server memory +{max(growth):.0f} MB (goal {GOAL_MB})")


def _write(path: Path, size: int) -> None:
    block = os.urandom(2**20)
    with path.open("wb") as file:
        for start in range(0, size, len(block)):
            file.write(block[: size - start])


if __name__ == "__main__":
    main()
