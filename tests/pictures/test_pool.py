"""A picture that breaks its child breaks nothing else, and a child that lies is not believed."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.pictures import corpus
from webapp.pictures import pool as pools
from webapp.pictures.confine import MEGABYTE, Limits
from webapp.pictures.judge import BadPhoto
from webapp.pictures.pool import Broke, Pool

ROOT = Path(__file__).parents[2]


def in_a_child(program: str) -> str:
    """What a Python process says that has set its limits and given up files and network."""
    start = (
        "from webapp.pictures.confine import Limits, confine, limit\nlimit(Limits())\nversion = confine()\n"
    )
    done = subprocess.run([sys.executable, "-c", start + program], capture_output=True, text=True, cwd=ROOT)
    return done.stdout.strip()


def test_a_picture_too_heavy_for_its_child_is_told_from_a_broken_one():
    data = corpus.png_bomb(7_000, 7_000, colour=True)
    with Pool(1, Limits(memory=200 * MEGABYTE)) as pool, pytest.raises(BadPhoto) as bad:
        pool.redraw(data)
    assert bad.value.code == "too_heavy"


def test_a_child_over_its_time_is_killed_and_replaced(monkeypatch):
    spin = "from webapp.pictures.confine import *; limit(Limits(cpu_s=1)); import sys; sys.stdin.read()\nwhile True: pass"
    with monkeypatch.context() as patch:
        patch.setattr(pools, "PROGRAM", ("-c", spin))
        pool = Pool(1)
    with pool:
        with pytest.raises(Broke, match="died"):
            pool.redraw(corpus.jpeg())
        assert pool.redraw(corpus.jpeg())


def test_a_child_that_says_nothing_is_given_up():
    with Pool(1, wall_s=0.3) as pool:
        pool._ready[0].process.send_signal(19)  # SIGSTOP
        began = time.monotonic()
        with pytest.raises(Broke, match="timeout"):
            pool.redraw(corpus.jpeg())
        assert time.monotonic() - began < 5
        pool._wall_s = 30
        assert pool.redraw(corpus.jpeg())


def test_a_child_that_died_while_waiting_is_not_used():
    with Pool(2) as pool:
        for child in list(pool._ready):
            child.process.kill()
            child.process.wait()
        assert pool.redraw(corpus.jpeg())


def test_two_threads_share_a_pool_and_closing_it_leaves_no_child():
    pool = Pool(2)
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(pool.redraw, [corpus.jpeg()] * 4))
    waiting = [child.process for child in pool._ready]
    pool.close()
    assert all(result == results[0] for result in results)
    assert all(process.poll() is not None for process in waiting)


def test_nothing_of_our_environment_reaches_a_child(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@host/db")
    with Pool(1) as pool:
        environ = Path(f"/proc/{pool._ready[0].process.pid}/environ").read_bytes()
    assert b"secret" not in environ


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no json\n",
        b"[1]\n",
        b'{"bad": "Traceback"}\n',
        b'{"bad": ["unreadable"]}\n',
        b'{"copies": [[10, 10, -1]]}\n',
        b'{"copies": [[10, 10, 999999999]]}\n',
        b'{"copies": [[99999, 10, 3]]}\nabc',
        b'{"copies": [[10, 10, 3]]}\nabc',
    ],
)
def test_an_answer_that_no_child_of_ours_gives_is_not_believed(line: bytes):
    output = pools._memory_file()
    output.write(line)
    with pytest.raises(Broke, match="nonsense"):
        pools._believed(0, output)


def test_a_copy_with_notes_in_it_does_not_pass_the_wall():
    data, output = corpus.jpeg(), pools._memory_file()
    output.write(b'{"copies": [[320, 240, %d]]}\n' % len(data) + data)
    with pytest.raises(Broke, match="nonsense"):
        pools._believed(0, output)


def test_a_child_cannot_write_without_end():
    said = in_a_child("import sys\nsys.stdout.write('x')\nimport os\nfd = os.memfd_create('t')\n"
                      "try:\n    os.write(fd, bytes(33 * 2**20)); os.write(fd, b'1')\nexcept OSError as e: print(e.errno)")  # fmt: skip
    assert said == "x27"  # EFBIG


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Landlock is Linux")
def test_a_child_cannot_open_files_or_reach_the_network():
    said = in_a_child(
        "import socket\n"
        "if not version: print('no landlock')\n"
        "for what in (lambda: open('/etc/passwd'), lambda: open('/tmp/x', 'w'), lambda: __import__('os').listdir('/'),\n"
        "             lambda: socket.create_connection(('127.0.0.1', 9), 1)):\n"
        "    try: what(); print('could')\n"
        "    except OSError: pass\n"
    )
    if said.startswith("no landlock"):
        pytest.skip("this kernel has no Landlock")
    assert said == ""
