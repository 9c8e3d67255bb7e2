"""The wheel is the product: installed without the checkout, it counts a deadline and serves a page."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 60


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the wheel does not build:\n{done.stdout}\n{done.stderr}"
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A python that has the wheel, our dependencies, and no way to see the checkout."""
    home = tmp_path_factory.mktemp("elsewhere")
    venv.create(home / "env", with_pip=False, symlinks=True)
    python = home / "env" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install"]
    subprocess.run([*pip, "--quiet", "--no-index", "--no-deps", str(wheel)], check=True)
    # Only then the packages of this environment, by a path file: an editable install among them
    # stays out, because path files inside that folder are not read.
    borrow_packages(python)
    return python


def borrow_packages(python: Path) -> None:
    purelib = sysconfig.get_path("purelib", vars={"base": str(python.parents[1])})
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(purelib, "borrowed.pth").write_text("\n".join(sorted(folders)) + "\n", encoding="utf-8")


@pytest.fixture
def outside(tmp_path):
    """Where and with which environment the installed product runs."""
    env = {name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR", "TZ") if name in os.environ}
    return {"cwd": tmp_path, "env": env | {"HOIDAP_DATA": str(tmp_path / "data")}}


def flask(python: Path, *words: str) -> list[str]:
    return [str(python), "-m", "flask", "--app", "webapp", *words]


def test_it_carries_everything_a_deployment_needs(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    def has(start: str, end: str = "") -> bool:
        return any(name.startswith(start) and name.endswith(end) for name in names)

    wanted = [
        ("webapp/regulations/", ".toml"),
        ("webapp/words/", ".toml"),
        ("webapp/templates/", ".html"),
        ("webapp/_shipped/static/css/", ".css"),
        ("webapp/_shipped/migrations/", ".py"),
    ]
    missing = [f"{start}*{end}" for start, end in wanted if not has(start, end)]
    assert not missing, f"not in the wheel: {missing}. Fix: see [tool.hatch.build] in pyproject.toml."
    stray = [name for name in names if "__pycache__" in name or name.startswith(("tests/", "media/"))]
    assert not stray, f"must not be in the wheel: {stray}"


def test_it_is_imported_from_the_wheel(installed, outside):
    code = "import webapp; print(webapp.__file__)"
    done = subprocess.run([installed, "-c", code], **outside, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).is_relative_to(installed.parents[1])


def test_it_counts_a_deadline(installed, outside):
    due = flask(installed, "due", "QN20", "reception", "2026-02-13T16:30")
    done = subprocess.run(due, **outside, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # Two working hours: half an hour is left on the Friday before Tet, the rest falls after it.
    assert "08:30" in done.stdout, done.stdout


def test_it_serves(installed, outside):
    port = free_port()
    outside["env"]["PORT"] = str(port)
    log = outside["cwd"] / "serve.log"
    with log.open("wb") as out:
        # A session of its own, so that web and worker can be ended together whatever happens.
        server = subprocess.Popen(
            flask(installed, "serve"), **outside, stdout=out, stderr=out, start_new_session=True
        )
    try:
        wait_for_page(f"http://127.0.0.1:{port}/", server, log)
        server.terminate()
        server.wait(timeout=20)
    finally:
        end_group(server)


def wait_for_page(address: str, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        assert server.poll() is None, f"serve ended by itself:\n{log.read_text(errors='replace')}"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                assert answer.status == 200
                return
        except urllib.error.HTTPError as error:
            pytest.fail(f"GET / answered {error.code}:\n{log.read_text(errors='replace')}")
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"no answer within {SECONDS_TO_START} s:\n{log.read_text(errors='replace')}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_group(server: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
