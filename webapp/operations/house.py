"""One process's means: law, store, vault and files, and the two ways to work with them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TypeVar

from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from webapp.config import Config
from webapp.operations.together import Run, Together
from webapp.operations.work import Work
from webapp.regulations.installation import Installation
from webapp.regulations.load import load_installation
from webapp.regulations.rows import DataError
from webapp.store.chosen_media import PUBLIC, SEALED, open_media
from webapp.store.keyring import MasterKeys
from webapp.store.limits import Limits
from webapp.store.media import MediaStore
from webapp.store.queries import calendar
from webapp.store.sealing import Keys, Vault
from webapp.store.session import Store

log = logging.getLogger("hoidap.house")
Result = TypeVar("Result")
ATTEMPTS = 3
LOOK_EVERY_S = 2.0
BROKEN_S = 10.0  # until a directory that could not be read is tried again
_NoTable = (OperationalError, ProgrammingError)


class House:
    """Made once per process. `clock` gives the present instant in UTC; only doors and the worker ask it."""

    def __init__(self, config: Config, clock: Callable[[], datetime]) -> None:
        self.config = config
        self.clock = clock
        self._law: Installation | None = None
        self._looked = 0.0
        self._broken_until = 0.0
        self._together = Together(self._in_one)

    # Opened when first asked for, so that a command which needs no database leaves no folder behind.

    @property
    def law(self) -> Installation:
        """The law with the days off, agencies and areas that were known a moment ago. The one of a `Work`
        is that of its own transaction; this one is for pages that read nothing else."""
        if self._is_old():
            with suppress(*_NoTable):  # a new or an older database: nothing was entered
                if self._has_database():
                    with self.store.reader() as session:
                        self._law_of(session)
            self._law = self._law or self._from_files()
            self._looked = monotonic()
        assert self._law is not None
        return self._law

    def _is_old(self) -> bool:
        return self._law is None or monotonic() - self._looked > LOOK_EVERY_S

    def _law_of(self, session: Session) -> Installation:
        """The law as this session sees it: with every notice of days off that anybody entered so far, and
        the operator's directory as it lies in its folder now."""
        stamp, law, files = calendar.stamp(session), self._law, self._from_files()
        if law is None or law.notices != stamp or (law.shipped or law) is not files:
            law = files
            self._law = law = law.with_notices(calendar.notices(session)) if stamp else law
        self._looked = monotonic()
        return law

    def _from_files(self) -> Installation:
        """The law of the files, with the operator's own agencies and areas; the same object while no file
        is another. A file that somebody broke by hand changes nothing for a process that runs."""
        if self._law is not None and monotonic() < self._broken_until:
            return self._law.shipped or self._law
        try:
            return load_installation(self.config.installation, own=self.config.directory_folder)
        except (DataError, OSError):
            if self._law is None:
                raise
            self._broken_until = monotonic() + BROKEN_S
            log.exception(
                "the directory in %s cannot be read; the last one stays", self.config.directory_folder
            )
            return self._law.shipped or self._law

    def _has_database(self) -> bool:
        url = make_url(self.config.database_url)
        return url.get_backend_name() != "sqlite" or Path(url.database or "").exists()

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
        return self._work(session, self._law_of(session), now)

    def _work(self, session: Session, law: Installation, now: datetime) -> Work:
        return Work(session, law, self.vault, self.media, self.public_media, now)

    @contextmanager
    def reading(self, now: datetime, *, fresh: bool = False) -> Iterator[Work]:
        """Look without touching: a session that can write nothing. Its law may be some seconds old, unless
        it is to be `fresh`; what is written is always by the law of its own transaction."""
        with self.store.reader() as session:
            law = None if fresh or self._is_old() else self._law
            yield self._work(session, law or self._law_of(session), now)

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

    def write_together(self, now: datetime, operation: Callable[[Work], Result]) -> Result:
        """As `write`, in one transaction with what other threads hand in while the writer is busy. When one
        of them fails, nothing is written and each is run by itself: for operations that may begin twice.
        Raises StoreBusy once for everybody who waited."""
        written, result = self._together.write(now, operation)
        return result if written else self.write(now, operation)

    def _in_one(self, run: Run) -> None:
        with self.store.writer() as session:
            law = self._law_of(session)
            run(lambda now: self._work(session, law, now))

    def close(self) -> None:
        if "store" in self.__dict__:  # never opened, never made
            self.store.close()


def _worth_another_try(error: IntegrityError | OperationalError) -> bool:
    """A broken unique key, a deadlock or a serialisation failure: the second try sees what was written."""
    state = getattr(error.orig, "sqlstate", None)
    return isinstance(error, IntegrityError) or state in {"40001", "40P01"}
