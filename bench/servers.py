"""Which WSGI server: the same application, the same questions, one after the other in one run.

    PYTHONPATH=<where gunicorn and granian are> python -m bench.servers [seconds] [rounds]

Not part of `make bench`: gunicorn and granian are not installed with the product. ADR 0003 has its figures.
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import house
from bench.client import Form, Line, SlowPhones, closed_loop, encoded, open_loop
from webapp.regulations.load import load_installation

PY = sys.executable
APP = "webapp:create_app()"


def candidates(port: int) -> dict[str, list[str]]:
    bind = f"127.0.0.1:{port}"
    gunicorn = [PY, "-m", "gunicorn", "--bind", bind, "--log-level", "warning", APP]
    granian = [
        PY,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--port",
        str(port),
        "--factory",
        "webapp:create_app",
    ]
    return {
        "waitress 1x4": house.serve("--web", "1", "--workers", "0"),
        "waitress 2x4": house.serve("--web", "2", "--workers", "0"),
        "gunicorn sync 2": [*gunicorn, "--workers", "2"],
        "gunicorn gthread 2x4": [*gunicorn, "--workers", "2", "--threads", "4"],
        "granian 2x4": [*granian, "--workers", "2", "--blocking-threads", "4"],
    }


def measure(name: str, data: Path, port: int, seconds: float) -> dict[str, object]:
    row: dict[str, object] = {"server": name}
    with house.running(candidates(port)[name], data, port) as (process, _):
        row["light_per_s"] = round(closed_loop(8, seconds, asker(port, "/healthz")).rate)
        row["home_per_s"] = round(closed_loop(8, seconds, asker(port, "/")).rate)
        row |= uploads(port, seconds * 2)
        row |= stop(process, port)
    return row


def asker(port: int, path: str):
    def client(_: int):
        line = Line(port)
        return lambda: line.get(path).status

    return client


def uploads(port: int, seconds: float) -> dict[str, object]:
    def turn(line: Line) -> int:
        return line.get("/").status

    alone = open_loop(20, seconds / 2, turn, port, lines=16)
    form = Form.fetched(port)
    with SlowPhones(port, form, today(), phones=50, bytes_s=20_000, size=200_000):
        time.sleep(3)
        among = open_loop(20, seconds, turn, port, lines=16)
    return {
        "p95_alone_ms": round(alone.at(0.95), 1),
        "p95_with_50_uploads_ms": round(among.at(0.95), 1),
        "bad": len(among.bad),
    }


def stop(process: subprocess.Popen[bytes], port: int) -> dict[str, object]:
    """SIGTERM while four log-ins are being computed and one upload is half way: who gets an answer?"""
    form, answers = Form.fetched(port, "/co-quan/dang-nhap"), []
    report = Form.fetched(port)

    def log_in() -> None:
        body = encoded({"csrf_token": form.token, "username": "hoa", "password": "wrong, but long enough"})
        try:
            answers.append(Line(port, form.cookie).post("/co-quan/dang-nhap", body).status)
        except (OSError, EOFError):
            answers.append(0)

    phone = SlowPhones(port, report, today(), phones=1, bytes_s=50_000, size=150_000)
    threads = [threading.Thread(target=log_in) for _ in range(4)]
    with phone:
        time.sleep(1.5)
        for thread in threads:
            thread.start()
        time.sleep(0.15)
        process.send_signal(signal.SIGTERM)
        began = time.perf_counter()
        for thread in threads:
            thread.join()
        time.sleep(3)
    process.wait(40)
    return {
        "log_ins_answered_at_stop": sum(status == 422 for status in answers),
        "half_upload_answered": bool(phone.answers),
        "stop_s": round(time.perf_counter() - began, 1),
    }


def today() -> str:
    law = load_installation("quang-nam")
    zone = law.regulation(law.applies[0].regulation).zone
    return datetime.now(UTC).astimezone(zone).date().isoformat()


def main(seconds: float = 5, rounds: int = 3) -> None:
    rows: dict[str, list[dict[str, object]]] = {}
    with house.town() as town:
        for _ in range(rounds):
            for name in candidates(0):
                row = measure(name, town.house.config.data, house.free_port(), seconds)
                rows.setdefault(name, []).append(row)
                print(json.dumps(row), flush=True)
    for name, found in rows.items():
        middle = {
            key: statistics.median(float(row[key]) for row in found)  # type: ignore[arg-type]
            for key in found[0]
            if key != "server"
        }
        print(json.dumps({"median": name, **middle}), flush=True)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
