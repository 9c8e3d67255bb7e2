"""Kept pages: never older than the last change, whoever made it, and never kinder than the clock."""

import re
from datetime import timedelta

import pytest

from webapp.app import create_app
from webapp.operations import erasure
from webapp.public import kept

PERCENT = re.compile(rb"\d+\s?%|seg-u\d+|u\d+|data-used=\"\d+\"|value=\"\d+\"|width=\"\d+\"")


@pytest.fixture
def other(any_town):
    """A second process on the same database: it has drawn every page before, and hears of nothing."""
    return create_app(any_town.house.config, any_town.clock).test_client()


def page(client, receipt, **more):
    return client.get(f"/pa/{receipt.number}", **more)


def test_a_withdrawal_shows_at_once_in_the_other_process(any_town, other):
    receipt = any_town.to_published()
    assert "Nắp cống".encode() in page(other, receipt).data
    any_town.do(receipt.case_id, "withdraw", "lan", tokens={"ground": "personal_data"}, texts={"reason": "x"})
    gone = page(other, receipt)
    assert gone.status_code == 410 and "Nắp cống".encode() not in gone.data


def test_publication_and_rating_show_at_once(any_town, other):
    receipt = any_town.to_approved()
    assert "Đã thay nắp cống mới.".encode() not in page(other, receipt).data
    any_town.publish(receipt.case_id)
    answered = page(other, receipt).data
    assert "Đã thay nắp cống mới.".encode() in answered
    any_town.do(receipt.case_id, "rate", "reporter", tokens={"rating": "satisfied"})
    assert page(other, receipt).data != answered


def test_an_erased_name_goes_at_once(any_town, other):
    receipt = any_town.to_published(secrecy="open")
    assert "Nguyễn Thị Bưởi".encode() in page(other, receipt).data
    any_town.house.write(any_town.clock(), lambda work: erase(work, receipt))
    assert "Nguyễn Thị Bưởi".encode() not in page(other, receipt).data


def erase(work, receipt):
    row = erasure.submission_of(work, receipt.number, 1)
    return erasure.erase_person(work, row.id, "data_subject", None)


def test_late_is_said_the_moment_after_the_due_instant(any_town, other):
    receipt = any_town.to_agency()
    due = next(c.due_at for c in any_town.file(receipt.case_id).state.clocks if c.running)
    any_town.clock.at = due - timedelta(seconds=1)
    assert "Quá hạn".encode() not in page(other, receipt).data
    any_town.clock.at = due
    assert "Quá hạn".encode() not in page(other, receipt).data
    any_town.clock.at = due + timedelta(microseconds=1)
    assert "Quá hạn".encode() in page(other, receipt).data


def test_at_every_turn_of_the_words_a_kept_page_says_what_a_fresh_one_says(town, client):
    """Whatever the hour, a kept page says what a page drawn now says, but for a percent of a ribbon."""
    receipt = town.to_agency()
    due = next(c.due_at for c in town.file(receipt.case_id).state.clocks if c.running)
    midnight = due.replace(hour=17, minute=0, second=0, microsecond=0)
    for instant in (due - timedelta(days=1), due, due + timedelta(days=1), due + timedelta(days=2), midnight):
        for seconds in (-29, -10, -0.000001, 0, 0.000001, 10, 29):
            town.clock.at = instant + timedelta(seconds=seconds)
            fresh = create_app(town.house.config, town.clock).test_client()
            assert PERCENT.sub(b"", page(client, receipt).data) == PERCENT.sub(b"", page(fresh, receipt).data)


@pytest.mark.parametrize("squeezed", [{}, {"Accept-Encoding": "gzip"}], ids=["plain", "squeezed"])
def test_the_same_page_is_not_drawn_twice_nor_sent_twice(town, client, monkeypatch, squeezed):
    receipt = town.to_published()
    first = page(client, receipt, headers=squeezed)
    assert ("Content-Encoding" in first.headers) is bool(squeezed)
    monkeypatch.setattr("webapp.public.case.page", None)  # drawing would fail now
    assert page(client, receipt, headers=squeezed).data == first.data
    again = page(client, receipt, headers={"If-None-Match": first.headers["ETag"], **squeezed})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert "Set-Cookie" not in again.headers


def test_pages_are_few_and_old_ones_go(town):
    pages, at = kept.Pages(), town.clock()
    for number in range(kept.MOST + 5):
        pages.put(str(number), kept.Kept(number, at, at + kept.LONGEST, b"", 200, ""))
    assert pages.get("0", 0, at) is None and pages.get("260", 260, at) is not None
    assert pages.get("260", 261, at) is None and pages.get("260", 260, at - timedelta(seconds=1)) is None
    later = at + kept.LONGEST
    pages.put("new", kept.Kept(0, later, later + kept.LONGEST, b"", 200, ""))
    assert list(pages._pages) == ["new"]


def test_the_list_follows_at_once_too(any_town, other):
    receipt = any_town.to_published()
    assert "Nắp cống".encode() in other.get("/").data
    any_town.do(receipt.case_id, "withdraw", "lan", tokens={"ground": "personal_data"}, texts={"reason": "x"})
    home = other.get("/").data
    assert "Nắp cống".encode() not in home and receipt.number.encode() in home


def test_a_list_is_drawn_once_for_each_question(town, client, monkeypatch):
    town.to_published()
    first, found = client.get("/"), client.get("/?q=cong")
    assert first.data != found.data
    monkeypatch.setattr("webapp.public.home.page", None)  # drawing would fail now
    assert client.get("/").data == first.data and client.get("/?q=cong").data == found.data
