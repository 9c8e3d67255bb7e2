"""What an iPhone's browser loses: nothing. The same stories as in Chromium, in WebKit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy
from webapp.store import models

webkit = pytest.importorskip("tests.handset.webkit", reason="selenium is in the test extra")
pytestmark = pytest.mark.slow

SAVED, SENT = "Đã lưu trong máy, chưa gửi", "Đã gửi thành công"
DONE = "self.hoidapQueue ? self.hoidapQueue.count().then((n) => n.done === 1) : false"


@pytest.fixture
def buoi() -> Iterator[webkit.WebKit]:
    with webkit.browser() as opened:
        yield opened


def start_of(buoi, server) -> None:
    buoi.open(server.url + "/gui")
    buoi.walking()
    buoi.settled()
    buoi.open(server.url + "/gui")  # now the worker serves it
    buoi.walking()


def test_a_report_is_written_without_a_network_the_tab_dies_and_it_is_sent(buoi, server, pictures):
    start_of(buoi, server)
    server.kill()
    buoi.open(server.url + "/gui")
    buoi.walking()
    buoi.fill(pictures(2, name="IMG_0001.jpg"))
    buoi.send()
    buoi.says(SAVED)
    buoi.new_tab("about:blank")
    server.start()
    buoi.open(server.url + "/")
    buoi.wait(DONE, 60)
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 2)
    assert server.town.differences() == []


def test_an_answer_lost_after_the_commit_makes_no_second_report(buoi, server, pictures):
    with Proxy(server.port, lose=1.0) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        buoi.open(url + "/gui")
        buoi.walking()
        buoi.fill(pictures(1))
        buoi.send()
        buoi.says(SAVED)
        proxy.lose = 0.0
        buoi.open(url + "/")
        buoi.wait(DONE, 60)
    assert proxy.lost >= 1
    assert (server.count(models.Case), server.count(models.Submission), server.count(models.Photo)) == (
        1,
        1,
        1,
    )


def test_a_draft_is_found_again_after_the_tab_was_killed(buoi, server, pictures):
    start_of(buoi, server)
    buoi.fill(pictures(2))
    buoi.new_tab(server.url + "/?pwa")
    buoi.walking()
    assert buoi.wait("document.querySelector('[name=text]').value")
    buoi.wait("document.querySelectorAll('[data-thumbs] li').length === 2")
    assert server.count(models.Case) == 0


def test_the_server_is_killed_again_and_again_while_photos_come(buoi, server, pictures):
    start_of(buoi, server)
    buoi.fill(pictures(3, width=2400))
    buoi.send()
    for _ in range(4):
        server.kill()
        server.start()
    buoi.open(server.url + "/")
    buoi.wait(DONE, 90)
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 3)


def test_two_tabs_that_both_come_back_send_one_report_once(buoi, server, pictures):
    start_of(buoi, server)
    server.kill()
    buoi.fill(pictures(2))
    buoi.send()
    buoi.says(SAVED)
    server.start()
    buoi.new_tab(server.url + "/", close=False)
    buoi.wait(DONE, 60)
    assert (server.count(models.Case), server.count(models.Photo)) == (1, 2)
