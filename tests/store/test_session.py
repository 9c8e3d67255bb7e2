"""Readers cannot write, writers take turns, and only the outermost caller commits."""

import fcntl
import multiprocessing
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp.config import Config
from webapp.store.session import Store, StoreBusy, after_commit

PROCESSES, WRITES = 8, 50


def _make_table(store: Store) -> None:
    with store.writer() as session:
        session.execute(text("CREATE TABLE entry (who integer, n integer, total integer)"))


def _count(store: Store) -> int:
    with store.reader() as session:
        return int(session.scalar(text("SELECT count(*) FROM entry")) or 0)


def _insert(session: Session, who: int = 0, n: int = 0) -> None:
    session.execute(text("INSERT INTO entry VALUES (:who, :n, 0)"), {"who": who, "n": n})


@pytest.fixture
def table(store: Store) -> Store:
    _make_table(store)
    return store


@pytest.fixture
def sqlite_store(sqlite_config: Config) -> Store:
    store = Store(sqlite_config, lock_timeout_s=0.2)
    _make_table(store)
    return store


def test_a_writer_commits_when_its_block_ends(table: Store) -> None:
    with table.writer() as session:
        _insert(session)
    assert _count(table) == 1


def test_a_writer_rolls_back_when_its_block_raises(table: Store) -> None:
    with pytest.raises(ZeroDivisionError), table.writer() as session:
        _insert(session)
        _ = 1 / 0
    assert _count(table) == 0
    with table.writer() as session:
        _insert(session)
    assert _count(table) == 1


def test_an_operation_cannot_commit_or_roll_back_the_outer_transaction(table: Store) -> None:
    with table.writer() as session:
        with pytest.raises(RuntimeError, match="never commit"):
            session.commit()
        with pytest.raises(RuntimeError, match="never roll back"):
            session.rollback()


def test_a_savepoint_inside_a_writer_can_fail_alone(table: Store) -> None:
    with table.writer() as session:
        _insert(session)
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            _insert(session)
            _ = 1 / 0
    assert _count(table) == 1


def test_a_reader_cannot_write_and_its_connection_can_afterwards(table: Store) -> None:
    with table.reader() as session, pytest.raises(DBAPIError, match=r"readonly|read-only"):
        _insert(session)
    with table.engine.begin() as connection:
        connection.execute(text("INSERT INTO entry VALUES (1, 1, 1)"))
    assert _count(table) == 1


def test_a_reader_sees_one_moment_while_others_write(table: Store) -> None:
    count = text("SELECT count(*) FROM entry")
    with table.reader() as session:
        before = session.scalar(count)
        with table.writer() as writing:
            _insert(writing)
        assert session.scalar(count) == before
    assert _count(table) == 1


def test_a_writer_inside_a_writer_of_the_same_thread_is_refused(table: Store) -> None:
    with table.writer(), pytest.raises(RuntimeError, match="already inside a writer"), table.writer():
        pass
    with table.writer() as session:
        _insert(session)
    assert _count(table) == 1


def test_hooks_run_after_the_commit_with_the_lock_free(table: Store) -> None:
    seen: list[int] = []

    def look_and_write() -> None:
        seen.append(_count(table))
        with table.writer() as session:
            _insert(session)

    with table.writer() as session:
        _insert(session)
        after_commit(session, look_and_write)
        assert seen == []
    assert seen == [1]
    assert _count(table) == 2


def test_hooks_do_not_run_when_the_block_raises(table: Store) -> None:
    seen: list[str] = []
    with pytest.raises(ZeroDivisionError), table.writer() as session:
        after_commit(session, lambda: seen.append("ran"))
        _ = 1 / 0
    assert seen == []


def test_one_failing_hook_does_not_stop_the_others(table: Store) -> None:
    seen: list[str] = []

    def fail() -> NoReturn:
        raise OSError("no network")

    with pytest.raises(ExceptionGroup, match="committed"), table.writer() as session:
        _insert(session)
        after_commit(session, fail)
        after_commit(session, lambda: seen.append("ran"))
    assert seen == ["ran"]
    assert _count(table) == 1


