"""Templates compiled once for all applications of one process, and for the processes forked from it.

Flask keeps compiled templates with the application, so that each new one begins anew: a third of what a test
of a page cost.
"""

from __future__ import annotations

from types import CodeType

from jinja2.bccache import Bucket, BytecodeCache


class _Memory(BytecodeCache):
    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = _Memory()
