"""A small TCP proxy that loses answers: the server has done its work, the client never hears of it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from dataclasses import dataclass, field

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Proxy:
    """Listens on a port of its own. Of connections that post, `lose` of them are cut once the answer came."""

    target: int
    lose: float
    port: int = 0
    lost: int = 0
    cut_after: int = 0  # bytes of the answer let through before the cut
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _ready: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._run, daemon=True).start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            above, below = await asyncio.open_connection("127.0.0.1", self.target)
            down = asyncio.create_task(self._answers(above, writer))
            while data := await reader.read(65536):
                if data.startswith(b"POST") and random.random() < self.lose:
                    down.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await down
                    await self._lose(data, (reader, writer), (above, below))
                    break
                below.write(data)
                await below.drain()
            below.close()
        writer.close()

    async def _lose(self, data: bytes, client: Streams, server: Streams) -> None:
        """Browsers keep a connection: any of its requests may be the one whose answer is lost."""
        (reader, writer), (above, below) = client, server
        below.write(data)
        up = asyncio.create_task(self._pass(reader, below))
        answer = await above.read(65536)  # the server has committed and said so
        writer.write(answer[: random.choice((0, self.cut_after))])
        self.lost += 1
        up.cancel()

    async def _answers(self, above: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._pass(above, writer)
        writer.close()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
