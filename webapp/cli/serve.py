"""`flask serve`: schema, demo, web and worker processes in one command; Ctrl-C ends them all."""

from __future__ import annotations

import ipaddress
import socket
import sys
from dataclasses import replace
from functools import partial

import click

from webapp import create_app
from webapp.cli.means import open_house, read_config
from webapp.cli.processes import Job, supervise
from webapp.cli.web import DRAIN_S, listen, run_web
from webapp.cli.worker import work_until_told
from webapp.config import MOST_PROCESSES, Config
from webapp.demo import load as demo
from webapp.demo.draw import DrawingFailed
from webapp.operations.house import House
from webapp.status import log
from webapp.store import models, space
from webapp.store.token import make_token

GRACE_S = DRAIN_S + 5
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
        _ = house.law  # what is shipped is read once, for all processes
    listener = _listen(config)
    click.echo(f"http://{config.host}:{config.port}")
    sys.exit(supervise(_jobs(config, listener), GRACE_S))


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


def _jobs(config: Config, listener: socket.socket) -> list[Job]:
    """Web processes accept from one socket, which stays open here while one of them is started again."""

    def web(number: int) -> None:
        run_web(create_app(config), listener, number)

    def worker() -> None:
        log.set_up()
        work_until_told(config)

    webs = [Job("hoidap-web", partial(web, number)) for number in range(config.web_processes)]
    return [*webs, *[Job("hoidap-worker", worker)] * config.worker_processes]
