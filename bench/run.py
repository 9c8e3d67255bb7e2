"""`make bench`: one JSON line per figure, each with its bar where there is one.

    python -m bench.run [--seconds 6] [--rounds 3] [--folder /on/the/disk/in/question] [--only name]

What is compared runs side by side in the same minute on the same disk, and a figure is a median over rounds:
on a shared machine the ratio means more than the number.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import random
import secrets
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from sqlalchemy import func, select

from bench import clocks, house
from bench.client import Form, Line, SlowPhones, closed_loop, encoded, multipart, open_loop
from bench.servers import today
from tests.cast import PASSWORD, Town
from webapp.store import models
from webapp.store.limits import Draw, Limits, Rule

CLIENTS = 8
RESULTS: list[dict[str, object]] = []


def tell(name: str, value: float, unit: str, bar: str = "", met: bool | None = None, **more: object) -> None:
    row = {"figure": name, "value": round(value, 3), "unit": unit, **more}
    if bar:
        row |= {"bar": bar, "met": met}
    RESULTS.append(row)
    print(json.dumps(row), flush=True)


# The yardstick: the same rows in the same pragmas, with nothing around them


def rows_of_one(town: Town) -> list[tuple[str, tuple[str, ...], tuple[object, ...]]]:
    """The rows, byte for byte, that one submission writes."""
    path = town.house.config.data / "hoidap.db"
    before = _rows(path)
    town.report(occurred_on=today())
    return [row for row in _rows(path) if row not in before]


def _rows(path: Path) -> list[tuple[str, tuple[str, ...], tuple[object, ...]]]:
    found = []
    with sqlite3.connect(path) as db:
        tables = db.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%'")
        for (table,) in tables.fetchall():
            cursor = db.execute(f'SELECT * FROM "{table}"')
            names = tuple(column[0] for column in cursor.description)
            found += [(table, names, row) for row in cursor]
    return found


def bare_commits(
    folder: Path, rows: list[tuple[str, tuple[str, ...], tuple[object, ...]]], s: float
) -> float:
    """Commits a second of those rows by one writer: prepared statements, one transaction each."""
    path = folder / f"bare-{secrets.token_hex(4)}.db"
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    for table, names, _ in {table: (table, names, row) for table, names, row in rows}.values():
        columns = ", ".join(f"[{name}]" for name in names)
        db.execute(f'CREATE TABLE "{table}" ([own id] INTEGER PRIMARY KEY, {columns})')
    written = [(_insert(table, names), row) for table, names, row in rows]
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < s:
        db.execute("BEGIN IMMEDIATE")
        for statement, row in written:
            db.execute(statement, row)
        db.execute("COMMIT")
        done += 1
    rate = done / (time.perf_counter() - start)
    db.close()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return rate


def _insert(table: str, names: tuple[str, ...]) -> str:
    columns = ", ".join(f"[{name}]" for name in names)
    return f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join("?" * len(names))})'


# Submissions


def submissions(town: Town, port: int, seconds: float, rounds: int, web_pids: list[int]) -> None:
    """Text as phones send it (queue) and as a browser without scripts does (form); a form with one photo."""
    data, photo = town.house.config.data, camera_photo()
    rows = rows_of_one(town)
    senders = {"text": queue_sender(port), "form": sender(port, None), "photo": sender(port, photo)}
    for name, client in senders.items():
        pairs, costs = [], []
        for _ in range(rounds):
            bare = bare_commits(data.parent, rows, seconds / 2)
            cpu, count = house.cpu_seconds(web_pids), _count(town)
            load = closed_loop(CLIENTS, seconds, client)
            stored = _count(town) - count
            assert stored >= len(load.seconds) - len(load.bad), "an answered report is not in the database"
            costs.append((house.cpu_seconds(web_pids) - cpu) / max(1, stored))
            pairs.append((stored / load.took, bare, load.at(0.95), len(load.bad)))
        _tell_submissions(name, pairs, costs, len(rows))


def _tell_submissions(
    name: str, pairs: list[tuple[float, float, float, int]], costs: list[float], n: int
) -> None:
    rate, bare = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    tell(f"{name}_bare_commits", bare, "per s", rows=n)
    more = {"rounds": [round(pair[0], 1) for pair in pairs], "not_200": sum(pair[3] for pair in pairs)}
    if name == "text":
        tell("text_submissions", rate, "per s", "200 where bare > 2000", bare <= 2000 or rate >= 200, **more)
        tell("text_submissions_of_bare", ratio, "ratio", "0.10", ratio >= 0.10)
    else:
        tell(f"{name}_submissions", rate, "per s", of_bare=round(ratio, 3), **more)
    tell(f"{name}_submission_p95", statistics.median(pair[2] for pair in pairs), "ms", clients=CLIENTS)
    tell(f"{name}_submission_cpu", 1000 * statistics.median(costs), "ms web CPU each")


def queue_sender(port: int) -> Callable[[int], Callable[[], int]]:
    """A phone's queue: the text as JSON, without cookie, answered with number and code."""
    day = today()

    def client(number: int) -> Callable[[], int]:
        form, line = Form("", ""), Line(port)

        def turn() -> int:
            fields = form.fields(day, secrets.randbelow(10**8))
            secret, _ = fields.pop("secret"), fields.pop("csrf_token")
            body = json.dumps({"v": 1, "secret": secret, "fields": fields, "files": []}).encode()
            return line.post("/hang-doi/phan-anh", body, "application/json").status

        return turn

    return client


