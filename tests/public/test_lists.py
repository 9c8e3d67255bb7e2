"""The lists at any size: what they count by stands on the card, and indexes alone answer them."""

import pytest
from sqlalchemy import text, update

from tests.browse import Browser
from tests.page_check import said
from webapp.operations import erasure
from webapp.operations.publication import title_of
from webapp.store import models, record
from webapp.store.queries import public as queries
from webapp.store.queries.public import Wanted, Word


def card(town, receipt):
    with town.house.store.reader() as session:
        return session.get_one(models.PubCard, receipt.number)


def test_the_card_says_why_it_shows_nothing(any_town):
    receipt = any_town.to_published()
    assert (card(any_town, receipt).ground, card(any_town, receipt).words[:8]) == (None, "nap cong")
    any_town.do(receipt.case_id, "withdraw", "lan", tokens={"ground": "personal_data"}, texts={"reason": "x"})
    assert (card(any_town, receipt).ground, card(any_town, receipt).words) == ("personal_data", None)
    with any_town.house.store.public() as session:
        assert [(row.ground, row.count) for row in queries.hidden(session)] == [("personal_data", 1)]
    assert any_town.differences() == []


def test_an_erased_person_is_not_found_by_words_either(any_town):
    receipt = any_town.to_published()
    titles = update(models.PubCard).values(**models.PubCard.titled("Bà Nguyễn Thị Bưởi báo tin"))
    any_town.house.write(any_town.clock(), lambda work: work.session.execute(titles))
    row = any_town.house.write(
        any_town.clock(), lambda work: erasure.submission_of(work, receipt.number, 1).id
    )
    any_town.house.write(any_town.clock(), lambda work: erasure.erase_person(work, row, "data_subject", None))
    assert "buoi" not in card(any_town, receipt).words


def test_words_that_are_not_the_titles_are_noticed_and_mended(town):
    town.to_published()
    town.house.write(
        town.clock(), lambda work: work.session.execute(update(models.PubCard).values(words="x"))
    )
    assert "words" in town.differences()[0]
    town.house.write(town.clock(), lambda work: record.rebuild(work.session, work.law))
    assert town.differences() == []


ASKED = {
    "all": Wanted(),
    "category": Wanted(category="giao-thong"),
    "area": Wanted(area="20341"),
    "late": Wanted(term="late"),
    "answered": Wanted(term="answered"),
    "a word": Wanted(words=(Word("cong", ("giao-thong",), ("20341",)),)),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_how_many_cards_is_asked_of_an_index_alone(town, asked):
    with town.house.store.public() as session:
        query = queries.counting(asked, town.clock())
        compiled = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        sql = str(compiled).replace("pub.", "").replace("__[SCHEMA_pub].", "")
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all()
    said = [row[3] for row in plan if "pub_card" in row[3]]
    assert said and all("COVERING INDEX" in line for line in said), said


def test_figures_read_indexes_alone(town):
    with town.house.store.engine.connect() as connection:
        for where in ("content != 'public' GROUP BY regulation, ground", "due_at IS NOT NULL"):
            sql = f"EXPLAIN QUERY PLAN SELECT count(*) FROM pub_card WHERE {where}"
            assert "COVERING INDEX" in connection.execute(text(sql)).one()[3]


def test_a_card_without_a_title_is_headed_by_what_it_is_about_and_where(app, town):
    waiting, published = town.to_agency(), town.to_published()
    sealed = town.to_approved(secrecy="confidential")
    town.do(sealed.case_id, "withhold", "tu", tokens={"ground": "confidential_requested"})
    home = Browser(app).go("/")
    heads = {h.find("a").get("href"): said(h) for h in home.page.find("h3") if h.find("a") is not None}
    heads = {url.rsplit("/", 1)[1]: head for url, head in heads.items()}
    assert heads[waiting.number] == heads[sealed.number] == "Giao thông – vận tải · Phường Tam Kỳ"
    assert heads[published.number].startswith("Nắp cống vỡ")
    assert home.sees("Nội dung chưa công khai · gửi ngày", "Trả lời riêng người gửi · gửi ngày")


@pytest.mark.parametrize(
    ("report", "title"),
    [
        ("Nắp cống vỡ trước trường. Rất nguy hiểm.", "Nắp cống vỡ trước trường"),
        ("Em chào anh chị ạ. Đèn đường tắt ba đêm.", "Đèn đường tắt ba đêm"),
        ("KÍNH GỬI UBND PHƯỜNG,\nCây đổ chắn lối vào xóm", "Cây đổ chắn lối vào xóm"),
        ("Chào anh chị.", "Chào anh chị"),
        ("Chạo tôm bán vỉa hè lấn đường. Xin xem.", "Chạo tôm bán vỉa hè lấn đường"),
        ("", ""),
    ],
)
def test_a_greeting_is_no_title(report, title):
    assert title_of(report) == title
