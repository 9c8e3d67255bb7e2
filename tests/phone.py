"""A phone with a queue, without a browser: it writes a report, announces its files and sends them in pieces.

It does what static/js does and no more, over whatever `Send` it is given: the application in this process, or a
server on a port.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any

from tests.cast import MANHOLE

REPORT, FILES, RECEIPT = "/hang-doi/phan-anh", "/hang-doi/tep", "/hang-doi/bien-nhan"
OCTETS = "application/offset+octet-stream"
WRITTEN = {
    "text": MANHOLE, "commune": "20341", "place": "Trước cổng trường", "happened": "2026-03-02",
    "category": "giao-thong", "reporter_name": "Nguyễn Thị Bưởi", "phone": "0905 123 456",
    "visibility": "hide_name", "undertaking": "1",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def offset(self) -> int:
        return int(self.headers["Upload-Offset"])


Send = Callable[[str, str, Mapping[str, str], bytes], Answer]


@dataclass(frozen=True)
class File:
    """What a camera made."""

    data: bytes
    kind: str = "photo"
    type: str = "image/jpeg"
    id: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def promise(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "size": len(self.data),
            "sha256": self.sha256,
            "type": self.type,
        }


@dataclass
class Phone:
    """`answers`: every answer it got, so that tests can look for what must not be in them."""

    to: Send
    files: Sequence[File] = ()
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    fields: Mapping[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        self.answers.append(self.to(method, path, headers or {}, body))
        return self.answers[-1]

    def own(self, **more: str) -> dict[str, str]:
        """The headers of a request about a file."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.secret}", "Tus-Resumable": "1.0.0"} | named

    def report(self, **changes: Any) -> Answer:
        """The text; `changes` replace parts of what is sent."""
        told = {
            "v": 1, "secret": self.secret, "fields": {**WRITTEN, **self.fields},
            "files": [one.promise() for one in self.files], "written_at": "2026-03-02T00:55:00Z",
        } | changes  # fmt: skip
        return self.send("POST", REPORT, {"Content-Type": "application/json"}, json.dumps(told).encode())

    def create(self, file: File, **headers: str) -> Answer:
        about = {"id": file.id, "sha256": file.sha256, "kind": file.kind, "type": file.type}
        pairs = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in about.items()
        )
        asked = {"Upload_Length": str(len(file.data)), "Upload_Metadata": pairs} | headers
        return self.send("POST", FILES, self.own(**asked))

    def head(self, file: File) -> Answer:
        return self.send("HEAD", f"{FILES}/{file.id}", self.own())

    def patch(self, file: File, at: int, piece: bytes, **headers: str) -> Answer:
        check = base64.b64encode(hashlib.sha256(piece).digest()).decode()
        asked = {"Content_Type": OCTETS, "Upload_Offset": str(at), "Upload_Checksum": f"sha256 {check}"}
        return self.send("PATCH", f"{FILES}/{file.id}", self.own(**asked | headers), piece)

    def drop(self, file: File) -> Answer:
        return self.send("DELETE", f"{FILES}/{file.id}", self.own())

    def receipt(self) -> Answer:
        return self.send("GET", RECEIPT, {"Authorization": f"Bearer {self.secret}"})

    def upload(self, file: File, piece: int = 100_000) -> Answer:
        """Everything that is still missing, as a queue does it: ask how far it is, send the rest."""
        assert self.create(file).status in (200, 201), self.answers[-1].body
        at = self.head(file).offset
        answer = self.answers[-1]
        while at < len(file.data):
            answer = self.patch(file, at, file.data[at : at + piece])
            assert answer.status == 204, (answer.status, answer.body)
            at = answer.offset
        return answer

    def state(self, file: File) -> dict[str, Any]:
        """What the receipt says of a file."""
        return next(line for line in self.receipt().json["files"] if line["id"] == file.id)


def inside(app: Any) -> Send:
    """To the application in this process. A fresh client each time: nothing may depend on a cookie."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        answer = app.test_client().open(path, method=method, headers=dict(headers), data=body)
        assert "Set-Cookie" not in answer.headers, "the queue knows no cookie"
        return Answer(answer.status_code, answer.headers, answer.data)

    return send


def over(port: int, timeout: float = 30) -> Send:
    """To a server on this machine. Raises OSError and HTTPException as networks do."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    return send


def film(size: int, mark: bytes = b"CANARYFILM") -> bytes:
    """Something that begins as an MP4 does, and cannot be mistaken for another."""
    noise = hashlib.shake_256(mark).digest(size - 24)
    return b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + noise