def sender(port: int, photo: bytes | None) -> Callable[[int], Callable[[], int]]:
    day = today()

    def client(number: int) -> Callable[[], int]:
        form = Form.fetched(port)
        line = Line(port, form.cookie)

        def turn() -> int:
            fields = form.fields(day, secrets.randbelow(10**8))
            if photo is None:
                return line.post("/gui", encoded(fields)).status
            return line.post("/gui", *multipart(fields, photo + secrets.token_bytes(8))).status

        return turn

    return client


def camera_photo() -> bytes:
    """Twelve megapixels as a phone makes them: about 3 MB of JPEG."""
    image = Image.frombytes("RGB", (500, 375), random.Random(7).randbytes(500 * 375 * 3)).resize((4000, 3000))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def _count(town: Town) -> int:
    with town.house.store.reader() as session:
        return session.scalar(select(func.count()).select_from(models.Submission)) or 0


# Pages


def public_paths(town: Town) -> dict[str, str]:
    with town.house.store.reader() as session:
        published = select(models.Case.code).where(models.Case.leading.is_not(None)).limit(1)
        return {"healthz": "/healthz", "home": "/", "case": f"/pa/{session.scalars(published).one()}"}


def pages(port: int, public: dict[str, str], web_pids: list[int], seconds: float, rounds: int) -> None:
    paths = {name: (path, Line(port)) for name, path in public.items()}
    paths["queue"] = ("/co-quan/", logged_in(port))
    costs: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(rounds):
        for name, (path, line) in paths.items():
            costs[name].append(cpu_of(line, path, web_pids, seconds / 2))
    for name, found in costs.items():
        middle = statistics.median(found)
        if name == "healthz":
            tell("healthz_cpu", middle, "ms", "1.5", middle <= 1.5)
        else:
            tell(f"{name}_cpu", middle, "ms")


def cpu_of(line: Line, path: str, pids: list[int], seconds: float) -> float:
    """CPU milliseconds of the web processes per page, one client."""
    assert line.get(path).status == 200, path
    before, done, end = house.cpu_seconds(pids), 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        line.get(path)
        done += 1
    return 1000 * (house.cpu_seconds(pids) - before) / done


def logged_in(port: int) -> Line:
    form = Form.fetched(port, "/co-quan/dang-nhap")
    line = Line(port, form.cookie)
    body = encoded({"csrf_token": form.token, "username": "hoa", "password": PASSWORD})
    answer = line.post("/co-quan/dang-nhap", body)
    assert answer.status == 303, answer.status
    line.cookie = next(
        part.split(b";")[0].decode()
        for part in answer.head.split(b"Set-Cookie: ")[1:]
        if part.startswith((b"desk=", b"__Host-desk="))
    )
    return line


