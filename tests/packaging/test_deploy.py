"""What lies in deploy/ is run: the container's steps, the units' command lines, and the proxy in front.

No container engine and no systemd run here, so their files are taken apart: the commands in them are carried out in
a scratch environment, in their order, and `systemd-analyze` and `caddy` judge the rest.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPException, HTTPSConnection
from pathlib import Path

import psycopg
import pytest

from tests.cast import photo
from tests.faults.world import CODE, NUMBER, TOKEN, get, multipart, written
from tests.journeys.conftest import free_port
from tests.postgres import fresh_database

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = ("hoidap.service", "hoidap-backup.service", "hoidap-backup.timer")
WORST_EXPOSURE = 6.0  # of 10, as `systemd-analyze security` counts


# The container


def steps() -> list[tuple[str, str]]:
    """The instructions of the Containerfile, lines joined."""
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "Containerfile").read_text("utf-8"))
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def runs() -> list[str]:
    return [re.sub(r"^--\S+ ", "", rest) for word, rest in steps() if word == "RUN"]


@pytest.fixture(scope="module")
def flask(tmp_path_factory) -> str:
    """The `flask` of an environment made by the container's own steps, outside the checkout."""
    home = tmp_path_factory.mktemp("container")
    for word, rest in steps():
        if word == "COPY":
            *sources, target = rest.split()
            for source in sources:
                copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
                (home / "src").mkdir(exist_ok=True)
                copy(ROOT / source, home / "src" / target)
    build, install = (run.split(" && ")[0].replace("/wheels", str(home / "wheels")) for run in runs())
    assert build.startswith("pip wheel") and install.startswith("pip install")
    venv.create(home / "env", with_pip=True, symlinks=True)
    python = f"{shlex.quote(sys.executable)} -m "
    subprocess.run(python + build.replace("--no-cache-dir ", ""), shell=True, check=True, cwd=home / "src")
    subprocess.run(f"{home}/env/bin/{install}", shell=True, check=True, cwd=home)
    return str(home / "env" / "bin" / "flask")


def test_the_container_is_healthy_by_its_own_measure_and_stops_in_time(flask, tmp_path):
    values = dict(steps())
    command = json.loads(values["CMD"])
    assert command[0] == "flask"
    port = free_port()
    with running(
        [flask, *command[1:]], tmp_path, HOIDAP_DATA=str(tmp_path / "data"), PORT=str(port)
    ) as server:
        wait(port)
        check = json.loads(values["HEALTHCHECK"].partition("CMD ")[2])
        check = [part.replace(":8000/", f":{port}/") for part in check]
        assert subprocess.run([sys.executable, *check[1:]], check=False).returncode == 0
        began = time.monotonic()
        server.send_signal(getattr(signal, values["STOPSIGNAL"]))
        assert server.wait(40) == 0 and time.monotonic() - began < 40


# The units


def setting(unit: str, name: str) -> str:
    (value,) = re.findall(rf"^{name}=(.*)$", (DEPLOY / unit).read_text("utf-8"), re.MULTILINE)
    return value


def command_of(unit: str, flask: str) -> list[str]:
    words = shlex.split(setting(unit, "ExecStart"))
    assert words[0] == "/opt/hoidap/venv/bin/flask", "docs/operations.md installs it there"
    return [flask, *words[1:]]


@pytest.fixture
def units(flask, tmp_path) -> list[Path]:
    """The units, with the program where it is here."""
    for name in UNITS:
        text = (DEPLOY / name).read_text("utf-8").replace("/opt/hoidap/venv/bin/flask", flask)
        (tmp_path / name).write_text(text, "utf-8")
    return [tmp_path / name for name in UNITS]


def test_systemd_finds_nothing_wrong_with_the_units(units):
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    own = [line for line in done.stderr.splitlines() if "hoidap" in line]
    assert done.returncode == 0 and own == [], done.stderr


