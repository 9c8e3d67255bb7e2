"""An erased person is gone, to the last byte of every file; the record the law keeps stays."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.cast import Town, photo
from webapp.cli.people import people_group
from webapp.operations import citizens, erasure, holds, intake, people, photos, reveal, scrubbing, verify
from webapp.operations.mentions import Mentions
from webapp.operations.people import Person
from webapp.operations.reveal import Why
from webapp.operations.work import Conflict, Gone, Refusal
from webapp.store import models
from webapp.store.sealing import Unsealable

CANARY = Person("Kiều Canary Ngọc", "+84977123987", "canary.ngoc@example.vn")
TRACES = ["Kiều Canary Ngọc", "Canary Ngọc", "977123987", "977 123 987", "canary.ngoc@example.vn"]


def indexes(town: Town, person: Person = CANARY) -> list[str]:
    vault = town.house.vault
    return [vault.blind_index("phone", person.phone), vault.blind_index("email", person.email)]


def residues(town: Town, traces: list[str]) -> list[str]:
    """Every file of the data folder but the keys, byte by byte, and every public row."""
    found = []
    for path in everything_kept(town.house.config.data):
        data = path.read_bytes()
        found += [f"{path.name}: {trace}" for trace in traces if trace.encode() in data]
        found += [f"{path.name}: {trace}" for trace in traces if trace.encode("utf-16-le") in data]
    with town.house.store.public() as session:
        for table in (getattr(models, name).__table__ for name in models.__all__):
            if table.schema:
                rows = str(session.execute(select(table)).all())
                found += [f"{table.name}: {trace}" for trace in traces if trace in rows]
    return found


def everything_kept(data: Path) -> Iterator[Path]:
    return (path for path in data.rglob("*") if path.is_file() and path.parent.name != "keys")


def erase(town: Town, case_id: int, **options) -> erasure.Erased:
    """And then the worker's round."""
    done = town.house.write(
        town.clock(),
        lambda work: erasure.erase_person(
            work, people.of_submission(work, case_id, 1).id, "data_subject", None, **options
        ),
    )
    scrubbing.Scrubber().when_due(town.house)
    return done


def test_not_one_byte_of_the_person_is_left_in_any_file(town: Town):
    for _ in range(20):  # neighbours, so that pages are full and split
        town.report()
    secret = secrets.token_hex(16)
    receipt = town.to_published(person=CANARY, secrecy="open", photos=[town.kept(photo())], secret=secret)
    traces = [*TRACES, *indexes(town)]
    before = residues(town, traces)
    assert {part.split(": ")[1] for part in before} >= {*indexes(town), TRACES[0]}, (
        "the search finds canaries"
    )
    erase(town, receipt.case_id)
    assert residues(town, traces) == []
    assert not scrubbing.is_due(town.house)
    assert town.differences() == []


def test_many_people_erased_one_after_another_leave_nothing(town: Town):
    crowd = [Person(f"Canary Số {n}", f"+8497700{n:04}", f"canary{n}@example.vn") for n in range(40)]
    cases = [town.report(person=person, secrecy="open").case_id for person in crowd]
    traces = [trace for person in crowd for trace in (*indexes(town, person), person.name, person.email)]
    assert residues(town, traces)
    for case_id in secrets.SystemRandom().sample(cases, len(cases)):
        erase(town, case_id)
    assert residues(town, traces) == []


def test_the_record_stays_with_timeline_counts_and_texts(any_town: Town):
    receipt = any_town.to_published(person=CANARY, secrecy="open")
    before = any_town.file(receipt.case_id)

    def public():
        with any_town.house.store.public() as session:
            kinds = (models.PubStep, models.PubClock, models.PubCount)
            return [
                [vars(row) | {"_sa_instance_state": None} for row in session.scalars(select(k))]
                for k in kinds
            ]

    shown = public()
    erase(any_town, receipt.case_id)
    after = any_town.file(receipt.case_id)
    assert (after.events, after.state) == (before.events, before.state)
    assert public() == shown
    assert any_town.differences() == []
    with any_town.house.store.reader() as session:
        content = session.scalars(select(models.PubContent)).one()
        assert content.reporter is None and content.answer == "Đã thay nắp cống mới."
        assert session.scalars(select(models.Text).where(models.Text.kind == "report")).one().body


