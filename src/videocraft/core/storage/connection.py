"""A connection to a checked address, on which no wait is longer than it may be.

Nothing here blocks: every read and write is tried, and waited for in slices between which the limits and
``should_stop`` are looked at. A server that trickles, stalls or never ends runs into one of them.
"""

from __future__ import annotations

import errno
import io
import queue
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from videocraft.core.storage import addresses
from videocraft.core.storage.targets import Refusal, Target
from videocraft.media.process import Stopped

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Resolver = Callable[[str, int], Sequence[str]]
"""Addresses of a host, as text; OSError when there are none."""

_SLICE_SECONDS = 0.2
_MAX_ADDRESSES = 4


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much one fetch may take."""

    max_bytes: int
    seconds: float
    """All of it, redirects included."""
    connect_seconds: float = 10.0
    """For the resolver, and for each address that is tried."""
    idle_seconds: float = 20.0
    """Without a single byte."""
    window_seconds: float = 30.0
    window_bytes: int = 32 * 1024
    """Fewer bytes than this in every window, and the server trickles."""
    max_redirects: int = 5


class Patience:
    """The limits of one fetch, and how much of them is used up."""

    def __init__(self, limits: FetchLimits, should_stop: Callable[[], bool]) -> None:
        self.limits = limits
        self._should_stop = should_stop
        self._deadline = time.monotonic() + limits.seconds
        self._last_byte = self._window_start = time.monotonic()
        self._window_bytes = 0

    def check(self) -> None:
        """Raise when the time is over or the work is to stop."""
        if self._should_stop():
            raise Stopped
        if time.monotonic() > self._deadline:
            raise Refusal(f"it took longer than {self.limits.seconds:g} seconds")

    def start_waiting(self) -> None:
        """The server's turn begins."""
        self._last_byte = self._window_start = time.monotonic()
        self._window_bytes = 0

    def waited(self) -> None:
        """Look at all limits after a slice without a byte."""
        self.check()
        if time.monotonic() - self._last_byte > self.limits.idle_seconds:
            raise Refusal(f"the server sent nothing for {self.limits.idle_seconds:g} seconds")

    def received(self, count: int) -> None:
        """Count bytes, and look at all limits."""
        self.check()
        now = self._last_byte = time.monotonic()
        self._window_bytes += count
        if now - self._window_start > self.limits.window_seconds:
            if self._window_bytes < self.limits.window_bytes:
                raise Refusal("the server sends too slowly")
            self._window_start, self._window_bytes = now, 0


