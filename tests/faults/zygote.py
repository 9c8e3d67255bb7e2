"""A process that has imported everything and forks `flask serve` on demand, in a group of its own.

Starting Python costs a second of CPU; campaigns that kill hundreds of times spend it on killing. For each
line of words on standard input it runs that command once and says the number of its group.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback

from flask.cli import ScriptInfo

import webapp


def main() -> None:
    # Orphans come to us and vanish at once; not every first process of a container is quick about them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(36, 1)
    webapp.create_app()  # everything is imported; the children make their own
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.setsid()
            os.dup2(2, 1)  # our standard output is for numbers
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            run(line.split())
        print(pid, flush=True)


def run(words: list[str]) -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # a test run that is killed leaves nothing behind
    status = 1
    try:
        app = webapp.create_app()
        with app.app_context():  # what Flask's own command line does for a command of this name
            app.cli.main(words, obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)
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
