"""The local inbox's server: takes mails on the loopback address and keeps them as files."""

import socket
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from coordinator.notices import inbox


class _Keeper:
    """Writes each mail that arrives into the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Called by the server for each mail."""
        inbox.keep(self.folder, envelope.content)
        return "250 Kept"


class Inbox(Controller):
    """A server on a socket of its own, so that ``port`` is known also where the system chose it."""

    def __init__(self, folder: Path, port: int) -> None:
        self._listening = socket.create_server(("127.0.0.1", port))
        self._listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # answers of several lines
        super().__init__(_Keeper(folder), hostname="127.0.0.1", port=self._listening.getsockname()[1])

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


def open_inbox(folder: Path, port: int = 0) -> Inbox:
    """Start to take mails on 127.0.0.1; ``port`` 0 lets the system choose. Stop it with ``.stop()``.

    Raises OSError where the port is taken.
    """
    server = Inbox(folder, port)
    server.start()
    return server
