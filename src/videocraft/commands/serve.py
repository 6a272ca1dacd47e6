"""``videocraft serve``: one process that answers HTTP and looks after its worker processes."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

from videocraft import telemetry
from videocraft.commands import CommandFailed, datadir, lean
from videocraft.commands.options import load_settings, start_logging
from videocraft.commands.supervisor import Supervisor, worker_command

if TYPE_CHECKING:
    from videocraft.commands.server import Server
    from videocraft.services import Services
    from videocraft.settings import Settings

READY_PREFIX = "VideoCraft listens on "
"""How the start-up line with the address begins; `demo` reads it."""
BACKLOG = 2048


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    The order matters: the port is bound before anything slow is imported, so that whoever connects early
    waits instead of being refused, and every reason not to start is found before a process is started.

    Raises:
        CommandFailed: the port, the data directory or the database can't be used.
    """
    datadir.prepare(settings.data_dir)
    lock = datadir.ServerLock.take(settings.data_dir)
    try:
        with bind(settings.host, settings.port) as listener:
            # Links in answers name the port, and workers make links too: port 0 has become a real one.
            settings = load_settings(port=listener.getsockname()[1])
            address = address_of(listener, settings.host)
            lock.note(address)
            _serve(settings, listener, address)
    finally:
        lock.release()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    Raises:
        CommandFailed: the name is unknown, or the port is taken or not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror:
        raise CommandFailed(f"The host {host!r} is no address of this machine", exit_code=2) from None
    family, kind, protocol, _, where = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        # A port whose last server has just ended is free at once; one that is in use is still refused.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise CommandFailed(_bind_problem(error, host, port)) from None
    return listener


def _bind_problem(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; stop what uses it or choose another with --port"
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}; choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine; choose another with --host"
    return f"Can't listen on {host} port {port}: {os.strerror(error.errno or errno.EIO)}"


def address_of(listener: socket.socket, host: str) -> str:
    """The URL under which ``listener`` is reached from this machine."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - it is only read
    return f"http://{name}:{listener.getsockname()[1]}"


def _serve(settings: Settings, listener: socket.socket, address: str) -> None:
    from uvicorn.loops.auto import auto_loop_factory

    # Nothing that is imported is garbage, and looking for some takes a tenth of the start.
    gc.disable()
    start_logging(settings)
    from videocraft.commands.database import open_services

    telemetry.start("server")
    services = open_services(settings)
    try:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(_main(services, listener, address))
    finally:
        telemetry.stop()


async def _main(services: Services, listener: socket.socket, address: str) -> None:
    settings = services.settings
    supervisor = Supervisor(worker_command(str(settings.data_dir)), own_workers(settings))
    supervisor.start()
    try:
        # One turn of the loop starts the processes; they import while this one does, below.
        await asyncio.sleep(0)
        lean.import_fastapi()
        from videocraft.commands.server import make_server

        server = make_server(services, on_ready=lambda: _announce(services, address))
        gc.freeze()
        gc.enable()
        _stop_on_signals(server, supervisor)
        await server.serve(sockets=[listener])
    finally:
        await supervisor.stop()


def own_workers(settings: Settings) -> int:
    """How many worker processes the server looks after: none when the queue is Redis."""
    return settings.workers if settings.is_embedded else 0


def _stop_on_signals(server: Server, supervisor: Supervisor) -> None:
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if server.should_exit:
            server.force_exit = True
            supervisor.kill()
        else:
            server.should_exit = True
            supervisor.ask_to_stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)


def _announce(services: Services, address: str) -> None:
    settings = services.settings
    facts = {
        "documentation": f"{address}/docs",
        "data directory": str(settings.data_dir),
        "media root": settings.storage_url if settings.is_s3 else str(settings.media_root),
        "workers": str(own_workers(settings)),
        "API key": _where_the_key_is(settings),
        "open without": ", ".join(sorted(settings.open_families)) or "nothing",
    }
    lines = [f"{READY_PREFIX}{address}", *(f"  {name:<16}{value}" for name, value in facts.items())]
    if services.new_key is not None:
        lines.append(f"  The key was just made and is shown this once: {services.new_key}")
    if own_workers(settings) == 0:
        lines.append("  Jobs wait until `videocraft worker` runs: this server has no workers of its own")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _where_the_key_is(settings: Settings) -> str:
    from videocraft.services import KEY_FILE

    if settings.api_key is not None:
        return "the value of VIDEOCRAFT_API_KEY"
    path = settings.data_dir / KEY_FILE
    return f"in {path}" if path.exists() else "see `videocraft keys list`"
