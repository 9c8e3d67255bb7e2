"""`flask serve`: schema, demo, web and worker in one command; Ctrl-C ends them all."""

from __future__ import annotations

import ctypes
import ipaddress
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence

import click
import waitress
from flask import current_app

from webapp.cli.means import open_house, read_config
from webapp.config import Config
from webapp.demo import load as demo
from webapp.operations.house import House
from webapp.store import models

GRACE_S = 10.0
THREADS = 8
_DEATH_SIGNAL = 1


@click.command("serve")
@click.option("--demo", "with_demo", is_flag=True, help="Load demo data into a new database.")
def serve_command(with_demo: bool) -> None:
    """Bring the database up to date, then run web and worker until told to stop."""
    config = read_config(demo=with_demo)
    with open_house(config) as house:
        _prepare(house, with_demo)
    environ = _environ(config)
    click.echo(f"http://{config.host}:{config.port}")
    sys.stdout.flush()
    sys.exit(supervise([_command("web"), _command("worker")], environ))


@click.command("web")
def web_command() -> None:
    """Run the web server alone (its schema must be current)."""
    config = current_app.extensions["hoidap"].config
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    waitress.serve(
        current_app._get_current_object(),  # type: ignore[attr-defined]
        host=config.host,
        port=config.port,
        threads=THREADS,
        ident=None,
        clear_untrusted_proxy_headers=True,
        max_request_body_size=12 * config.max_upload_bytes,
        _quiet=True,
    )


def _prepare(house: House, with_demo: bool) -> None:
    with house.store.reader() as session:
        stamp = session.get(models.Meta, "stamp")
    stamped = stamp is not None and stamp.value == "demo"
    if stamped and not _is_loopback(house.config.host):
        raise click.ClickException("this database holds demo data: serve it on 127.0.0.1 only")
    if with_demo:
        log_ins = demo.log_ins(house.law) if stamped else demo.load_small(house, house.clock())
        for row in log_ins:
            click.echo(f"  {row.username:24} {row.password:20} {row.role}, {row.agency}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _environ(config: Config) -> dict[str, str]:
    """The children's settings: ours, and that this is a demo."""
    return {**_inherited(), "DEMO": "on" if config.demo else "off"}


def _inherited() -> dict[str, str]:
    return dict(os.environ)


def _command(name: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "webapp", name]


def supervise(commands: Sequence[list[str]], environ: dict[str, str]) -> int:
    """Keep `commands` running until SIGINT or SIGTERM; one that dies is started again after a moment."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    children = {index: _start(command, environ) for index, command in enumerate(commands)}
    died = 0
    while not stop.wait(0.2):
        for index, child in children.items():
            if child.poll() is not None:
                died += 1
                if died > 5:
                    stop.set()
                    break
                time.sleep(min(2.0, 0.2 * died))
                children[index] = _start(commands[index], environ)
    _end(children.values())
    return 1 if died > 5 else 0


def _start(command: list[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=environ, preexec_fn=_follow_parent)


def _follow_parent() -> None:
    # Ctrl-C reaches the whole group: only the parent answers it, and ends the children in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGTERM)


def _end(children: Iterable[subprocess.Popen[bytes]]) -> None:
    running = [child for child in children if child.poll() is None]
    for child in running:
        child.terminate()
    deadline = time.monotonic() + GRACE_S
    for child in running:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
