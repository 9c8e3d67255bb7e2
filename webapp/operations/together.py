"""Several threads' operations in one transaction: who waits for the writer anyway is taken along.

A commit costs as much for four reports as for two, and the turn is handed over once. (Databases call it group
commit; that one thread runs the others' operations is flat combining, Hendler et al. 2010.)
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock
from typing import Any

from webapp.operations.work import Work
from webapp.store.session import StoreBusy

log = logging.getLogger("hoidap.together")
Run = Callable[[Callable[[datetime], Work]], None]


@dataclass(slots=True)
class _Turn:
    now: datetime
    operation: Callable[[Work], Any]
    over: Event = field(default_factory=Event)
    written: bool = False
    result: Any = None
    busy: StoreBusy | None = None


class Together:
    """One queue of a process. `transaction` runs what it is given in one transaction and commits it."""

    def __init__(self, transaction: Callable[[Run], None]) -> None:
        self._transaction = transaction
        self._mutex = Lock()
        self._waiting: list[_Turn] = []

    def write(self, now: datetime, operation: Callable[[Work], Any]) -> tuple[bool, Any]:
        """(True, result) once it is committed. (False, None): it is to be run alone, for nothing of it was,
        or what follows a commit failed. Raises StoreBusy: whoever leads waited as long as anybody may."""
        mine = _Turn(now, operation)
        with self._mutex:
            self._waiting.append(mine)
            leads = len(self._waiting) == 1
        if leads:
            self._lead()
        else:
            mine.over.wait()
        if mine.busy is not None:
            raise StoreBusy(*mine.busy.args) from mine.busy
        return mine.written, mine.result if mine.written else None

    def _lead(self) -> None:
        """Wait for the writer with whoever comes meanwhile. Who comes after `_all` leads the next."""
        turns: list[_Turn] = []

        def run(work_at: Callable[[datetime], Work]) -> None:
            turns.extend(self._all())
            for turn in turns:
                turn.result = turn.operation(work_at(turn.now))

        try:
            self._transaction(run)
            for turn in turns:
                turn.written = True
        except StoreBusy as busy:
            turns = turns or self._all()
            for turn in turns:
                turn.busy = busy
        except ExceptionGroup as failures:
            kinds = sorted({type(failure).__name__ for failure in failures.exceptions})
            log.error("%d written together, but what follows failed: %s", len(turns), ", ".join(kinds))
        except Exception as failure:
            # Whose fault it was shows when each is run by itself.
            log.debug("%d together failed: %s", len(turns), type(failure).__name__)
        finally:
            for turn in turns or self._all():
                turn.over.set()

    def _all(self) -> list[_Turn]:
        with self._mutex:
            turns, self._waiting = self._waiting, []
        return turns
