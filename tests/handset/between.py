"""A small server between a phone and ours, which may change what comes: an older browser, a newer worker."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_LATER = {"connection", "transfer-encoding", "content-length", "content-encoding"}


def with_script_first(port: int, script: str) -> AbstractContextManager[str]:
    """For a browser that cannot be told to run a script first. Pages and the service worker both begin with
    queue.js, so neither has seen the browser as it is."""
    return between(port, lambda path, told: script.encode() + told if path.endswith("/js/queue.js") else told)


@contextmanager
def between(port: int, change: Callable[[str, bytes], bytes]) -> Iterator[str]:
    """The address of a server that passes all on to `port` and tells what `change` makes of it.

    While nobody listens on `port` a request gets no answer, as without a network.
    """

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (OSError, http.client.HTTPException):
                self.close_connection = True

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {
                name: value for name, value in self.headers.items() if name.lower() != "accept-encoding"
            }
            above = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                above.request(self.command, self.path, body, headers)
                answer = above.getresponse()
                told = answer.read()
            finally:
                above.close()
            told = change(self.path, told)
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _LATER:
                    self.send_header(name, value)
            if answer.status != 204:
                length = len(told) if self.command != "HEAD" else int(answer.headers["Content-Length"] or 0)
                self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = do_OPTIONS = pass_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    passing = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    passing.daemon_threads = True
    Thread(target=passing.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{passing.server_port}"
    finally:
        passing.shutdown()
        passing.server_close()