def test_the_key_is_destroyed_and_everything_that_was_sealed_by_it(any_town: Town):
    case_id = any_town.report(person=CANARY).case_id
    erase(any_town, case_id)
    with any_town.house.reading(any_town.clock()) as work:
        row = people.of_submission(work, case_id, 1)
        identity = work.session.get_one(models.Identity, row.identity_id)
        key = work.session.get_one(models.DataKey, identity.key_id)
        assert key.wrapped is None and key.destroyed_at == identity.erased_at == any_town.clock()
        columns = ("name", "phone", "email", "phone_index", "email_index")
        assert {getattr(identity, column) for column in columns} == {None}
        assert row.digest == ""
        with pytest.raises(Unsealable):
            people.reveal(work, row.identity_id)
        case = work.session.get_one(models.Case, case_id)
        assert intake.open_place(work, case, row).lat, "the manhole is still where it is"


def test_sessions_end_but_the_code_still_follows_the_case(town: Town):
    receipt = town.report(person=CANARY)
    token = town.house.write(town.clock(), lambda work: citizens.open_with_code(work, receipt.code))
    erase(town, receipt.case_id)
    with town.house.reading(town.clock()) as work, pytest.raises(Gone):
        citizens.submission_of(work, token)
    again = town.house.write(town.clock(), lambda work: citizens.open_with_code(work, receipt.code))
    with town.house.reading(town.clock()) as work:
        assert citizens.submission_of(work, again).case_id == receipt.case_id


def test_sending_the_same_report_again_does_not_bring_the_person_back(town: Town):
    report = town.written(person=CANARY)
    receipt = town.house.write(town.clock(), lambda work: intake.submit(work, report))
    erase(town, receipt.case_id)
    with pytest.raises(Conflict):
        town.house.write(town.clock(), lambda work: intake.submit(work, report))


def test_originals_and_drafts_go_redrawn_copies_stay(town: Town):
    secret = secrets.token_hex(16)
    pictures = [town.kept(photo()), town.kept(photo(320, 240))]
    sent = {kept.sha256 for kept in pictures}
    receipt = town.report(person=CANARY, photos=pictures, secret=secret, secrecy="open")
    town.redraw()
    late = town.kept(photo(200, 100))
    town.house.write(town.clock(), lambda work: photos.keep_upload(work, secret, late))
    with town.house.store.reader() as session:
        originals = [row.original for row in session.scalars(select(models.Photo))]
    erase(town, receipt.case_id)
    assert not {*originals, late.original} & set(town.house.media.names())
    with town.house.reading(town.clock()) as work:
        assert list(work.session.scalars(select(models.Upload))) == []
        for row in photos.of_case(work, receipt.case_id):
            assert (row.original, row.wrapped, row.mark) == (None, None, "")
            assert row.sha256 not in sent and row.sha256 == row.derivatives[-1].get("sha256", "")
            assert photos.shown(work, row, 480).startswith(b"\xff\xd8")


def test_what_is_left_passes_the_verification_of_the_store(town: Town):
    pictures = [town.kept(photo()), town.kept(photo(320, 240))]
    receipt = town.to_published(person=CANARY, secrecy="open", photos=pictures)
    town.redraw()
    erase(town, receipt.case_id, purge_text=True)
    assert verify.verify(town.house, town.clock()).problems == []


def test_a_photo_that_waits_to_be_redrawn_does_not_stall_the_worker(town: Town):
    receipt = town.report(person=CANARY, photos=[town.kept(photo())])
    erase(town, receipt.case_id)
    town.redraw()
    with town.house.store.reader() as session:
        assert session.scalars(select(models.Photo)).one().status == "failed"


def test_no_letter_goes_out_to_an_erased_person(town: Town):
    receipt = town.report(person=CANARY)
    erase(town, receipt.case_id)
    own = [notice for notice in town.notices() if notice.submission == 1]
    assert own and all(notice.parked_at and notice.error == "erased" for notice in own)
    assert all(not notice.parked_at for notice in town.notices() if notice.submission is None)


def test_their_texts_go_only_when_asked(any_town: Town):
    said = f"Tôi là {CANARY.name}, điện thoại 0977 123 987, nắp cống vỡ."
    receipt = any_town.report(person=CANARY, text=said)
    done = erase(any_town, receipt.case_id)
    assert done.mentions == 1
    done = erase(any_town, receipt.case_id, purge_text=True)
    assert done.mentions == 0
    with any_town.house.reading(any_town.clock()) as work:
        row = work.session.scalars(select(models.Text).where(models.Text.kind == "report")).one()
        assert (row.body, row.sealed) == (None, None) and row.purged_at
        assert people.of_submission(work, receipt.case_id, 1).place is None
    assert any_town.differences() == []
    if any_town.house.store.engine.dialect.name == "sqlite":
        assert residues(any_town, [*TRACES, "nắp cống vỡ", *indexes(any_town)]) == []


