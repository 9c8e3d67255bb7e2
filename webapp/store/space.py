"""Room on the disk: how much is left, when reports are no longer taken, and a reserve to recover with.

On a full disk SQLite cannot even delete (measured), so an operator needs some room to do anything at all.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from webapp.config import GIGABYTE, MEGABYTE, Config

SHARE: Final = 0.03
LEAST: Final = 200 * MEGABYTE
MOST: Final = 2 * GIGABYTE
RESERVE: Final = 32 * MEGABYTE
_NAME: Final = "reserve"


def free_bytes(config: Config) -> int:
    return shutil.disk_usage(config.data).free


def needed_bytes(config: Config) -> int:
    """What must be left: as set, else 3 % of the disk, at least 200 MB and at most 2 GB."""
    return _needed(config, shutil.disk_usage(config.data).total)


def is_short(config: Config) -> bool:
    """Whether there is too little room to take anything in."""
    disk = shutil.disk_usage(config.data)
    return disk.free < _needed(config, disk.total)


def _needed(config: Config, total: int) -> int:
    if config.min_free_bytes is not None:
        return config.min_free_bytes
    return min(MOST, max(LEAST, int(total * SHARE)))


def make_reserve(config: Config) -> bool:
    """Put the reserve aside, with real blocks behind it; False when there is no room for it now."""
    path = config.data / _NAME
    if path.exists():
        return True
    if free_bytes(config) < needed_bytes(config) + RESERVE:
        return False
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        _fill(descriptor)
    except OSError:
        path.unlink()
        return False
    finally:
        os.close(descriptor)
    return True


def _fill(descriptor: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, RESERVE)
        return
    block = bytes(MEGABYTE)  # macOS knows no fallocate
    for _ in range(RESERVE // MEGABYTE):
        os.write(descriptor, block)


def free_reserve(config: Config) -> bool:
    """Give the reserve back to the disk; False when there is none."""
    path: Path = config.data / _NAME
    existed = path.exists()
    path.unlink(missing_ok=True)
    return existed
