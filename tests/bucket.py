"""An S3 server for tests: moto behind a real socket on loopback, which can be told to misbehave.

It speaks the true protocol over HTTP, so that the product's own client, time limits and checks are under test.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from webapp.config import Bucket
from webapp.store.bucket import BucketStore

SECRET = "CANARY-SECRET-KEY"
Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class S3:
    """The server. `fault(environ)` may name a way to fail; None answers as S3 does."""

    def __init__(self) -> None:
        self._s3 = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.fault: Callable[[Environ], str] = lambda environ: ""
        self.asked: list[str] = []
        self._one = threading.Lock()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        self.asked.append(environ["REQUEST_METHOD"])
        match self.fault(environ):
            case "503":
                start_response("503 Slow Down", [("Content-Type", "application/xml")])
                return [b"<Error><Code>SlowDown</Code></Error>"]
            case "hang":
                time.sleep(3)
            case "rot":  # one byte changes on the way; the server acknowledges what it got
                return self._s3(environ | {"wsgi.input": _Rotting(environ["wsgi.input"])}, start_response)
            case "mute":  # a server that names no hash of what it took
                return self._s3(environ, _without_hash(start_response))
        with self._one:  # moto keeps a key's bytes in one open file, and two that write it close each other's
            return self._s3(environ, start_response)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def bucket(self, folder: Path, **more: Any) -> Bucket:
        """The settings of a fresh bucket of its own; `folder` gets the file with its access key."""
        credentials = folder / "s3-credentials"
        credentials.write_text(f"CANARY-KEY-ID\n{SECRET}\n")
        name = f"b-{uuid.uuid4().hex}"
        bucket = Bucket(
            name=name, credentials_file=credentials, prefix="hoi/dap", endpoint=self.endpoint, **more
        )
        client_of(bucket).create_bucket(Bucket=name)
        return bucket


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: Any) -> None: ...


class _Rotting:
    def __init__(self, stream: Any) -> None:
        self._stream, self._done = stream, False

    def read(self, *size: int) -> bytes:
        data: bytes = self._stream.read(*size)
        if data and not self._done:
            self._done = True
            return bytes([data[0] ^ 1]) + data[1:]
        return data


def _without_hash(start_response: StartResponse) -> StartResponse:
    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        kept = [
            (k, v) for k, v in headers if k.lower() != "etag" and not k.lower().startswith("x-amz-checksum")
        ]
        return start_response(status, kept, *rest)

    return start


def client_of(bucket: Bucket) -> Any:
    """A client as the product makes it, to look behind its back."""
    return BucketStore(bucket, "sealed")._client


def everything_in(bucket: Bucket) -> list[tuple[str, bytes]]:
    """Every version of every object, as whoever stole the bucket would find it."""
    client = client_of(bucket)
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket.name)
    rows = [row for page in pages for row in page.get("Versions", ())]
    return [
        (
            row["Key"],
            client.get_object(Bucket=bucket.name, Key=row["Key"], VersionId=row["VersionId"])["Body"].read(),
        )
        for row in rows
    ]
