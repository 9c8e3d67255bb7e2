"""An officer in a dead spot: what was typed at the desk is still there when the network is, and counts once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.cast import PASSWORD, photo
from tests.handset.conftest import Phone, Server
from webapp.store import models

DONE = "Đã thay nắp cống, đã dọn chỗ."


def at_the_form(server: Server, tu: Phone, path) -> tuple[Page, int]:
    """Tu has typed what was done and chosen a photo of it."""
    receipt = server.town.to_agency()
    server.town.do(receipt.case_id, "accept", "tu")
    page = tu.page
    page.goto("/co-quan/dang-nhap")
    page.locator("[name=username]").fill("tu")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("heading", name="Việc cần làm").wait_for()
    page.goto(f"/co-quan/vu/{receipt.case_id}")
    page.get_by_role("link", name="Nhập kết quả").click()
    page.get_by_label("Kết quả xử lý").fill(DONE)
    path.write_bytes(photo())
    page.locator("input[type=file]").first.set_input_files(path)
    return page, receipt.case_id


def without_a_way(tu: Phone, server: Server) -> Callable[[], None]:
    """The network is there and carries nothing."""
    everywhere = "**/co-quan/vu/**"
    tu.context.route(everywhere, lambda route: route.abort())
    return lambda: tu.context.unroute(everywhere)


def without_a_server(tu: Phone, server: Server) -> Callable[[], None]:
    server.kill()
    return server.start


def with_a_failing_server(tu: Phone, server: Server) -> Callable[[], None]:
    everywhere = "**/co-quan/vu/**"
    tu.context.route(everywhere, lambda route: route.fulfill(status=500, body="<h1>500</h1>"))
    return lambda: tu.context.unroute(everywhere)


def kinds(server: Server, case: int) -> list[str]:
    return [event.kind for event in server.town.file(case).events]


@pytest.mark.parametrize("taken_away", [without_a_way, without_a_server, with_a_failing_server])
def test_a_form_of_the_desk_that_did_not_arrive_is_sent_by_loading_again(server, phone, tmp_path, taken_away):
    """The browser keeps what was brought, and the form's own token lets it count once."""
    tu = phone()
    page, case = at_the_form(server, tu, tmp_path / "sau.jpg")
    give_back = taken_away(tu, server)
    page.get_by_role("button", name="Nhập kết quả").click()
    page.wait_for_function("() => !document.querySelector('#f-result')")
    assert "result_entered" not in kinds(server, case)
    give_back()
    for _ in range(2):
        page.reload()
        page.locator("h1").wait_for()
    assert kinds(server, case).count("result_entered") == 1
    assert DONE in server.texts() and server.count(models.Photo) == 1


def test_without_a_network_the_form_stays_with_all_that_was_typed(server, phone, tmp_path):
    tu = phone()
    page, case = at_the_form(server, tu, tmp_path / "sau.jpg")
    tu.offline()
    page.get_by_role("button", name="Nhập kết quả").click()
    page.get_by_text("Không có mạng nên chưa gửi.").wait_for()
    assert page.get_by_label("Kết quả xử lý").input_value() == DONE
    assert "result_entered" not in kinds(server, case)
    tu.offline(False)
    page.get_by_text("Không có mạng nên chưa gửi.").wait_for(state="hidden")
    page.get_by_role("button", name="Nhập kết quả").click()
    page.wait_for_function("() => !document.querySelector('#f-result')")
    assert kinds(server, case).count("result_entered") == 1 and server.count(models.Photo) == 1
