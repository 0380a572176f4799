"""A mail server on loopback that says yes to everything, and counts what it took by Message-ID."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NAMED = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
END = b"\r\n.\r\n"


class Sink:
    """What arrived; read it from any thread."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: Counter[bytes] = Counter()

    @property
    def messages(self) -> int:
        """How many different messages it has."""
        return len(self.taken)

    @property
    def repeats(self) -> int:
        """How many messages came once more than they should have."""
        return self.taken.total() - len(self.taken)


class _Talk(asyncio.Protocol):
    """One connection. A message counts before the server says yes: whoever is killed meanwhile cannot know."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.heard = b""
        self.in_message = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody calls."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer whatever has been said to its end."""
        self.heard += data
        while (end := END if self.in_message else b"\r\n") in self.heard:
            said, _, self.heard = self.heard.partition(end)
            self.transport.write(self._keep(said) if self.in_message else self._answer(said))

    def _keep(self, message: bytes) -> bytes:
        self.in_message = False
        named = NAMED.search(message)
        self.sink.taken[named[1] if named else b""] += 1
        return b"250 kept\r\n"

    def _answer(self, line: bytes) -> bytes:
        word = line[:4].upper()
        self.in_message = word == b"DATA"
        return {b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n")


@contextmanager
def listening() -> Iterator[Sink]:
    """A sink that runs meanwhile, in a thread of its own."""
    sink, listens = Sink(), threading.Event()
    ends: list[Callable[[], object]] = []

    async def run() -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        ends.append(lambda: loop.call_soon_threadsafe(ended.set))
        server = await loop.create_server(lambda: _Talk(sink), "127.0.0.1", 0)
        sink.port = server.sockets[0].getsockname()[1]
        listens.set()
        await ended.wait()
        server.close()
        await asyncio.sleep(0.1)  # for goodbyes

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    listens.wait()
    try:
        yield sink
    finally:
        ends[0]()
        thread.join()
