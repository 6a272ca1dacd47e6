"""uvicorn's HTTP/1.1, which lets go of the body of a long upload."""

from __future__ import annotations

import os
import socket

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from videocraft.apis.long_body import TAKE_BODY


class Protocol(HttpToolsProtocol):
    """Offers ``TAKE_BODY`` with every request."""

    def on_message_begin(self) -> None:
        """Begin the scope of a request."""
        super().on_message_begin()
        self.scope["extensions"] = {TAKE_BODY: {"take": self._take_body}}

    def _take_body(self) -> socket.socket | None:
        """See ``TAKE_BODY``."""
        if self.cycle.body or self.scheme == "https":
            return None
        self.flow.pause_reading()
        return socket.socket(fileno=os.dup(self.transport.get_extra_info("socket").fileno()))
