"""The sender: each message once however many send, again after a crash, parked when it cannot leave."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from webapp.config import Config, ConfigError
from webapp.notify.channels import REPORTER, STAFF, Files, default_channels, file_name
from webapp.notify.letters import Letter
from webapp.notify.send import LEASE, MAX_ATTEMPTS, Sender, make_sender
from webapp.operations.notices import UNDO
from webapp.store import models


class Memory:
    """A channel that remembers what it was given, and may fail."""

    def __init__(self, error=None):
        self.ids, self.error = [], error

    def deliver(self, letter):
        self.ids.append(letter.id)
        if self.error:
            raise self.error


class KilledError(BaseException):
    """A process killed at the worst moment: no handler of ours runs."""


def sender(town, channel, staff=None):
    house = town.house
    return Sender(house.config, house.store, house.law, {STAFF: staff, REPORTER: channel})


def settle(town):
    """Until the moment is over in which a move may be taken back."""
    return town.clock.forward(seconds=UNDO.total_seconds())


def rows(town):
    with town.house.store.reader() as session:
        return list(session.scalars(select(models.Notice).order_by(models.Notice.id)))


def test_sends_what_waits_and_nothing_twice(any_town):
    town, channel = any_town, Memory()
    town.to_published()
    settle(town)
    waiting = [row for row in rows(town) if row.parked_at is None]
    assert sender(town, channel).send_due(town.clock()) == len(waiting)
    assert sorted(channel.ids) == sorted(row.id for row in waiting if row.submission is not None)
    assert all(
        row.sent_at == town.clock() and row.claimed_until is None for row in rows(town) if row.error is None
    )
    assert sender(town, channel).send_due(town.clock()) == 0
    assert len(channel.ids) == len(set(channel.ids))


def test_two_senders_at_once_send_each_once(any_town):
    town, channel, counts = any_town, Memory(), []
    for _ in range(8):
        town.to_agency()
        settle(town)
    start = threading.Barrier(2)

    def work():
        start.wait()
        counts.append(sender(town, channel, channel).send_due(town.clock()))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (
        sum(counts)
        == sum(1 for row in rows(town) if row.parked_at is None)
        == len(channel.ids)
        == len(set(channel.ids))
    )


def test_killed_between_send_and_mark_sends_again_under_the_same_id(any_town):
    town, channel = any_town, Memory(KilledError())
    town.report()
    settle(town)
    with pytest.raises(KilledError):
        sender(town, channel).send_due(town.clock())
    channel.error = None
    assert sender(town, channel).send_due(town.clock()) == 0, "the lease still holds"
    town.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert sender(town, channel).send_due(town.clock()) > 0
    assert len(channel.ids) == 2 and len(set(channel.ids)) == 1


def test_parked_after_five_failures_each_later_than_the_last(town):
    town.report()
    settle(town)
    channel, waits = Memory(OSError("mail.example.vn refused CANARY")), []
    for _ in range(MAX_ATTEMPTS + 2):
        now = town.clock()
        sender(town, channel).send_due(now)
        row = next(row for row in rows(town) if row.submission is not None)
        waits.append(row.not_before - now)
        assert sender(town, channel).send_due(now) == 0, "not before its time"
        town.clock.at = max(row.not_before, now + timedelta(seconds=1))
    assert len(channel.ids) == MAX_ATTEMPTS
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert row.parked_at is not None and row.sent_at is None
    assert (row.attempts, row.error) == (MAX_ATTEMPTS, "OSError")


def test_one_that_fails_does_not_hold_the_others(town):
    town.to_agency()
    settle(town)
    channel = Memory(OSError())
    staff = sum(1 for row in rows(town) if row.submission is None and row.parked_at is None)
    assert sender(town, channel).send_due(town.clock()) == staff


def test_an_unknown_letter_is_a_failure_and_no_crash(town):
    town.report()
    settle(town)
    town.house.write(
        town.clock(),
        lambda work: setattr(work.session.scalars(select(models.Notice)).first(), "template", "no_such"),
    )
    assert sender(town, Memory()).send_due(town.clock()) == 1
    assert "TemplateNotFound" in {row.error for row in rows(town)}


def test_files_are_whole_named_safely_and_rewritten(town):
    channels = default_channels(town.house.config)
    folder = town.house.config.data / "outbox"
    for body in ("một\n", "hai\n"):
        channels[REPORTER].deliver(Letter("../QN-1.2/x@y", "Tiêu đề", body))
    (only,) = folder.iterdir()
    assert only.parent == folder and "/" not in file_name("../a/b")
    assert only.read_text("utf-8") == "Message-ID: ../QN-1.2/x@y\nSubject: Tiêu đề\n\nhai\n"
    assert only.stat().st_mode & 0o077 == 0


def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch):
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        Files(tmp_path).deliver(Letter("a", "b", "c"))
    assert list(tmp_path.iterdir()) == []


def test_the_demo_writes_letters_of_reporters(town):
    receipt = town.report()
    house = town.house
    make_sender(house.config, house.store, house.law).send_due(settle(town))
    (letter,) = (house.config.data / "outbox").iterdir()
    text = letter.read_text("utf-8")
    assert receipt.number in text and "http://127.0.0.1:8000/theo-doi" in text and "Bưởi" not in text


def test_base_url_is_a_setting():
    assert Config.from_environment({"PORT": "9000"}).base_url == "http://127.0.0.1:9000"
    assert Config.from_environment({"BASE_URL": "https://a.vn/"}).base_url == "https://a.vn"
    with pytest.raises(ConfigError, match="BASE_URL"):
        Config.from_environment({"BASE_URL": "a.vn"})
