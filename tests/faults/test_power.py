"""Power goes: with our settings nothing acknowledged is lost; with weaker ones the detector does see losses."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.cast import Town
from tests.faults.act import open_town
from tests.faults.world import tell
from webapp.operations import uploads
from webapp.operations.checkup import checkup
from webapp.operations.verify import verify
from webapp.store import models

pytestmark = pytest.mark.slow
CRASHES = 6
LIFE_S = 4.0

# Reports until it is killed; after each one it says the secret. The argument weakens a setting on purpose.
WRITER = """
import secrets, sys
from pathlib import Path
from tests.cast import photo
from tests.faults.act import open_town
from webapp.store import engine

if sys.argv[2] != "FULL":
    engine._SQLITE_SETTINGS["synchronous"] = 1
town = open_town(Path(sys.argv[1]))
while True:
    secret = secrets.token_hex(16)
    town.report(secret=secret, photos=[town.kept(photo(32, 32, camera=secret))] if secret < "4" else [])
    print(secret, flush=True)
"""


# Photos in pieces, as a phone sends them; after each answer it says how far the server has promised to be.
UPLOADER = """
import secrets, sys
from pathlib import Path
from tests.cast import photo
from tests.faults.act import open_town
from tests.phone import File, Phone, inside
from webapp.app import create_app

town = open_town(Path(sys.argv[1]))
app = create_app(town.house.config, town.clock)
while True:
    file = File(photo(1500, 1200, camera=secrets.token_hex(16)))
    one = Phone(inside(app), [file], fields={"phone": f"09{secrets.randbelow(10**8):08d}"})
    assert one.report().status == 200
    one.create(file)
    for at in range(0, len(file.data), 1500):
        answer = one.patch(file, at, file.data[at : at + 1500])
        assert answer.status == 204, answer.body
        print(f"{one.secret}:{file.id}:{answer.offset}", flush=True)
"""


def crash(
    source: Path, tmp_path: Path, turn: int, synchronous: str, writing: str = WRITER
) -> tuple[Path, list[str]]:
    """Mount, write, cut the power; what the disk still has, and what had been acknowledged."""
    mount, left = tmp_path / f"mount-{turn}", tmp_path / f"left-{turn}"
    mount.mkdir()
    fuse = [sys.executable, "-m", "tests.faults.forgetful", str(source), str(mount), str(left)]
    daemon = subprocess.Popen(fuse)
    try:
        until(lambda: os.path.ismount(mount))
        writer = subprocess.Popen(
            [sys.executable, "-c", writing, str(mount), synchronous], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        said = [writer.stdout.readline().strip()]
        time.sleep(LIFE_S)
        writer.send_signal(signal.SIGKILL)
        said += writer.stdout.read().split()
        writer.wait()
    finally:
        subprocess.run(["umount", str(mount)], check=False, capture_output=True)
        daemon.wait(20)
    until(left.exists)
    return left, [word for word in said if len(word) >= 32]


def until(condition, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "FUSE did not answer: is the package fuse3 there, and /dev/fuse?"
        time.sleep(0.02)


def lost(town: Town, secrets: list[str]) -> int:
    with town.house.store.reader() as session:
        known = set(session.scalars(select(models.Submission.secret_mac)))
    return sum(town.house.vault.receipt_mac(secret) not in known for secret in secrets)


def campaign(prepared: Path, tmp_path: Path, synchronous: str) -> dict[str, int]:
    figures = {"crashes": CRASHES, "acknowledged": 0, "lost": 0, "corrupted": 0}
    source = tmp_path / "source"
    shutil.copytree(prepared, source)
    for turn in range(CRASHES):
        left, said = crash(source, tmp_path, turn, synchronous)
        town = open_town(left)
        figures["acknowledged"] += len(said)
        figures["lost"] += lost(town, said)
        figures["corrupted"] += len([*checkup(town.house), *verify(town.house, town.clock()).problems])
        town.house.close()
        source = left  # the next life goes on with what this one left
    return tell(f"power loss, synchronous={synchronous}", **figures)


@pytest.fixture
def fuse() -> None:
    assert os.path.exists("/dev/fuse") and shutil.which("fusermount3"), (
        "no FUSE: run `make check` as root, which installs fuse3; in a container add --device /dev/fuse"
    )


def test_our_settings_lose_nothing(fuse, prepared: Path, tmp_path: Path):
    figures = campaign(prepared, tmp_path, "FULL")
    assert figures["acknowledged"] > 50
    assert figures["lost"] == figures["corrupted"] == 0


def test_weaker_settings_are_seen_to_lose(fuse, prepared: Path, tmp_path: Path):
    """The control: if this shows no loss, the test above proves nothing."""
    assert campaign(prepared, tmp_path, "NORMAL")["lost"] > 0


def test_no_piece_that_was_acknowledged_is_lost(fuse, prepared: Path, tmp_path: Path):
    source = tmp_path / "source"
    shutil.copytree(prepared, source)
    figures = {"crashes": 3, "pieces": 0, "uploads": 0, "received": 0, "lost": 0, "corrupted": 0}
    for turn in range(3):
        source, said = crash(source, tmp_path, turn, "FULL", UPLOADER)
        town = open_town(source)
        uploads.finish_left(town.house)
        furthest = {
            tuple(word.split(":")[:2]): int(word.split(":")[2]) for word in said if word.count(":") == 2
        }
        with town.house.reading(town.clock()) as work:
            found = {key: uploads.find(work, *key) for key in furthest}
        figures["pieces"] += len(said)
        figures["uploads"] += len(found)
        figures["received"] += sum(one.told.state == "received" for one in found.values())
        figures["lost"] += sum(
            uploads.offset(town.house, found[key].told) < at for key, at in furthest.items()
        )
        figures["corrupted"] += len([*checkup(town.house), *verify(town.house, town.clock()).problems])
        town.house.close()
    tell("power loss in the middle of uploads", **figures)
    assert figures["pieces"] > 20 and figures["lost"] == figures["corrupted"] == 0
