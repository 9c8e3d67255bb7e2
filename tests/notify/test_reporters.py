"""Letters to reporters by real mail and a real gateway: sent once, refused, put off, kept for a call."""

import email
import email.policy
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.cast import BUOI, Person
from webapp.cli.worker import opener
from webapp.config import Config, ConfigError, Gateway, Mail
from webapp.notify.channels import REPORTER, STAFF
from webapp.notify.letters import Letter, Letters
from webapp.notify.mail import message_id, written
from webapp.notify.outcomes import Refused
from webapp.notify.reporters import Reporters
from webapp.notify.send import LEASE, Sender, make_sender
from webapp.notify.sms import without_marks
from webapp.operations import letters
from webapp.operations.notices import UNDO
from webapp.operations.work import Gone
from webapp.store import models
from webapp.store.queries import notices

FROM = "hoidap@tinh.example.vn"
NO_MAIL = Person("Nguyễn Thị Bưởi", "+84905123456")


def sender(town, **ways):
    config = replace(town.house.config, demo=False, **ways)
    return make_sender(config, town.house.store, town.house.law, opener(town.house))


def mail(port, **changes):
    return Mail(**{"host": "127.0.0.1", "port": port, "sender": FROM, "starttls": False} | changes)


def sent(town, sender):
    town.clock.forward(seconds=UNDO.total_seconds())
    return sender.send_due(town.clock())


def only(town):
    """The one letter to a reporter."""
    with town.house.store.reader() as session:
        return session.scalars(select(models.Notice).where(models.Notice.submission.is_not(None))).one()


def of(town, template):
    return next(row for row in town.notices() if row.template == template)


# Mail


def test_a_letter_arrives_and_tells_nothing_a_person_wrote(any_town, mail_server):
    town, (inbox, port) = any_town, mail_server
    receipt = town.report()
    assert sender(town, mail=mail(port)).send_due(town.clock()) == 0, "it can still be taken back"
    assert sent(town, sender(town, mail=mail(port))) == 2
    assert inbox.recipients == [BUOI.email]
    message = email.message_from_bytes(inbox.messages[0], policy=email.policy.default)
    assert message["Subject"] == f"Đã gửi thành công phản ánh {receipt.number}"
    assert (message["From"], message["To"]) == (FROM, BUOI.email)
    assert message["Auto-Submitted"] == "auto-generated" and message["Date"]
    assert message.get_content_type() == "text/plain"
    body = message.get_content()
    assert receipt.number not in str(message["Message-ID"]) and "/theo-doi" in body
    for word in ("Bưởi", "905", "cống", "cổng trường"):
        assert word not in body
    assert only(town).sent_at == town.clock() and only(town).error is None


@pytest.mark.parametrize("where", ["at_rcpt", "at_data"])
def test_not_now_is_tried_again_later_under_the_same_id(town, mail_server, where):
    inbox, port = mail_server
    town.report()
    setattr(inbox, where, "451 4.7.1 greylisted buoi@example.vn")
    mine = sender(town, mail=mail(port))
    sent(town, mine)
    row = only(town)
    assert (row.attempts, row.error, row.parked_at, row.sent_at) == (1, "smtp_451", None, None)
    assert row.not_before == town.clock() + timedelta(minutes=1)
    setattr(inbox, where, "")
    town.clock.forward(minutes=1)
    assert mine.send_due(town.clock()) == 1
    assert message_id(row.id, FROM).encode() in inbox.messages[0]
    assert only(town).error is None


@pytest.mark.parametrize("where", ["at_rcpt", "at_data"])
def test_never_is_parked_at_once_with_an_alarm_that_names_nobody(town, mail_server, where, caplog):
    inbox, port = mail_server
    town.report()
    setattr(inbox, where, "550 no such user buoi@example.vn")
    with caplog.at_level(logging.ERROR, "hoidap.notify"):
        sent(town, sender(town, mail=mail(port)))
    row = only(town)
    assert (row.attempts, row.error, row.sent_at) == (1, "smtp_550", None) and row.parked_at
    assert [record.getMessage() for record in caplog.records] == [f"notice {row.id} is parked: smtp_550"]


def test_no_server_is_waited_for_and_parked_after_five(town, nobody_listens, caplog):
    town.report()
    mine = sender(town, mail=mail(nobody_listens))
    sent(town, mine)
    assert only(town).error == "ConnectionRefusedError" and only(town).parked_at is None
    for _ in range(4):
        town.clock.at = only(town).not_before
        mine.send_due(town.clock())
    assert only(town).parked_at and only(town).attempts == 5
    assert len([r for r in caplog.records if "is parked: ConnectionRefusedError" in r.getMessage()]) == 1


