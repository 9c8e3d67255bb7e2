"""Ways out of the house. A channel takes a letter or raises; the sender counts, waits and parks."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from webapp.config import Config
from webapp.notify.letters import Letter
from webapp.notify.reporters import Opener, Reporters

STAFF, REPORTER = "staff", "reporter"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class Channel(Protocol):
    """Hands a letter on. Called again with the same id when it is not known whether it arrived."""

    def deliver(self, letter: Letter) -> None: ...


class Files:
    """One text file a letter, whole or not at all; the same id gives the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, letter: Letter) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=self._folder, prefix=".", encoding="utf-8", delete=False
        ) as file:
            try:
                file.write(f"Message-ID: {letter.id}\nSubject: {letter.subject}\n\n{letter.body}")
                file.flush()  # no fsync: a demonstration's letters need not outlive a power cut
                Path(file.name).replace(self._folder / file_name(letter.id))
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise


def file_name(id: str) -> str:
    """A name that stays inside its folder, whatever the id holds."""
    return _UNSAFE.sub("_", id).lstrip(".")[:150] + ".txt"


def default_channels(config: Config, opener: Opener | None = None) -> Mapping[str, Channel | None]:
    """For staff the outbox row is the message, which the desk lists. Reporters get mail or a message; a demo
    sends to nobody: what would go to them lies in the data folder."""
    reporters = Files(config.data / "outbox") if config.demo else Reporters(config, opener)
    return {STAFF: None, REPORTER: reporters}