def test_what_staff_were_told_in_confidence_about_them_goes_along(town: Town):
    receipt = town.report(person=CANARY)
    actor, why = town.actor("hoa"), Why("Gọi bà Canary Ngọc số 0977123987")
    town.house.write(
        town.clock(), lambda work: reveal.reveal(work, receipt.case_id, 1, actor, "contact_reporter", why)
    )
    erase(town, receipt.case_id)
    with town.house.reading(town.clock()) as work:
        (row,) = reveal.reveals_of(work, receipt.case_id, 1)
    assert row.reason == "" and row.purpose == "contact_reporter"
    with pytest.raises(Refusal) as refusal:
        town.house.write(
            town.clock(), lambda work: reveal.reveal(work, receipt.case_id, 1, actor, "contact_reporter", why)
        )
    assert refusal.value.refused.code == "person_erased"


def test_the_name_is_taken_out_of_published_words_too(town: Town):
    receipt = town.to_published(person=CANARY, secrecy="open")

    def overlook(work):
        """What clearing should have caught, and did not."""
        content, card = work.session.scalars(select(models.PubContent)).one(), models.PubCard
        content.report = "kiều canary  ngọc báo nắp cống vỡ. Gọi 0977.123.987."
        content.answer = "Cảm ơn bà Kiều Canary Ngọc (canary.ngoc@example.vn)."
        work.session.get_one(card, receipt.number).title = "kiều canary  ngọc báo nắp cống vỡ"

    town.house.write(town.clock(), overlook)
    erase(town, receipt.case_id)
    with town.house.store.public() as session:
        content = session.scalars(select(models.PubContent)).one()
        card = session.scalars(select(models.PubCard)).one()
    assert content.report == "[đã xóa] báo nắp cống vỡ. Gọi [đã xóa]."
    assert content.answer == "Cảm ơn bà [đã xóa] ([đã xóa])."
    assert card.title == "[đã xóa] báo nắp cống vỡ"
    assert residues(town, [*TRACES, "0977.123.987", "kiều canary"]) == []


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Gọi +84 977 123 987 hoặc 84977123987", "Gọi # hoặc #"),
        (
            "Số 09771239870 và 10977123987 là của người khác",
            "Số 09771239870 và 10977123987 là của người khác",
        ),
        ("Kiều Canary Ngọcc không phải", "Kiều Canary Ngọcc không phải"),
        (unicodedata.normalize("NFD", "Bà KIỀU CANARY NGỌC"), "Bà #"),
        ("Nắp cống vỡ", "Nắp cống vỡ"),
    ],
)
def test_a_person_is_found_however_they_are_spelt_and_nobody_else(said: str, left: str):
    assert Mentions(CANARY).taken_out(said, "#") == left


def test_a_one_word_name_is_not_mistaken_for_a_common_word():
    assert Mentions(Person("Lan")).taken_out("Hoa lan của chị Lan", "#") == "Hoa lan của chị #"
    assert "ai cũng được" not in Mentions(Person())


def test_publishing_after_an_erasure_shows_no_name(town: Town):
    receipt = town.to_approved(person=CANARY, secrecy="open")
    erase(town, receipt.case_id)
    town.publish(receipt.case_id)
    with town.house.store.public() as session:
        assert session.scalars(select(models.PubContent)).one().reporter is None


def test_the_case_goes_on_after_its_reporter_is_erased(town: Town):
    receipt = town.to_agency(person=CANARY, secrecy="confidential")
    erase(town, receipt.case_id)
    town.do(receipt.case_id, "accept", "tu")
    town.do(receipt.case_id, "enter_result", "tu", texts={"result": "Đã xong."})
    assert town.differences() == []


# Legal holds


def hold(town: Town, case_id: int, **options) -> int:
    return town.house.write(
        town.clock(),
        lambda work: holds.place(work, case_id, "Điều 34 Luật Khiếu nại", "Số 12/TB", None, **options),
    )


def test_a_legal_hold_forbids_erasing_and_says_by_which_paper(any_town: Town):
    case_id = any_town.report(person=CANARY).case_id
    standing = hold(any_town, case_id)
    with pytest.raises(Refusal) as refusal:
        erase(any_town, case_id)
    refused = refusal.value.refused
    assert (refused.code, refused.params, refused.cite) == (
        "legal_hold",
        {"document": "Số 12/TB"},
        "Điều 34 Luật Khiếu nại",
    )
    any_town.house.write(any_town.clock(), lambda work: holds.lift(work, standing, None))
    assert erase(any_town, case_id).id
    with pytest.raises(Gone):
        any_town.house.write(any_town.clock(), lambda work: holds.lift(work, standing, None))


