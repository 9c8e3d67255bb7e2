"""The disk fails or is full: a clean 5xx, no half state, and nothing to mend by hand afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.act import open_town
from tests.faults.test_crash_points import strace
from tests.faults.world import PYTHON, Reporter, Served, fine, judge, tell

pytestmark = pytest.mark.slow


class Traced(Served):
    """`flask web` under strace, which makes system calls fail."""

    fault = ""

    @property
    def told(self) -> Path:
        return self.log.with_name("calls")

    def met(self) -> int:
        """How many calls were made to fail."""
        return self.told.read_text().count("(INJECTED)")

    def start(self) -> None:
        calls = self.fault.split("=")[1].split(":")[0]
        command = strace("-e", f"trace={calls}", "-e", self.fault, "-o", str(self.told))
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [*command, *PYTHON, "web"], env=self.environ(), stdout=out, stderr=out, start_new_session=True
            )


FAULTS = {
    "EIO at fsync": "inject=fsync,fdatasync:error=EIO:when=12+5",
    "ENOSPC at write, now and then": "inject=pwrite64,pwritev:error=ENOSPC:when=400+701",
    "ENOSPC at write, in every commit": "inject=pwrite64,pwritev:error=ENOSPC:when=400+31",
    "EIO at rename": "inject=rename:error=EIO:when=2+3",
}


@pytest.mark.parametrize("name", FAULTS)
def test_failing_calls_cost_nothing_acknowledged(name: str, copied, reopen, tmp_path: Path):
    data, stop = copied(), threading.Event()
    served = Traced(data, tmp_path / "log")
    served.fault = FAULTS[name]
    served.start()
    served.wait()
    reporters = [Reporter(served.port, stop, photos=n == 1, limit=15) for n in range(2)]
    for reporter in reporters:
        reporter.start()
    for reporter in reporters:
        reporter.join(40)
    stop.set()
    served.kill()
    acknowledged = [one for reporter in reporters for one in reporter.acknowledged]
    answers = {status: sum(r.answers.get(status, 0) for r in reporters) for status in (200, 503)}
    seen = {status for reporter in reporters for status in reporter.answers}
    town = reopen(data)
    figures = {**judge(town, acknowledged), "answers": answers, "failed_calls": served.met()}
    tell(name, **figures)
    # Without the fault the next process goes on with nothing done by hand.
    town.report()
    fine({**figures, "doubled": 0})  # cases of reports that were never acknowledged may stand
    assert seen <= {200, 503}, "a disk that refuses is no crash: the form comes back and may be sent again"
    assert served.met() > 0, "the fault met nobody"
    # What fails once may be written at the second try, for it is tried again alone.
    assert answers[503] > 0 or "now and then" in name


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    assert os.geteuid() == 0, "mounting a small disk needs root: run this one as root, or leave it out by -k"
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_refuses_cleanly_and_recovers(small_disk: Path, prepared: Path, tmp_path: Path):
    data, stop = small_disk / "data", threading.Event()
    shutil.copytree(prepared, data)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2 * 2**20))
    served = Served(data, tmp_path / "log", ("web",))
    served.start()
    served.wait()
    reporters = [Reporter(served.port, stop, photos=n == 1) for n in range(2)]
    for reporter in reporters:
        reporter.start()
    for reporter in reporters:
        reporter.join(30)  # long enough to fill what is left
    full = {status for reporter in reporters for status in reporter.answers}
    before = [len(reporter.acknowledged) for reporter in reporters]
    ballast.unlink()
    for reporter in reporters:
        reporter.join(8)
    after = [len(reporter.acknowledged) for reporter in reporters]
    stop.set()
    for reporter in reporters:
        reporter.join(25)
    served.kill()
    town = open_town(data)
    figures = {
        **judge(town, [one for r in reporters for one in r.acknowledged]),
        "before": before,
        "after": after,
    }
    tell("disk full", **figures, answers=sorted(full))
    town.house.close()
    fine({**figures, "doubled": 0})
    assert 503 in full, "the disk never became full"
    assert full <= {200, 503}, "a full disk is no crash"
    assert sum(after) > sum(before), "it did not go on by itself once there was room"
