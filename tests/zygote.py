"""`flask serve` and the like at once: forked from one process, of each test process, that has imported everything.

Starting Python costs two seconds of CPU, and a suite starts the product hundreds of times. Each line on the
zygote's standard input tells words, surroundings and log of one command; it answers with the number of the
command's process, which leads a group of its own. What starting itself does is tested with the real command.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Started:
    """A command that runs, and whatever it started itself."""

    group: int

    @property
    def alive(self) -> bool:
        try:
            os.killpg(self.group, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to the whole group at once, as the kernel does it when memory runs out."""
        while self.alive:
            with suppress(ProcessLookupError):
                os.killpg(self.group, signal.SIGKILL)
            time.sleep(0.002)

    def end(self, seconds: float = 20) -> None:
        """Asked to stop, as an operator asks."""
        with suppress(ProcessLookupError):
            os.kill(self.group, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while self.alive:
            assert time.monotonic() < deadline, f"it did not stop in {seconds} s"
            time.sleep(0.01)


def start(words: Sequence[str], environ: Mapping[str, str], log: Path) -> Started:
    """Runs `flask --app webapp <words>` in these surroundings; what it says goes to the end of `log`."""
    zygote = _zygote()
    assert zygote.stdin and zygote.stdout
    zygote.stdin.write(json.dumps({"words": list(words), "environ": dict(environ), "log": str(log)}) + "\n")
    zygote.stdin.flush()
    return Started(int(zygote.stdout.readline()))


@cache
def _zygote() -> subprocess.Popen[str]:
    # The process group of its own: a Ctrl-C in the terminal is for the tests, who end it.
    zygote = subprocess.Popen(
        [sys.executable, "-m", "tests.zygote"], text=True, start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    atexit.register(zygote.kill)
    assert zygote.stdout and zygote.stdout.readline() == "ready\n"
    return zygote


# The process itself


def main() -> None:
    import webapp
    from webapp.config import Config
    from webapp.words import catalogue

    # Everything is imported, templates are compiled and the regulations read; the children make what is theirs.
    app = webapp.create_app(Config.from_environment({}))
    for name in app.jinja_env.list_templates(extensions=["html", "txt"]):
        app.jinja_env.get_template(name)
    assert app.extensions["hoidap"].law.applies and catalogue()
    # Orphans come to us and vanish at once; not every first process of a container is quick about them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(36, 1)
    print("ready", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run(told)
        with suppress(OSError):
            os.setpgid(pid, pid)  # here too: whoever reads the number may look for its group at once
        print(pid, flush=True)


def _run(told: dict[str, Any]) -> None:
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # a test run that is killed leaves nothing behind
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(told["environ"])
    log = os.open(told["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    status = 1
    try:
        from flask.cli import ScriptInfo

        import webapp

        app = webapp.create_app()
        with app.app_context():  # what Flask's own command line does for a command of this name
            app.cli.main(told["words"], obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