def test_a_hold_ends_by_itself_on_its_day(town: Town):
    case_id = town.report(person=CANARY).case_id
    until = town.clock.at.replace(hour=5)
    hold(town, case_id, until=until)
    with pytest.raises(Refusal):
        erase(town, case_id)
    town.clock.at = until
    assert erase(town, case_id).id


# The erasure list


def test_the_erasure_list_names_ids_and_grounds_and_cannot_be_rewritten(any_town: Town):
    case_id = any_town.report(person=CANARY).case_id
    erase(any_town, case_id, purge_text=True)
    with any_town.house.reading(any_town.clock()) as work:
        (row,) = erasure.erased_since(work)
        assert (row.case_id, row.submission, row.ground, row.texts_purged) == (
            case_id,
            1,
            "data_subject",
            True,
        )
        assert row.account_id is None
    for statement in ("UPDATE erasure SET ground = 'court_order'", "DELETE FROM erasure"):
        with pytest.raises(DBAPIError, match="append-only"):
            any_town.house.write(any_town.clock(), lambda work: work.session.execute(text(statement)))  # noqa: B023


def test_after_a_restore_the_list_is_done_again(town: Town):
    first, second = town.report(person=CANARY).case_id, town.report().case_id
    hold(town, first)
    entries = [(first, 1, "data_subject", False), (999, 1, "data_subject", False)]
    again = lambda work: erasure.erase_again(work, entries)  # noqa: E731
    assert town.house.write(town.clock(), again) == 1
    assert town.house.write(town.clock(), again) == 0
    scrubbing.Scrubber().when_due(town.house)
    assert residues(town, [*TRACES, *indexes(town)]) == []
    with town.house.reading(town.clock()) as work:
        assert people.reveal(work, people.of_submission(work, second, 1).identity_id).name


def test_an_unknown_ground_or_report_is_refused(town: Town):
    with pytest.raises(ValueError, match="not a ground"):
        town.house.write(town.clock(), lambda work: erasure.erase_person(work, 1, "because", None))
    with pytest.raises(Gone):
        town.house.write(town.clock(), lambda work: erasure.erase_person(work, 99, "data_subject", None))


def test_a_failed_erasure_destroys_nothing(town: Town):
    receipt = town.report(person=CANARY, photos=[town.kept(photo())])

    def fail(work):
        erasure.erase_person(work, people.of_submission(work, receipt.case_id, 1).id, "data_subject", None)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        town.house.write(town.clock(), fail)
    with town.house.reading(town.clock()) as work:
        assert people.reveal(work, people.of_submission(work, receipt.case_id, 1).identity_id) == CANARY
        (row,) = photos.of_case(work, receipt.case_id)
        assert photos.original_of(work.vault, work.media, row)


# Scrubbing


def test_a_reader_in_the_way_is_passed_over_only_until_the_next_round(any_town: Town):
    town = any_town
    case_id = town.report(person=CANARY).case_id
    with town.house.store.reader() as session:
        session.execute(select(models.Identity)).all()
        began = monotonic()
        erase(town, case_id)
        assert monotonic() - began < 3, "neither the request nor the worker stands in the way of writers"
        assert scrubbing.is_due(town.house)
        assert town.report(), "others go on"
    scrubbing.Scrubber().when_due(town.house)
    assert not scrubbing.is_due(town.house)
    if town.house.store.engine.dialect.name == "sqlite":
        assert residues(town, [*TRACES, *indexes(town)]) == []
    else:
        assert in_heap(town, indexes(town)) == []


def test_a_reader_who_looks_elsewhere_still_sees_the_dead_rows_and_is_waited_for(any_town: Town):
    """PostgreSQL locks him out of no table that is written anew, but keeps for him what he might ask for."""
    town = any_town
    if town.house.store.engine.dialect.name == "sqlite":
        pytest.skip("there a reader of any table is in the way")
    case_id = town.report(person=CANARY).case_id
    with town.house.store.reader() as session:
        session.execute(select(models.Account)).all()
        erase(town, case_id)
        assert scrubbing.is_due(town.house)
    scrubbing.Scrubber().when_due(town.house)
    assert not scrubbing.is_due(town.house) and in_heap(town, indexes(town)) == []


