"""A sealed file read at any place: only the chunks that hold what is asked for are opened."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, Any


class Seekable(io.RawIOBase):
    """A file of a known size that is read from any place on; `readinto` is its own."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at


class OpenedFile(Seekable):
    """The plaintext of a sealed file, seekable; `size` is how long it is.

    `open_chunk` opens chunk n of `source`. One chunk is kept, so reading on costs no chunk twice.
    Whatever `open_chunk` raises, reading raises.
    """

    def __init__(self, source: IO[bytes], open_chunk: Callable[[int], bytes], chunk: int, size: int) -> None:
        super().__init__(size)
        self._source = source
        self._open_chunk = open_chunk
        self._chunk = chunk
        self._kept = (-1, b"")

    def readinto(self, buffer: Any, /) -> int:
        """Up to the end of a chunk at once, as raw files may."""
        wanted = min(len(buffer), self.size - self._at)
        if wanted <= 0:
            return 0
        number, begin = divmod(self._at, self._chunk)
        if self._kept[0] != number:
            self._kept = (number, self._open_chunk(number))
        found = self._kept[1][begin : begin + wanted]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()
