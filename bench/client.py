"""A client that costs little itself: keep-alive sockets, bytes in and bytes out. Only for 127.0.0.1."""

from __future__ import annotations

import re
import secrets
import socket
import statistics
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^;\r]+)", re.IGNORECASE)
PATIENCE_S = 10.0  # a reader who has waited that long is gone
_CSRF = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Answer:
    status: int
    head: bytes
    body: bytes


@dataclass
class Line:
    """One keep-alive connection."""

    port: int
    cookie: str = ""
    timeout: float = 60
    _socket: socket.socket | None = None

    def get(self, path: str) -> Answer:
        return self.ask(f"GET {path} HTTP/1.1\r\n".encode())

    def post(self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded") -> Answer:
        head = f"POST {path} HTTP/1.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        return self.ask(head.encode(), body)

    def ask(self, head: bytes, body: bytes = b"") -> Answer:
        """Again on a fresh connection when a kept one was closed meanwhile."""
        kept = self._socket is not None
        try:
            return self._ask(head, body)
        except (ConnectionError, EOFError):
            self.close()
            if not kept:
                raise
            return self._ask(head, body)

    def _ask(self, head: bytes, body: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), self.timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(head + self.common() + b"\r\n" + body)
        return read_answer(self._socket)

    def common(self) -> bytes:
        cookie = f"Cookie: {self.cookie}\r\n" if self.cookie else ""
        return f"Host: 127.0.0.1:{self.port}\r\n{cookie}".encode()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def read_answer(sock: socket.socket) -> Answer:
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        part = sock.recv(65536)
        if not part:
            raise EOFError("closed before an answer")
        data += part
    head, body = data[: end + 2], data[end + 4 :]
    found = _LENGTH.search(head)
    length = int(found[1]) if found else 0
    while len(body) < length:
        part = sock.recv(65536)
        if not part:
            raise EOFError("closed within an answer")
        body += part
    return Answer(int(head[9:12]), head, body)


# A report


@dataclass
class Form:
    """The token of a report form, and the cookie that belongs to it."""

    token: str
    cookie: str

    @classmethod
    def fetched(cls, port: int, path: str = "/gui") -> Form:
        answer = Line(port).get(path)
        token, cookie = _CSRF.search(answer.body), _COOKIE.search(answer.head)
        assert token and cookie, answer.status
        return cls(token[1].decode(), cookie[1].decode())

    def fields(self, day: str, number: int) -> dict[str, str]:
        # A phone of its own each time: one reporter may send only so many photos a day.
        return {
            "csrf_token": self.token,
            "secret": secrets.token_hex(16),
            "text": "Nắp cống vỡ trước cổng trường, trời tối rất nguy hiểm cho các cháu đi học về. " * 2,
            "commune": "20341",
            "place": "Trước cổng trường tiểu học",
            "lat": "15.5736",
            "lon": "108.474",
            "accuracy": "12",
            "happened": day,
            "category": "giao-thong",
            "reporter_name": "Nguyễn Thị Bưởi",
            "phone": f"09{number % 10**8:08d}",
            "visibility": "hide_name",
            "undertaking": "1",
        }


def encoded(fields: Mapping[str, str]) -> bytes:
    return urlencode(fields).encode()


def multipart(fields: Mapping[str, str], photo: bytes) -> tuple[bytes, str]:
    """The body with one photo, and its content type."""
    border = secrets.token_hex(12)
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{border}\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n'
    parts += [head.encode(), b"Content-Type: image/jpeg\r\n\r\n", photo, f"\r\n--{border}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={border}"


# Loads


@dataclass
class Load:
    """What a load saw: seconds of each answer, and answers that were not 200."""

    seconds: list[float] = field(default_factory=list)
    bad: list[int] = field(default_factory=list)
    took: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.took

    def at(self, share: float) -> float:
        """A quantile in milliseconds."""
        if len(self.seconds) < 2:
            return float("nan")
        return 1000 * statistics.quantiles(self.seconds, n=1000, method="inclusive")[int(share * 1000) - 1]


def closed_loop(clients: int, seconds: float, one: Callable[[int], Callable[[], int]]) -> Load:
    """`clients` of them, each asking again as soon as it has its answer. `one(n)` makes client n's turn."""
    load, end = Load(), time.perf_counter() + seconds
    start = time.perf_counter()

    def run(number: int) -> None:
        turn = one(number)
        while time.perf_counter() < end:
            begun = time.perf_counter()
            status = turn()
            load.seconds.append(time.perf_counter() - begun)
            if status != 200:
                load.bad.append(status)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.took = time.perf_counter() - start
    return load


def open_loop(rate: float, seconds: float, turn: Callable[[Line], int], port: int, lines: int = 32) -> Load:
    """Requests at a fixed rate whether or not earlier ones were answered, as strangers come.

    A request's time counts from when it should have been sent, so that a stalled server is seen.
    """
    load, start, count = Load(), time.perf_counter() + 0.1, int(rate * seconds)
    turns, lock = iter(range(count)), threading.Lock()

    def run() -> None:
        line = Line(port, timeout=PATIENCE_S)
        while True:
            with lock:
                number = next(turns, None)
            if number is None:
                return line.close()
            due = start + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            try:
                status = turn(line) if time.perf_counter() < start + seconds + PATIENCE_S else 0
            except (OSError, EOFError):
                status = 0
                line.close()
            load.seconds.append(time.perf_counter() - due)
            if status != 200:
                load.bad.append(status)

    threads = [threading.Thread(target=run) for _ in range(lines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.took = time.perf_counter() - start
    return load


class SlowPhones:
    """So many phones, each sending a report with a photo over a thin line, again and again."""

    def __init__(self, port: int, form: Form, day: str, phones: int, bytes_s: int, size: int) -> None:
        self._stop = threading.Event()
        self.answers: list[int] = []
        self.failed = 0
        run = (port, form, day, bytes_s, size)
        self._threads = [threading.Thread(target=self._run, args=(n, *run)) for n in range(phones)]

    def __enter__(self) -> SlowPhones:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int, port: int, form: Form, day: str, bytes_s: int, size: int) -> None:
        while not self._stop.is_set():
            try:
                self._send(number, port, form, day, bytes_s, size)
            except OSError:
                self.failed += 1
                self._stop.wait(0.2)
            except EOFError:
                self.failed += 1

    def _send(self, number: int, port: int, form: Form, day: str, bytes_s: int, size: int) -> None:
        body, kind = multipart(form.fields(day, secrets.randbelow(10**8)), secrets.token_bytes(size))
        line = Line(port, form.cookie)
        with socket.create_connection(("127.0.0.1", port), timeout=120) as sock:
            head = f"POST /gui HTTP/1.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
            sock.sendall(head.encode() + line.common() + b"\r\n")
            step = bytes_s // 5
            for start in range(0, len(body), step):
                if self._stop.wait(0.2):
                    return
                sock.sendall(body[start : start + step])
            self.answers.append(read_answer(sock).status)