@pytest.mark.parametrize("name", UNITS[:2])
def test_the_units_take_from_the_program_what_it_does_not_need(units, name):
    unit = next(path for path in units if path.name == name)
    judge = ["systemd-analyze", "security", "--offline=true", "--json=short", "--no-pager"]
    bar = f"--threshold={int(WORST_EXPOSURE * 10)}"
    done = subprocess.run([*judge, bar, unit], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"exposure above {WORST_EXPOSURE}: {done.stdout[-400:]}{done.stderr}"


def test_the_backup_units_command_makes_a_backup(flask, tmp_path):
    command = command_of("hoidap-backup.service", flask)
    command[command.index("--to") + 1] = str(tmp_path / "backups")
    environ = {**os.environ, "HOIDAP_DATA": str(tmp_path / "data"), "DEMO": "on"}
    subprocess.run(command, env=environ, cwd="/", check=True)
    assert list((tmp_path / "backups").glob("*Z/manifest.json"))


# The proxy, two machines, one PostgreSQL, one bucket


@contextmanager
def running(command: list[str], folder: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR") if name in os.environ}
    with (folder / "log").open("ab") as log:
        # From the root, as systemd does: nothing of the checkout is near.
        process = subprocess.Popen(
            command, env={**kept, **more}, cwd="/", stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(10)


def wait(port: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if get(port, "/healthz")[0] == 200:
                return
        except (OSError, HTTPException):
            time.sleep(0.1)
    raise AssertionError(f"no answer on port {port} within {seconds} s")


class Phone:
    """A client that trusts only the proxy's certificate authority, and keeps its cookie."""

    def __init__(self, port: int, authority: Path) -> None:
        self.port, self.cookie = port, ""
        self.trust = ssl.create_default_context(cafile=str(authority))
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        connection = HTTPSConnection("localhost", self.port, context=self.trust, timeout=30)
        referer = {"Referer": f"https://localhost:{self.port}/gui", "Cookie": self.cookie}
        try:
            connection.request(
                method, path, body, {**referer, **{k.replace("_", "-"): v for k, v in headers.items()}}
            )
            answer = connection.getresponse()
            self.headers = {name.lower(): value for name, value in answer.getheaders()}
            self.cookie = self.headers.get("set-cookie", self.cookie).split(";")[0]
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def report(self, secret: str) -> tuple[int, str]:
        status, page = self.ask("GET", "/gui")
        assert status == 200, page
        token = TOKEN.search(page)
        assert token
        body, kind = multipart({"csrf_token": token[1], **written(secret)}, photo())
        return self.ask("POST", "/gui", body, Content_Type=kind)


def caddyfile(port: int, machines: list[int]) -> str:
    """deploy/Caddyfile for this machine: another name, a certificate of its own, two machines behind it."""
    text = (DEPLOY / "Caddyfile").read_text("utf-8")
    changes = {
        "hoidap.example.vn {": f"https://localhost:{port} {{\n\ttls internal",
        "reverse_proxy 127.0.0.1:8000 {": f"reverse_proxy {' '.join(f'127.0.0.1:{one}' for one in machines)} {{",
    }
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} is not in deploy/Caddyfile"
        text = text.replace(old, new)
    return "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}\n" + text


@pytest.fixture
def site(flask, postgres_server, s3, tmp_path):
    """The proxy in front of two machines, each with a data folder of its own and the same keys."""
    bucket, port, machines = s3.bucket(tmp_path), free_port(), [free_port(), free_port()]
    base = {
        "TRUSTED_PROXIES": "1",
        "BASE_URL": f"https://localhost:{port}",
        "MEDIA_URL": f"s3://{bucket.name}/site?endpoint={bucket.endpoint}",
        "MEDIA_CREDENTIALS_FILE": str(bucket.credentials_file),
        "DEMO": "on",
        "SECURE_COOKIES": "on",
        "MIN_FREE_BYTES": "0",
    }
    (tmp_path / "Caddyfile").write_text(caddyfile(port, machines), "utf-8")
    with ExitStack() as stack:
        url = stack.enter_context(fresh_database(postgres_server))
        base["DATABASE_URL"] = url.replace("+psycopg", "")
        servers = []
        for n, own in enumerate(machines):
            data = tmp_path / f"machine-{n}"
            if n:
                shutil.copytree(tmp_path / "machine-0" / "keys", data / "keys")
            data.mkdir(exist_ok=True)
            command = command_of("hoidap.service", flask)
            more = {**base, "HOIDAP_DATA": str(data), "PORT": str(own)}
            servers.append(stack.enter_context(running(command, data, **more)))
            wait(own)
        with psycopg.connect(base["DATABASE_URL"]) as database:  # a demonstration: QN20 has no date or number
            database.execute("INSERT INTO meta (key, value) VALUES ('stamp', 'demo')")
        proxy = ["caddy", "run", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
        stack.enter_context(running(proxy, tmp_path, XDG_DATA_HOME=str(tmp_path / "caddy")))
        authority = tmp_path / "caddy" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        phone = phone_of(port, authority)
        yield phone, servers, machines


def phone_of(port: int, authority: Path) -> Phone:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            phone = Phone(port, authority)
            if phone.ask("GET", "/healthz")[0] == 200:
                return phone
        except (OSError, HTTPException):
            time.sleep(0.1)
    raise AssertionError(f"the proxy does not answer: {(authority.parents[4] / 'log').read_text()[-2000:]}")


def test_reports_go_through_the_proxy_to_two_machines_and_go_on_when_one_dies(site):
    phone, servers, machines = site
    receipts = []
    for n in range(4):
        if n == 2:
            end(servers[0])
        secret = secrets.token_hex(16)
        status, page = phone.report(secret)
        assert status == 200, page[-3000:]
        number, code = NUMBER.search(page), CODE.search(page)
        assert number and code
        receipts.append((secret, number[1], code[1]))
        again, same = phone.report(secret)  # the answer was lost; perhaps the other machine is asked now
        assert again in (200, 409) and (again == 409 or code[1] in same)
    assert len({number for _, number, _ in receipts}) == 4
    assert "max-age" in phone.headers["strict-transport-security"], "the application knows that it is HTTPS"
    assert phone.cookie.startswith("__Host-")
    # What operators read stays inside, whatever a client claims about itself.
    for path in ("/status", "/metrics"):
        assert phone.ask("GET", path, X_Forwarded_For="127.0.0.1")[0] == 404
    assert get(machines[1], "/healthz")[0] == 200
    redrawn(phone, receipts)


def redrawn(phone: Phone, receipts: list[tuple[str, str, str]]) -> None:
    """Whoever has the code sees the photo, which a worker of the machine that is left has redrawn."""
    _, page = phone.ask("GET", "/theo-doi")
    token = TOKEN.search(page)
    assert token
    body, kind = multipart({"csrf_token": token[1], "code": receipts[0][2]})
    status, _ = phone.ask("POST", "/theo-doi", body, Content_Type=kind)
    assert status == 303
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if phone.ask("GET", "/theo-doi/cua-toi/anh/1")[0] == 200:
            return
        time.sleep(0.5)
    raise AssertionError("the photo was not redrawn within a minute")
