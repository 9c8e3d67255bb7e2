"""The segments of a JPEG file, to see that there is nothing in it but what pixels need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

# JFIF header, quantisation and Huffman tables, frame headers, scans, and the end.
BARE: Final = frozenset({0xE0, 0xDB, 0xC4, 0xC0, 0xC2, 0xDD, 0xDA, 0xD9})
_START: Final = b"\xff\xd8"
_SCAN: Final = 0xDA
_END: Final = 0xD9
_RESTARTS: Final = frozenset(range(0xD0, 0xD8))


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and content of each segment; of the last one (the end) whatever follows it in the file.

    ValueError when it is not a JPEG or its segments do not follow one another to the end.
    """
    if not data.startswith(_START):
        raise ValueError("not a JPEG")
    at = 2
    while True:
        if data[at : at + 1] != b"\xff" or at + 1 >= len(data):
            raise ValueError(f"no marker at byte {at}")
        marker = data[at + 1]
        if marker == _END:
            yield marker, data[at + 2 :]
            return
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if size < 2:
            raise ValueError(f"a segment of {size} bytes at byte {at}")
        yield marker, data[at + 4 : at + 2 + size]
        at += 2 + size
        if marker == _SCAN:
            at = _after_scan(data, at)


def is_bare(data: bytes) -> bool:
    """Whether a JPEG holds pixels and nothing else: no EXIF, no XMP, no profile, no comment, no tail."""
    try:
        found = list(segments(data))
    except ValueError:
        return False
    jfif = [content for marker, content in found if marker == 0xE0]
    return (
        {marker for marker, _ in found} <= BARE
        and all(content.startswith(b"JFIF\0") and len(content) == 14 for content in jfif)
        and found[-1][1] == b""
    )


def _after_scan(data: bytes, at: int) -> int:
    """Where the next marker stands behind compressed data, in which FF is followed by 00 or a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise ValueError("the compressed data does not end")
        if data[at + 1] and data[at + 1] not in _RESTARTS:
            return at
        at += 2