def test_a_reader_has_nothing_to_run_after_a_commit(table: Store) -> None:
    with table.reader() as session, pytest.raises(RuntimeError, match="only a writer"):
        after_commit(session, lambda: None)


def test_a_writer_gives_up_when_another_process_holds_the_lock(
    sqlite_store: Store, sqlite_config: Config
) -> None:
    descriptor = os.open(sqlite_config.lock_file, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(StoreBusy), sqlite_store.writer():
        pass
    os.close(descriptor)
    with sqlite_store.writer() as session:
        _insert(session)
    assert _count(sqlite_store) == 1


def test_writers_that_gave_up_do_not_hold_the_lock_later(sqlite_store: Store, sqlite_config: Config) -> None:
    descriptor = os.open(sqlite_config.lock_file, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    for _ in range(3):
        with pytest.raises(StoreBusy), sqlite_store.writer():
            pass
    os.close(descriptor)
    for _ in range(20):
        with sqlite_store.writer() as session:
            _insert(session)
    assert _count(sqlite_store) == 20


def test_a_writer_gives_up_when_another_thread_writes_too_long(sqlite_store: Store) -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with sqlite_store.writer():
            inside.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(10)
    with pytest.raises(StoreBusy), sqlite_store.writer():
        pass
    leave.set()
    holder.join(10)


def test_two_stores_of_one_process_exclude_each_other(sqlite_store: Store, sqlite_config: Config) -> None:
    other = Store(sqlite_config, lock_timeout_s=0.1)
    with sqlite_store.writer(), pytest.raises(StoreBusy), other.writer():
        pass


def test_a_lock_dies_with_its_process(sqlite_store: Store, sqlite_config: Config) -> None:
    spawn = multiprocessing.get_context("spawn")
    inside = spawn.Event()
    holder = spawn.Process(target=_hold_for_ever, args=(sqlite_config, inside))
    holder.start()
    assert inside.wait(30)
    holder.kill()
    holder.join(10)
    with sqlite_store.writer() as session:
        _insert(session)
    assert _count(sqlite_store) == 1


def _hold_for_ever(config: Config, inside: threading.Event) -> None:
    with Store(config).writer() as session:
        _insert(session)
        inside.set()
        time.sleep(60)


def _write_many(config: Config, who: int) -> None:
    store = Store(config)
    for n in range(WRITES):
        with store.writer() as session:
            # Reading before writing: with a deferred BEGIN this is what fails with "database is locked".
            total = session.scalar(text("SELECT coalesce(max(total), 0) FROM entry"))
            row = {"who": who, "n": n, "total": (total or 0) + 1}
            session.execute(text("INSERT INTO entry VALUES (:who, :n, :total)"), row)
    store.close()


def _assert_all_written(store: Store) -> None:
    with store.reader() as session:
        rows = session.execute(text("SELECT who, n, total FROM entry")).all()
    assert {(who, n) for who, n, _ in rows} == {(who, n) for who in range(PROCESSES) for n in range(WRITES)}
    assert sorted(total for *_, total in rows) == list(range(1, PROCESSES * WRITES + 1))


def test_eight_processes_write_fifty_times_each_and_nothing_is_lost(sqlite_config: Config) -> None:
    store = Store(sqlite_config)
    _make_table(store)
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write_many, args=(sqlite_config, who)) for who in range(PROCESSES)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0] * PROCESSES
    _assert_all_written(store)


def test_eight_threads_write_fifty_times_each_and_nothing_is_lost(sqlite_config: Config) -> None:
    store = Store(sqlite_config)
    _make_table(store)
    with ThreadPoolExecutor(PROCESSES) as pool:
        list(pool.map(_write_many, [sqlite_config] * PROCESSES, range(PROCESSES)))
    _assert_all_written(store)


def test_threads_may_write_at_once_on_postgresql(postgres_config: Config) -> None:
    store = Store(postgres_config)
    _make_table(store)
    both_inside = threading.Barrier(2, timeout=10)

    def write(who: int) -> None:
        with store.writer() as session:
            _insert(session, who)
            both_inside.wait()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, range(2)))
    assert _count(store) == 2
    store.close()
