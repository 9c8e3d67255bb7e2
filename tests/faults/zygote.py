"""A process that has imported everything and forks web and worker on demand, in a group of their own.

Starting Python twice costs two seconds of CPU; campaigns that kill hundreds of times spend them on killing.
For each line on standard input it starts one group and says its number.
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
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    webapp.create_app()  # everything is imported; the children make their own
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.setsid()
            os.dup2(2, 1)  # our standard output is for numbers
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            words = line.split()
            others = [word for word in words[1:] if os.fork() == 0 and run(word)]
            assert not others
            run(words[0])
        print(pid, flush=True)


def run(word: str) -> bool:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # a test run that is killed leaves nothing behind
    try:
        app = webapp.create_app()
        with app.app_context():  # what Flask's own command line does for a group of this name
            app.cli.main([word], obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
