"""`flask serve`: schema, demo, web and worker processes in one command; Ctrl-C ends them all."""

from __future__ import annotations

import ctypes
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import click

from webapp.cli.means import open_house, read_config
from webapp.cli.web import DRAIN_S, listen
from webapp.config import MOST_PROCESSES, Config
from webapp.demo import load as demo
from webapp.demo.draw import DrawingFailed
from webapp.operations.house import House
from webapp.store import models, space
from webapp.store.token import make_token

GRACE_S = DRAIN_S + 5
DEATHS, WITHIN_S = 5, 60.0
_DEATH_SIGNAL = 1
_COUNT = click.IntRange(0, MOST_PROCESSES)


@click.command("serve")
@click.option("--demo", "with_demo", is_flag=True, help="Load demo data into a new database.")
@click.option("--web", "web", type=_COUNT, help="Web processes (WEB_PROCESSES).")
@click.option("--workers", "workers", type=_COUNT, help="Worker processes (WORKER_PROCESSES).")
def serve_command(with_demo: bool, web: int | None, workers: int | None) -> None:
    """Bring the database up to date, then run web and worker until told to stop."""
    config = read_config(demo=with_demo)
    config = replace(
        config,
        web_processes=config.web_processes if web is None else web,
        worker_processes=config.worker_processes if workers is None else workers,
    )
    with open_house(config) as house:
        _prepare(house, with_demo)
    listener = _listen(config)
    click.echo(f"http://{config.host}:{config.port}")
    sys.stdout.flush()
    sys.exit(supervise(_commands(config, listener), _environ(config), pass_fds=[listener.fileno()]))


def _listen(config: Config) -> socket.socket:
    try:
        return listen(config)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {config.host}:{config.port}: {error}") from error


def _prepare(house: House, with_demo: bool) -> None:
    with house.store.reader() as session:
        stamp = session.get(models.Meta, "stamp")
    stamped = stamp is not None and stamp.value == "demo"
    if stamped and not _is_loopback(house.config.host):
        raise click.ClickException("this database holds demo data: serve it on 127.0.0.1 only")
    _settle(house)
    if with_demo:
        for row in demo.log_ins(house.law) if stamped else _demo(house):
            click.echo(f"  {row.username:24} {row.password:20} {row.role}, {row.agency}")


def _demo(house: House) -> list[demo.LogIn]:
    click.echo("Loading the demonstration; painting its photos takes half a minute the first time ...")
    sys.stdout.flush()
    try:
        return demo.load_small(house, house.clock())
    except (demo.NotADemo, DrawingFailed) as error:
        raise click.ClickException(str(error)) from error


def _settle(house: House) -> None:
    """What the processes will look for: keys, the operator's token, the reserve; no old counters."""
    _ = house.keys  # made at the first start, before several processes ask for them at once
    make_token(house.config.keys_folder)
    space.make_reserve(house.config)
    for path in house.config.run_folder.glob("*.meter"):
        path.unlink(missing_ok=True)


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


def _commands(config: Config, listener: socket.socket) -> list[list[str]]:
    """Web processes accept from one socket, which stays open here while one of them is started again."""
    fd = str(listener.fileno())
    web = [_command("web", "--fd", fd, "--process", str(n)) for n in range(config.web_processes)]
    return [*web, *(_command("worker") for _ in range(config.worker_processes))]


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "webapp", *words]


def supervise(commands: Sequence[list[str]], environ: Mapping[str, str], pass_fds: Sequence[int] = ()) -> int:
    """Keep `commands` running until SIGINT or SIGTERM; one that dies is started again after a moment.

    Gives up, with status 1, when they die again and again: then it is for a person to look.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    children = [_start(command, environ, pass_fds) for command in commands]
    died: deque[float] = deque(maxlen=DEATHS)
    hopeless = False
    while not hopeless and not stop.wait(0.2):
        for index, child in enumerate(children):
            if child.poll() is not None and not hopeless:
                hopeless = len(died) == DEATHS and time.monotonic() - died[0] < WITHIN_S
                died.append(time.monotonic())
                stop.wait(min(2.0, 0.2 * len(died)))
                if not hopeless and not stop.is_set():
                    children[index] = _start(commands[index], environ, pass_fds)
    _end(children)
    return 1 if hopeless else 0


def _start(
    command: list[str], environ: Mapping[str, str], pass_fds: Sequence[int]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=environ, pass_fds=pass_fds, preexec_fn=_follow_parent)


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
