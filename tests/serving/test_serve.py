"""`flask serve`: several processes on one port, that come back when they die and go without cutting anybody off."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time

from bench.client import Form, Line, encoded, multipart, read_answer
from tests.cast import photo


def until(true, seconds=20.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.1)
    return False


def test_several_web_processes_serve_one_port_and_one_that_dies_comes_back(start):
    server = start("--web", "2", "--workers", "0")
    assert until(lambda: len(server.pids("web")) == 2)
    first = server.pids("web")
    os.kill(first[0], signal.SIGKILL)
    assert all(Line(server.port).get("/healthz").status == 200 for _ in range(5)), "its sibling goes on"
    assert until(lambda: len(set(server.pids("web")) - {first[0]}) == 2)
    assert server.stop() == 0


def test_a_running_request_and_a_half_sent_one_are_answered_before_the_server_ends(start):
    server = start("--workers", "0")
    form, log_in = Form.fetched(server.port), Form.fetched(server.port, "/co-quan/dang-nhap")
    body, kind = multipart(form.fields("2026-03-02", 1), photo())
    answers = []

    def guess():
        fields = {"csrf_token": log_in.token, "username": "hoa", "password": "a wrong one, and long"}
        answers.append(Line(server.port, log_in.cookie).post("/co-quan/dang-nhap", encoded(fields)).status)

    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as slow:
        head = f"POST /gui HTTP/1.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        slow.sendall(head.encode() + Line(server.port, form.cookie).common() + b"\r\n" + body[:500])
        idle = socket.create_connection(("127.0.0.1", server.port))
        guessing = threading.Thread(target=guess)
        guessing.start()
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        slow.sendall(body[500:])
        assert read_answer(slow).status == 200
        idle.close()
    guessing.join()
    assert answers == [422]
    assert server.process.wait(40) == 0


def test_the_worker_tells_that_it_lives_and_the_reserve_is_put_aside(start):
    server = start()
    assert (server.town.house.config.data / "reserve").stat().st_size == 32 * 2**20

    def beats():
        return b'"worker_beat_age":null' not in Line(server.port).get("/status").body

    assert until(beats)


def test_a_log_line_names_the_endpoint_and_nothing_that_was_typed(start):
    server = start("--workers", "0")
    line = Line(server.port, "canarycookie=CANARYCOOKIE")
    line.ask(b"GET /?q=CANARYQUERY HTTP/1.1\r\nUser-Agent: CANARYAGENT\r\nX-Forwarded-For: 203.0.113.77\r\n")
    line.get("/pa/QN-CANARY")
    line.get("/CANARYPATH")
    line.ask(b"CANARYMETHOD / HTTP/1.1\r\nReferer: http://CANARYREFERER/\r\n")
    assert (
        server.send_report(text="CANARYTEXT vỡ nắp cống trước cổng trường", reporter_name="CANARYNAME") == 200
    )
    server.stop()
    requests = [row for row in server.lines() if row["event"] == "request"]
    assert {row["endpoint"] for row in requests} >= {"public.home", "public.case", "none", "citizen.send"}
    assert all(set(row) == {"event", "at", "method", "endpoint", "status", "ms", "bytes"} for row in requests)
    written = server.log.read_text()
    assert "CANARY" not in written and "203.0.113.77" not in written and "127.0.0.1 " not in written