def at_a_hundred(port: int, paths: list[str], seconds: float, rounds: int) -> None:
    """Readers and senders at 100 requests a second: every tenth sends a report."""
    form, day = Form.fetched(port), today()
    turns = iter(range(10**9))

    def turn(line: Line) -> int:
        number = next(turns)
        if number % 10:
            return line.get(paths[number % len(paths)]).status
        line.cookie = form.cookie
        return line.post("/gui", encoded(form.fields(day, number))).status

    found = [open_loop(100, seconds, turn, port, lines=64) for _ in range(rounds)]
    tell("p95_at_100_per_s", statistics.median(load.at(0.95) for load in found), "ms", paths=len(paths),
         p50=round(statistics.median(load.at(0.5) for load in found), 1),
         not_200=sum(len(load.bad) for load in found))  # fmt: skip


def among_uploads(port: int, paths: list[str], seconds: float, rounds: int) -> None:
    """50 phones at 20 kB/s, and other people's pages meanwhile; alone and among them by turns."""
    form, turns = Form.fetched(port), iter(range(10**9))
    alone, among = [], []
    for _ in range(rounds):
        alone.append(open_loop(20, seconds / 2, lambda line: _next(line, paths, turns), port).at(0.95))
        with SlowPhones(port, form, today(), phones=50, bytes_s=20_000, size=200_000) as phones:
            time.sleep(2)
            among.append(open_loop(20, seconds, lambda line: _next(line, paths, turns), port).at(0.95))
        assert phones.failed == 0, phones.failed
    middle = statistics.median(among)
    tell("p95_among_50_uploads", middle, "ms", "100", middle < 100, alone=round(statistics.median(alone), 1),
         rounds=[round(value, 1) for value in among])  # fmt: skip


def _next(line: Line, paths: list[str], turns) -> int:
    return line.get(paths[next(turns) % len(paths)]).status


# The rest


def startup(data: Path, rounds: int) -> None:
    times = []
    for _ in range(rounds):
        with house.running(house.serve(), data, house.free_port()) as (_, seconds):
            times.append(seconds)
    tell("startup_to_first_200", statistics.median(times), "s", rounds=[round(value, 2) for value in times])


def memory(process: subprocess.Popen[bytes]) -> None:
    for pid in house.tree(process.pid):
        tell(f"rss_{house.name_of(pid)}", house.rss_megabytes(pid), "MB")


def limit_cost(folder: Path) -> None:
    limits, rule = Limits(folder / "limits-bench.db"), Rule("bench", 10, 60, 10**6)
    now, times = datetime.now(UTC), []
    for number in range(2000):
        begun = time.perf_counter()
        limits.take([Draw(rule, f"192.0.2.{number % 250}")], now + timedelta(seconds=number))
        times.append(time.perf_counter() - begun)
    limits.close()
    tell("limit_draw", 1000 * statistics.median(times), "ms")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=6)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--folder", help="where the data folder is made: the disk that is measured")
    words.add_argument("--web", help="web processes; else as many as `flask serve` starts here")
    words.add_argument("--only", default="", help="clocks, startup, pages, uploads, load or submissions")
    given = words.parse_args()

    def wanted(part: str) -> bool:
        return given.only in ("", part)

    gc.disable()
    if wanted("clocks"):
        clocks.instants(tell, 1_000_000)
        with house.town(given.folder, cases=0) as town:
            clocks.recounted(tell, town, 50_000)
    with house.town(given.folder) as town:
        data, port = town.house.config.data, house.free_port()
        if wanted("startup"):
            startup(data, given.rounds)
            limit_cost(data.parent)
        command = house.serve("--web", given.web) if given.web else house.serve()
        with house.running(command, data, port) as (process, _):
            web = [pid for pid in house.tree(process.pid) if house.name_of(pid) == "hoidap-web"]
            public = public_paths(town)
            if wanted("pages"):
                pages(port, public, web, given.seconds / 2, given.rounds)
            if wanted("uploads"):
                among_uploads(port, list(public.values()), given.seconds, given.rounds)
            if wanted("load"):
                at_a_hundred(port, list(public.values()), given.seconds, given.rounds)
            if wanted("submissions"):
                submissions(town, port, given.seconds, given.rounds, web)
            memory(process)
        worst = [row["figure"] for row in RESULTS if row.get("met") is False]
    print(json.dumps({"bars_missed": worst}))


if __name__ == "__main__":
    main()