def test_killed_between_send_and_mark_sends_the_same_message_again(town, mail_server, monkeypatch):
    inbox, port = mail_server
    town.report()

    class KilledError(BaseException):
        pass

    def dies(*_args, **_values):
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(Sender, "_mark", dies)
        town.clock.forward(seconds=10)
        channels = {
            REPORTER: Reporters(replace(town.house.config, mail=mail(port)), opener(town.house)),
            STAFF: None,
        }
        house = town.house
        for _ in range(3):  # staff letters may come first
            with pytest.raises(KilledError):
                Sender(house.config, house.store, house.law, channels).send_due(town.clock())
            town.clock.forward(seconds=LEASE.total_seconds() + 1)
            if inbox.messages:
                break
            with house.store.writer() as session:
                session.execute(text("DELETE FROM outbox WHERE submission IS NULL"))
    assert sender(town, mail=mail(port)).send_due(town.clock()) >= 1
    first, again = inbox.messages
    assert first == again, "the same bytes, so the same Message-ID"


def test_a_server_without_tls_gets_neither_password_nor_letter(town, mail_server):
    inbox, port = mail_server
    town.report()
    sent(town, sender(town, mail=mail(port, starttls=True)))
    assert only(town).error == "smtp_no_tls" and inbox.messages == []


@pytest.mark.parametrize(
    "to", ["a@b.vn\r\nBcc: c@d.vn", "a@b.vn, c@d.vn", "a", "", "@b.vn", "x" * 250 + "@b.vn", "Tên <a@b.vn>"]
)
def test_what_is_no_single_address_gets_no_letter(to):
    with pytest.raises(Refused, match="bad_address"):
        written(Letter("id", "Tiêu đề", "Thân\n"), FROM, to)


def test_no_subject_writes_a_header():
    message = written(Letter("id", "Một\r\nBcc: c@d.vn", "Thân\n"), FROM, "a@b.vn")
    assert message["Bcc"] is None and message["Subject"] == "Một Bcc: c@d.vn"


def test_an_erased_person_gets_nothing(town, mail_server):
    inbox, port = mail_server
    receipt = town.to_published()
    with town.house.reading(town.clock()) as work:
        assert letters.addressee(work, receipt.case_id, 1).email == BUOI.email
    with town.house.store.writer() as session:
        session.execute(text("UPDATE identity SET erased_at = '2026-03-02 01:00:00.000000'"))
    sent(town, sender(town, mail=mail(port)))
    assert inbox.messages == []
    with town.house.store.reader() as session:
        assert notices.to_call(session, 9) == []


# Short messages


def test_who_gave_no_address_gets_a_short_message(town, gateway, mail_server, tmp_path):
    token = tmp_path / "token"
    token.write_text("bi-mat\n")
    receipt = town.report(person=NO_MAIL)
    sent(town, sender(town, mail=mail(mail_server[1]), sms=Gateway(url=gateway.url, token_file=token)))
    headers, body = gateway.requests[0]
    assert headers["Authorization"] == "Bearer bi-mat"
    assert body["to"] == NO_MAIL.phone and body["id"] == only(town).id
    assert body["text"].startswith(f"Da gui thanh cong phan anh {receipt.number}") and body["text"].isascii()
    assert len(gateway.requests) == 1 and mail_server[0].messages == [] and only(town).sent_at


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "600"}, timedelta(minutes=10)),
        (503, {"Retry-After": "Mon, 02 Mar 2026 03:00:10 GMT"}, timedelta(hours=2)),
        (503, {"Retry-After": "99999999999999"}, timedelta(days=1)),
        (500, {"Retry-After": "-5"}, timedelta(minutes=1)),
        (502, {}, timedelta(minutes=1)),
        (302, {"Location": "/elsewhere"}, timedelta(minutes=1)),
    ],
)
def test_a_busy_gateway_is_given_the_time_it_asks_for(town, gateway, status, headers, wait):
    gateway.status, gateway.headers = status, headers
    town.report(person=NO_MAIL)
    sent(town, sender(town, sms=Gateway(url=gateway.url)))
    row = only(town)
    assert (row.error, row.parked_at, row.sent_at) == (f"http_{status}", None, None)
    assert row.not_before - town.clock() == wait and len(gateway.requests) == 1


