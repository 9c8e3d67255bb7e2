"""`flask worker`: clocks that fall due, photos to redraw, notices to send."""

from __future__ import annotations

import logging
import signal
import threading

import click

from webapp.cli.means import open_house
from webapp.notify.send import make_sender
from webapp.operations import clock, photos
from webapp.operations.house import House

log = logging.getLogger("hoidap.worker")
PAUSE_S = 1.0
BATCH = 200


def tick(house: House) -> int:
    """Record clocks that fell due, at most BATCH of them; returns how many were recorded.

    A clock that cannot be recorded is parked, so that it stalls no other.
    """
    done = 0
    for _ in range(BATCH):
        now = house.clock()
        claimed = house.write(now, clock.claim_due)
        if claimed is None:
            break
        case_id, no = claimed
        try:
            done += house.write(now, lambda work: clock.record_breach(work, case_id, no))  # noqa: B023
        except Exception as error:
            log.exception("clock %s of case %s is parked", no, case_id)
            why = type(error).__name__
            house.write(now, lambda work: clock.park(work, case_id, no, why))  # noqa: B023
    return done


def redraw(house: House) -> bool:
    """Redraw one waiting photo; False when none waits."""
    photo = house.write(house.clock(), photos.next_pending)
    if photo is None:
        return False
    try:
        copies = photos.redraw(photos.original_of(house.vault, house.media, photo))
    except photos.BadPhoto:
        copies = None
    house.write(house.clock(), lambda work: photos.store_derivatives(work, photo.id, copies))
    return True


def run(house: House, stop: threading.Event) -> None:
    """Work until `stop` is set; what fails is logged and tried again at the next round."""
    sender = make_sender(house.config, house.store, house.law)
    while not stop.is_set():
        busy = False
        for job in (lambda: tick(house), lambda: redraw(house), lambda: sender.send_due(house.clock())):
            try:
                busy = bool(job()) or busy
            except Exception:
                log.exception("a job failed")
        if not busy:
            stop.wait(PAUSE_S)


@click.command("worker")
def worker_command() -> None:
    """Run the worker until it is told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_house() as house:
        run(house, stop)
