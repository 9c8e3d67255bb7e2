"""One web process: waitress on a socket of its own or one handed down, and an end that cuts nobody off."""

from __future__ import annotations

import signal
import socket
import threading
import time
from typing import Any

import click
import waitress
from flask import Flask, current_app
from waitress import wasyncore

from webapp.config import Config
from webapp.status import log
from webapp.status.watch import meter_of

THREADS = 4
CONNECTIONS = 1000
BACKLOG = 1024
DRAIN_S = 20.0
_BLOCK = 64 * 1024


@click.command("web")
def web_command() -> None:
    """Run one web process (its schema must be current) on HOST and PORT until it is told to stop."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    run_web(app, listen(app.extensions["hoidap"].config))


def run_web(app: Flask, listener: socket.socket, process: int = 0) -> None:
    """Serve `app` on `listener` until SIGTERM; `process` is the number of this one among its siblings."""
    config: Config = app.extensions["hoidap"].config
    log.set_up()
    meter_of(app).share(config.run_folder, process)
    server = make_server(app, config, listener)
    stop = threading.Event()

    def told(*_: Any) -> None:
        stop.set()
        server.pull_trigger()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    serve_until(server, stop)


def listen(config: Config) -> socket.socket:
    """A listening socket, inheritable: any number of processes may accept from it."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((config.host, config.port))
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener


def make_server(app: Any, config: Config, listener: socket.socket, threads: int = THREADS) -> Any:
    """Headers that proxies add are left alone here: `trusted_proxies` of the application judges them."""
    return waitress.create_server(
        app,
        sockets=[listener],
        threads=threads,
        ident=None,
        backlog=BACKLOG,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,  # select() knows no more than 1,024 descriptors
        recv_bytes=_BLOCK,
        clear_untrusted_proxy_headers=False,
        max_request_body_size=12 * config.max_upload_bytes,
    )


def serve_until(server: Any, stop: threading.Event, drain_s: float = DRAIN_S) -> None:
    """Serve; once `stop` is set accept nobody new, but let who is there finish for at most `drain_s`."""
    _loop_while(server, lambda: not stop.is_set())
    server.accepting = False
    server.del_channel()
    server.socket.close()
    deadline = time.monotonic() + drain_s
    _loop_while(server, lambda: _anybody_left(server) and time.monotonic() < deadline)
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)


def _loop_while(server: Any, wanted: Any) -> None:
    while wanted():
        wasyncore.loop(timeout=0.5, use_poll=True, map=server._map, count=1)


def _anybody_left(server: Any) -> bool:
    """Whether a request is coming in, at work or going out; idle connections are closed."""
    left = False
    for channel in list(server.active_channels.values()):
        busy = bool(channel.requests or channel.request or channel.total_outbufs_len)
        left = left or busy
        if not busy:
            channel.will_close = True
    return left