def test_a_gateway_that_refuses_is_believed(town, gateway):
    gateway.status = 400
    town.report(person=NO_MAIL)
    sent(town, sender(town, sms=Gateway(url=gateway.url)))
    assert only(town).error == "http_400" and only(town).parked_at


def test_every_short_form_is_short(town):
    longest = max((row.name for row in town.house.law.directory.agencies), key=len)
    from webapp.words import catalogue

    for template, words in catalogue()["letter_short"].items():
        text = words.format(
            number="QN-ABCDE-FGHIJ",
            agency=longest,
            receiver=longest,
            url="https://hoidap.quangnam.gov.vn/theo-doi",
        )
        assert len(text) <= 300, template
        assert without_marks(text).isascii()
    assert without_marks("Đã Ưu ế") == "Da Uu e"


def test_every_letter_to_reporters_has_a_short_form(town):
    town.to_published()
    writer = Letters(town.house.law, "https://a.vn")
    with town.house.store.reader() as session:
        for row in notices.told(session, session.scalars(select(models.Notice.id)).all()):
            letter = writer.write(row)
            assert bool(letter.short) == bool(letter.to) == (row.notice.submission is not None)
    regulation = town.house.law.regulation("QN20")
    from webapp.words import catalogue

    told = {row.template for row in regulation.notices if "reporter" in row.to}
    assert told <= catalogue()["letter_short"].keys()


# Nobody could be told


def test_without_a_way_the_law_wants_a_call_and_progress_waits_with_the_code(any_town):
    town = any_town
    town.to_published()
    sent(town, sender(town))
    assert of(town, "result_published").error == notices.KEPT
    assert of(town, "received").error == notices.NO_WAY
    assert all(row.sent_at or row.error == notices.SUPERSEDED for row in town.notices())
    with town.house.store.reader() as session:
        assert [row.notice.template for row in notices.to_call(session, 9)] == ["result_published"]
        counts = notices.outbox_counts(session)
    assert (counts["to_call"], counts["waiting"], counts["failed"]) == (1, 0, 0)


def test_a_result_that_was_refused_is_to_be_called_too(any_town, mail_server):
    town, (inbox, port) = any_town, mail_server
    town.to_published()
    inbox.at_rcpt = "550 no"
    sent(town, sender(town, mail=mail(port)))
    result = of(town, "result_published")
    with town.house.store.reader() as session:
        assert [row.notice.id for row in notices.to_call(session, 9)] == [result.id]
        assert notices.outbox_counts(session)["failed"] == 2
    call(town, result.id, "told")
    assert (of(town, "result_published").error, of(town, "result_published").parked_at) == ("told", None)
    with town.house.store.reader() as session:
        assert notices.count_to_call(session) == 0


def call(town, id, outcome):
    return town.house.write(
        town.clock(), lambda work: letters.record_call(work, id, town.ids["hoa"], outcome)
    )


def test_calls_are_written_down_until_somebody_is_told(any_town):
    town = any_town
    town.to_published()
    sent(town, sender(town))
    id = of(town, "result_published").id
    call(town, id, "no_answer")
    with town.house.store.reader() as session:
        assert notices.count_to_call(session) == 1
    call(town, id, "told")
    call(town, id, "told")
    row = of(town, "result_published")
    assert row.error == "told"
    assert [(c["account"], c["outcome"]) for c in row.params["calls"]] == [
        (town.ids["hoa"], "no_answer"),
        (town.ids["hoa"], "told"),
    ]
    for other in (of(town, "received").id, "khong-co"):
        with pytest.raises(Gone):
            call(town, other, "told")
    with pytest.raises(Gone):
        call(town, id, "forget")


