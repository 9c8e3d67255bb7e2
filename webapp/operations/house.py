"""One process's means: law, store, vault and files, and the two ways to work with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from webapp.config import Config
from webapp.operations.work import Work
from webapp.regulations.installation import Installation
from webapp.regulations.load import load_installation
from webapp.store.chosen_media import PUBLIC, SEALED, open_media
from webapp.store.keyring import MasterKeys
from webapp.store.limits import Limits
from webapp.store.media import MediaStore
from webapp.store.sealing import Keys, Vault
from webapp.store.session import Store

Result = TypeVar("Result")
ATTEMPTS = 3


class House:
    """Made once per process. `clock` gives the present instant in UTC; only doors and the worker ask it."""

    def __init__(self, config: Config, clock: Callable[[], datetime]) -> None:
        self.config = config
        self.clock = clock

    # Opened when first asked for, so that a command which needs no database leaves no folder behind.

    @cached_property
    def law(self) -> Installation:
        return load_installation(self.config.installation)

    @cached_property
    def keys(self) -> Keys:
        return Keys.load_or_create(self.config.keys_folder)

    @cached_property
    def masters(self) -> MasterKeys:
        _ = self.keys  # they are made together at the first start
        return MasterKeys.load(self.config.keys_folder)

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.keys, self.masters)

    @cached_property
    def store(self) -> Store:
        return Store(self.config)

    @cached_property
    def media(self) -> MediaStore:
        return open_media(self.config, SEALED)

    @cached_property
    def public_media(self) -> MediaStore:
        return open_media(self.config, PUBLIC)

    @cached_property
    def limits(self) -> Limits:
        return Limits(self.config.data / "limits.db")

    def work(self, session: Session, now: datetime) -> Work:
        return Work(session, self.law, self.vault, self.media, self.public_media, now)

    @contextmanager
    def reading(self, now: datetime) -> Iterator[Work]:
        """Look without touching: a session that can write nothing."""
        with self.store.reader() as session:
            yield self.work(session, now)

    def write(self, now: datetime, operation: Callable[[Work], Result]) -> Result:
        """Run one operation in one transaction; again when somebody else wrote the same thing first.

        What the operation raises rolls everything back and is raised on.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.store.writer() as session:
                    return operation(self.work(session, now))
            except (IntegrityError, OperationalError) as error:
                if attempt == ATTEMPTS or not _worth_another_try(error):
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.store.close()


def _worth_another_try(error: IntegrityError | OperationalError) -> bool:
    """A broken unique key, a deadlock or a serialisation failure: the second try sees what was written."""
    state = getattr(error.orig, "sqlstate", None)
    return isinstance(error, IntegrityError) or state in {"40001", "40P01"}