def system_resolver(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


def connect(
    target: Target,
    *,
    resolver: Resolver,
    patience: Patience,
    is_allowed: bool,
    tls: Callable[[], ssl.SSLContext],
) -> Stream:
    """A connection to the host of ``target``: resolved once, every address checked, one connected to.

    Args:
        is_allowed: the operator lets this host and port through, whatever its addresses are.
        tls: makes what an https server's certificate is verified with.

    Raises:
        Refusal: there is no address, one is not public, none answers, or the certificate is wrong.
        Stopped: the work is to stop.
    """
    found = _checked(_resolve(target, resolver, patience), is_allowed=is_allowed)
    reason = ""
    for address in found[:_MAX_ADDRESSES]:
        try:
            return _connect_to(address, target, patience, tls)
        except OSError as error:
            reason = _why(error)
    raise Refusal(reason)


def _connect_to(
    address: addresses.Address, target: Target, patience: Patience, tls: Callable[[], ssl.SSLContext]
) -> Stream:
    """A connection to one address.

    Raises:
        OSError: it could not be made.
    """
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    kind = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    stream = Stream(socket.socket(family, kind), patience)
    try:
        stream.connect(str(address), target.port)
        if target.scheme == "https":
            stream.start_tls(tls(), target.host)
    except BaseException:
        stream.close()
        raise
    return stream


def _resolve(target: Target, resolver: Resolver, patience: Patience) -> list[str]:
    """Ask the resolver in a thread: it can't be told to be quick, or to stop."""
    if addresses.parse(target.host) is not None:
        return [target.host]
    answers: queue.SimpleQueue[Sequence[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(target.host, target.port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    until = time.monotonic() + patience.limits.connect_seconds
    while True:
        patience.check()
        try:
            answer = answers.get(timeout=_SLICE_SECONDS)
        except queue.Empty:
            if time.monotonic() > until:
                raise Refusal("its host name could not be resolved in time") from None
            continue
        if isinstance(answer, Exception):
            raise Refusal("its host name could not be resolved") from answer
        return list(dict.fromkeys(answer))


def _checked(answers: Sequence[str], *, is_allowed: bool) -> list[addresses.Address]:
    """Every address, when each of them may be reached.

    One that may not refuses them all: a name with public and private addresses is an attempt, or a mistake.
    """
    found = []
    for answer in answers:
        address = addresses.parse(answer)
        kind = "not an address" if address is None else addresses.why_not_public(address)
        if address is None or (kind is not None and not is_allowed):
            raise Refusal(f"its address is not a public one ({kind})")
        found.append(address)
    if not found:
        raise Refusal("its host name could not be resolved")
    return found


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "no secure connection could be made with the server"
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    if error.errno == errno.ECONNREFUSED:
        return "the server refused the connection"
    return "the server could not be reached"


class Stream(io.RawIOBase):
    """The bytes of one connection. Reading gives no bytes once the server has closed its side."""

    def __init__(self, raw: socket.socket, patience: Patience) -> None:
        super().__init__()
        self._socket = raw
        self._patience = patience

    def connect(self, address: str, port: int) -> None:
        """Connect to an address, within its own time limit.

        Raises:
            OSError: it could not be reached, or not in time.
        """
        code = self._socket.connect_ex((address, port))
        if code == errno.EINPROGRESS:
            self._wait_until(time.monotonic() + self._patience.limits.connect_seconds, for_reading=False)
            code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, "could not connect")

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Speak TLS from here on, with a server that proves to be ``host``.

        Raises:
            OSError: it does not, or not in time.
        """
        wrapped = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
        self._socket = wrapped
        until = time.monotonic() + self._patience.limits.connect_seconds
        while True:
            try:
                wrapped.do_handshake()
            except ssl.SSLWantReadError:
                self._wait_until(until, for_reading=True)
            except ssl.SSLWantWriteError:
                self._wait_until(until, for_reading=False)
            else:
                return

    def send_all(self, data: bytes) -> None:
        """Send all of ``data``."""
        view = memoryview(data)
        self._patience.start_waiting()
        while view:
            try:
                view = view[self._socket.send(view) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._wait(for_reading=False)
            except ssl.SSLWantReadError:
                self._wait(for_reading=True)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """See ``io.RawIOBase``."""
        while True:
            try:
                count = self._socket.recv_into(buffer)
            except (BlockingIOError, ssl.SSLWantReadError):
                self._wait(for_reading=True)
            except ssl.SSLWantWriteError:
                self._wait(for_reading=False)
            except ssl.SSLZeroReturnError:
                return 0
            else:
                self._patience.received(count)
                return count

    def makefile(self, mode: str) -> io.BufferedReader:
        """What ``http.client`` reads a response from."""
        if mode != "rb":
            raise ValueError(f"mode must be 'rb', not {mode!r}")
        return io.BufferedReader(self, 64 * 1024)

    def close(self) -> None:
        """Give the connection back."""
        self._socket.close()
        super().close()

    def _wait(self, *, for_reading: bool) -> None:
        if not self._is_ready(for_reading=for_reading):
            self._patience.waited()

    def _wait_until(self, until: float, *, for_reading: bool) -> None:
        while not self._is_ready(for_reading=for_reading):
            self._patience.check()
            if time.monotonic() > until:
                raise TimeoutError("the time to connect is over")

    def _is_ready(self, *, for_reading: bool) -> bool:
        # poll, not select: the latter can't take descriptors from 1024 on.
        poll = select.poll()
        poll.register(self._socket, select.POLLIN if for_reading else select.POLLOUT)
        return bool(poll.poll(_SLICE_SECONDS * 1000))