def test_the_lists_of_lost_letters_are_found_by_their_indexes(town):
    with town.house.store.reader() as session:
        compiled = notices._undelivered().compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = " ".join(row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {compiled}")))
    assert "ix_outbox_kept" in plan and "ix_outbox_parked" in plan, plan


# The moment in which a move may be taken back


def test_what_became_untrue_within_a_moment_is_never_sent(any_town):
    town = any_town
    receipt = town.report()
    town.clock.forward(seconds=9)
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    assert {row.error for row in town.notices() if row.template == "submitted"} == {"superseded"}
    assert of(town, "received").parked_at is None


def test_after_that_moment_both_are_told(town):
    receipt = town.report()
    town.clock.forward(seconds=10)
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    assert not [row for row in town.notices() if row.parked_at]


def test_a_result_sent_back_at_once_is_no_news_to_the_leader_any_more(town):
    case = town.to_agency().case_id
    town.do(case, "accept", "tu")
    town.clock.forward(minutes=5)
    town.do(case, "enter_result", "tu", texts={"result": "Xong."})
    town.clock.forward(seconds=3)
    town.do(case, "send_back", "lan", texts={"reason": "Chưa rõ."})
    assert of(town, "submitted_for_approval").error == "superseded"
    assert of(town, "sent_back").error is None


def test_what_the_law_wants_told_and_what_stays_true_is_never_dropped(town):
    receipt = town.report()
    town.clock.forward(minutes=1)
    town.do(receipt.case_id, "request_supplement", "hoa", texts={"reason": "Ở đâu?"})
    town.do(receipt.case_id, "supplement", "reporter", texts={"supplement": "Ở cổng."})
    town.do(receipt.case_id, "receive", "hoa", tokens={"category": "giao-thong", "area": "20341"})
    assert of(town, "supplement_requested").parked_at is None
    town.do(receipt.case_id, "distribute", "hoa", tokens={"agency": "so-xaydung"})
    town.do(receipt.case_id, "remind", "hoa")
    town.do(receipt.case_id, "return", "tu", texts={"reason": "Không thuộc."})
    assert of(town, "reminded").parked_at is None
    assert town.differences() == []


def test_a_letter_on_its_way_is_marked_as_sent_though_it_was_stopped_meanwhile(town):
    town.report()
    house = town.house

    class Stops:
        def deliver(self, letter):
            with house.store.writer() as session:
                session.execute(
                    text("UPDATE outbox SET parked_at = created_at, error = 'erased' WHERE submission = 1")
                )

    Sender(house.config, house.store, house.law, {STAFF: None, REPORTER: Stops()}).send_due(
        town.clock.forward(seconds=10)
    )
    assert only(town).sent_at and only(town).parked_at is None


def test_stopping_wins_over_a_failure(town):
    town.report()
    house = town.house

    class Stops:
        def deliver(self, letter):
            with house.store.writer() as session:
                session.execute(
                    text("UPDATE outbox SET parked_at = created_at, error = 'erased' WHERE submission = 1")
                )
            raise OSError

    Sender(house.config, house.store, house.law, {STAFF: None, REPORTER: Stops()}).send_due(
        town.clock.forward(seconds=10)
    )
    assert only(town).error == "erased" and only(town).parked_at


# Settings


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"SMTP_HOST": "mail.vn"}, "MAIL_FROM"),
        ({"SMTP_HOST": "mail.vn", "MAIL_FROM": "Tỉnh <a@b.vn>"}, "MAIL_FROM"),
        ({"SMTP_HOST": "mail.vn", "MAIL_FROM": "a@b.vn", "SMTP_USER": "a"}, "SMTP_PASSWORD_FILE"),
        ({"SMTP_HOST": "mail.vn", "MAIL_FROM": "a@b.vn", "SMTP_STARTTLS": "off"}, "SMTP_STARTTLS"),
        (
            {
                "SMTP_HOST": "mail.vn",
                "MAIL_FROM": "a@b.vn",
                "SMTP_USER": "a",
                "SMTP_PASSWORD_FILE": "/khong/co",
            },
            "SMTP_PASSWORD_FILE",
        ),
        ({"SMS_URL": "http://sms.vn/gui"}, "https"),
        ({"SMS_URL": "https://user:pass@sms.vn/gui"}, "SMS_TOKEN_FILE"),
        ({"SMS_URL": "ftp://sms.vn"}, "SMS_URL"),
    ],
)
def test_settings_that_cannot_work_or_tell_too_much_are_refused(environ, name):
    with pytest.raises(ConfigError, match=name):
        Config.from_environment(environ)


def test_settings_that_work():
    config = Config.from_environment({"SMTP_HOST": "localhost", "MAIL_FROM": FROM, "SMTP_STARTTLS": "off", "SMTP_PORT": "25",
                                      "SMS_URL": "http://127.0.0.1:9/sms", "SMS_MARKS": "on"})  # fmt: skip
    assert config.mail == Mail(host="localhost", port=25, sender=FROM, starttls=False)
    assert config.sms == Gateway(url="http://127.0.0.1:9/sms", marks=True)
    assert Config.from_environment({}).mail is Config.from_environment({}).sms is None


def test_a_demo_sends_to_nobody(town, mail_server):
    inbox, port = mail_server
    town.report()
    config = replace(town.house.config, mail=mail(port))
    town.clock.forward(seconds=10)
    make_sender(config, town.house.store, town.house.law, opener(town.house)).send_due(town.clock())
    assert inbox.messages == [] and list((config.data / "outbox").iterdir())