def test_what_is_deleted_while_the_worker_scrubs_is_scrubbed_at_its_next_round(town: Town, monkeypatch):
    erase_now = lambda: town.house.write(town.clock(), scrubbing.mark)  # noqa: E731
    erase_now()
    monkeypatch.setattr(town.house.store, "scrub", lambda wait_s: erase_now())
    scrubbing.Scrubber().when_due(town.house)
    assert scrubbing.is_due(town.house)


def test_the_worker_scrubs_once_a_minute_at_most(town: Town, monkeypatch):
    tries: list[float] = []
    monkeypatch.setattr(town.house.store, "scrub", tries.append)
    scrubber = scrubbing.Scrubber()
    for seconds in (0, 1, 58, 1, 1):
        town.clock.forward(seconds=seconds)
        town.house.write(town.clock(), scrubbing.mark)
        scrubber.when_due(town.house)
    assert tries == [scrubbing.SOON_S] * 2


def test_an_erasure_that_is_undone_leaves_no_mark(town: Town):
    def fail(work):
        scrubbing.mark(work)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        town.house.write(town.clock(), fail)
    assert not scrubbing.is_due(town.house)


def test_the_command_says_so_when_it_could_not_scrub(town: Town, monkeypatch: pytest.MonkeyPatch):
    receipt = town.report(person=CANARY)
    monkeypatch.setenv("HOIDAP_DATA", str(town.house.config.data))
    monkeypatch.setattr("webapp.operations.scrubbing.PATIENT_S", 0.1)
    with town.house.store.reader() as session:
        session.execute(select(models.Case)).all()
        done = CliRunner().invoke(people_group, ["erase", receipt.number, "--ground", "data_subject"])
    assert done.exit_code == 1 and "the person is erased" in done.output and "goes on trying" in done.output
    assert scrubbing.is_due(town.house)


def test_on_postgresql_the_tables_files_hold_nothing_either(any_town: Town):
    if any_town.house.store.engine.dialect.name == "sqlite":
        pytest.skip("the files of SQLite are searched above")
    wrote, folded = "canarywritten trước cổng trường", "kieu canary ngoc bao"
    receipt = any_town.to_approved(person=CANARY, secrecy="open", text=f"{TRACES[0]}: {wrote}")
    published = {"public_text": f"{TRACES[0]} báo nắp cống vỡ", "public_answer": "Đã thay nắp cống mới."}
    any_town.do(receipt.case_id, "publish", "tu", texts=published, checked=True, chosen_photos=())
    traces = [TRACES[0], wrote, folded, *indexes(any_town)]
    assert {found.split(": ")[1] for found in in_heap(any_town, traces)} == set(traces)
    erase(any_town, receipt.case_id, purge_text=True)
    assert in_heap(any_town, traces) == []


def in_heap(town: Town, traces: list[str]) -> list[str]:
    with town.house.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(connection.scalar(text("SHOW data_directory"))) / "base"
        folder /= str(
            connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        )
    files = [path for path in folder.iterdir() if path.is_file()]
    return [
        f"{path.name}: {trace}" for path in files for trace in traces if trace.encode() in path.read_bytes()
    ]


# The command


def test_the_command_erases_by_public_number(town: Town, monkeypatch: pytest.MonkeyPatch):
    receipt = town.report(person=CANARY, text=f"{CANARY.name} báo nắp cống vỡ")
    monkeypatch.setenv("HOIDAP_DATA", str(town.house.config.data))
    run = lambda *words: CliRunner().invoke(people_group, list(words))  # noqa: E731
    assert "[default: 1]" in run("erase", "--help").output
    assert run("erase", "ZZ-000000", "--ground", "data_subject").exit_code == 1
    held = run("hold", receipt.number, "--ground", "Điều 5", "--document", "Số 7/CV")
    assert held.exit_code == 0, held.output
    refused = run("erase", receipt.number, "--ground", "data_subject")
    assert refused.exit_code == 1 and "Số 7/CV" in refused.output and "Điều 5" in refused.output
    assert run("release", "1").exit_code == 0
    done = run("erase", receipt.number.lower(), "--ground", "data_subject")
    assert done.exit_code == 0 and "1 kept texts still name them" in done.output
    assert CANARY.name not in done.output
    done = run("erase", receipt.number, "--ground", "data_subject", "--purge-text")
    assert done.exit_code == 0 and run("scrub").exit_code == 0
    assert residues(town, [*TRACES, *indexes(town)]) == []
    assert run("erasures").output.split("\t")[1:4] == [str(receipt.case_id), "1", "data_subject"]
