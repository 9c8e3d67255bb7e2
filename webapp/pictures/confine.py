"""What a process that decodes strangers' files gives up before it reads the first byte of one."""

from __future__ import annotations

import ctypes
import resource
import struct
import sys
from dataclasses import astuple, dataclass
from typing import Final

_CREATE_RULESET: Final = 444  # the same numbers on every machine Linux runs on
_RESTRICT_SELF: Final = 446
_VERSION: Final = 1
_NO_NEW_PRIVILEGES: Final = 38
_NEW_NETWORK: Final = 0x40000000
_NEW_USER: Final = 0x10000000
MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one child: bytes of address space, seconds of CPU, open files, bytes it may write."""

    memory: int = 1024 * MEGABYTE  # the largest WebP we take needs 838
    cpu_s: int = 10
    files: int = 64
    output: int = 32 * MEGABYTE

    def arguments(self) -> list[str]:
        """As they stand on the child's command line."""
        return [str(value) for value in astuple(self)]


def limit(limits: Limits) -> None:
    """Set the limits for good: soft and hard."""
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_FSIZE, limits.output),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def confine() -> int:
    """Give up network and files where the kernel can do that; returns its Landlock version, or 0.

    Beyond the limits this is a second wall: where a kernel lacks it, the first one stands alone.
    """
    if not sys.platform.startswith("linux"):
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    libc.unshare(_NEW_USER | _NEW_NETWORK)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    version = max(0, libc.syscall(_CREATE_RULESET, None, 0, _VERSION))
    if version:
        rules = _everything(version)
        ruleset = libc.syscall(_CREATE_RULESET, rules, len(rules), 0)
        if ruleset < 0 or libc.syscall(_RESTRICT_SELF, ruleset, 0):
            return 0
    return int(version)


def _everything(version: int) -> bytes:
    """A ruleset that handles all this version knows; as no rule allows anything, all of it is refused."""
    files = 16 if version >= 5 else 15 if version >= 3 else 14 if version == 2 else 13
    network = 2 if version >= 4 else 0
    scopes = 2 if version >= 6 else 0
    values = [(1 << files) - 1, (1 << network) - 1, (1 << scopes) - 1]
    used = 3 if scopes else 2 if network else 1
    return struct.pack(f"{used}Q", *values[:used])
