"""`flask worker`: clocks that fall due, photos to redraw, letters to send, files to sweep, cases to move."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import click
from sqlalchemy.exc import OperationalError

from webapp.cli.means import open_house
from webapp.config import Config
from webapp.notify.reporters import Contact, Opener
from webapp.notify.send import make_sender
from webapp.operations import (
    callbacks,
    clock,
    erasure_log,
    files,
    health,
    letters,
    photos,
    recount,
    redrawing,
    scrubbing,
    succession,
    uploads,
)
from webapp.operations.house import House
from webapp.operations.photos import BadPhoto
from webapp.operations.work import Work
from webapp.pictures.pool import Broke, Pool
from webapp.status import log as log_lines
from webapp.store import models
from webapp.store.sealing import Unsealable
from webapp.store.session import StoreBusy

log = logging.getLogger("hoidap.worker")
PAUSE_S = 1.0
BATCH = 200
Claim = Callable[[Work], tuple[int, int] | None]
Record = Callable[..., bool]


def tick(house: House) -> int:
    """Record clocks that fell due or soon will, at most BATCH of each; returns how many were recorded.

    A clock that cannot be recorded is parked, so that it stalls no other.
    """
    done = 0
    for claim, told in ((clock.claim_due, clock.record_breach), (clock.claim_warning, clock.record_warning)):
        done += _record(house, claim, told)
    return done


def _record(house: House, claim: Claim, told: Record) -> int:
    done = 0
    for _ in range(BATCH):
        now = house.clock()
        claimed = house.write(now, claim)
        if claimed is None:
            break
        case_id, no = claimed
        try:
            done += house.write(now, partial(told, case_id=case_id, no=no))
        except (StoreBusy, OperationalError):
            raise  # a passing fault: the lease runs out and the clock is tried again
        except Exception as error:
            log.exception("clock %s of case %s is parked", no, case_id)
            why = type(error).__name__
            house.write(now, partial(clock.park, case_id=case_id, no=no, why=why))
    return done


def redraw(house: House, pool: Pool) -> bool:
    """Redraw as many waiting photos as there are children; False when none waits."""
    waiting = [photo for _ in range(pool.size) if (photo := house.write(house.clock(), photos.next_pending))]
    if not waiting:
        return False
    with ThreadPoolExecutor(len(waiting)) as threads:
        for outcome in [threads.submit(redraw_one, house, pool, photo) for photo in waiting]:
            outcome.result()
    return True


def redraw_one(house: House, pool: Pool, photo: models.Photo) -> None:
    """Have a claimed photo redrawn in a child, put the copies on disk, and then say so in its row."""
    try:
        copies = pool.redraw(photos.original_of(house.vault, house.media, photo))
        with house.reading(house.clock()) as work:
            derivatives = photos.keep_copies(work, photo.id, copies)
    except BadPhoto as bad:
        log.info("photo %s cannot be redrawn: %s", photo.id, bad.code)
        house.write(house.clock(), lambda work: redrawing.failed(work, photo.id))
    except Broke as fault:
        log.warning("a child broke on photo %s: %s", photo.id, fault.code)
        house.write(house.clock(), lambda work: redrawing.broke(work, photo.id))
    except (FileNotFoundError, Unsealable):
        log.exception("the original of photo %s is lost, or a key of it", photo.id)
        house.write(house.clock(), lambda work: redrawing.broke(work, photo.id))
    else:
        house.write(house.clock(), lambda work: redrawing.done(work, photo.id, derivatives))


def sweep(house: House) -> bool:
    """Once an hour, whoever of several workers comes first: see `files.sweep`. Never counts as busy."""
    now = house.clock()
    with house.reading(now) as work:
        due = files.is_due(work)
    if due:
        house.write(now, clock.forget_the_old)
        house.write(now, callbacks.close_the_old)
        swept = files.sweep(house, now)
        log.info("swept %s drafts and %s files", swept.drafts, swept.files)
    return False


def opener(house: House) -> Opener:
    """Finds how to reach a reporter, at the moment their letter leaves and not before."""

    def contact(case_id: int, no: int) -> Contact:
        with house.reading(house.clock()) as work:
            person = letters.addressee(work, case_id, no)
        return Contact(person.email, person.phone) if person else Contact()

    return contact


def run(house: House, stop: threading.Event) -> None:
    """Work until `stop` is set; what fails is logged and tried again at the next round."""
    sender = make_sender(house.config, house.store, house.law, opener(house))
    heart = health.Heart()
    erased, scrubber = erasure_log.Follower(), scrubbing.Scrubber()
    with Pool() as pool:
        jobs = (
            lambda: heart.beat(house),
            lambda: recount.run_batch(house).cases,
            lambda: succession.daily(house),
            lambda: tick(house),
            lambda: uploads.finish_left(house),
            lambda: redraw(house, pool),
            lambda: sender.send_due(house.clock(), house.law),
            lambda: erased.follow(house),
            lambda: scrubber.when_due(house),
            lambda: sweep(house),
        )
        while not stop.is_set():
            busy = False
            for job in jobs:
                try:
                    busy = bool(job()) or busy
                except Exception:
                    log.exception("a job failed")
            if not busy:
                stop.wait(PAUSE_S)


def work_until_told(config: Config | None = None) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_house(config) as house:
        run(house, stop)


@click.command("worker")
def worker_command() -> None:
    """Run the worker until it is told to stop."""
    log_lines.set_up()
    work_until_told()
