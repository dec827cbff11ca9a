#!/usr/bin/env python3
"""A signal to a launcher reaches the program that it started, and both end by it. Linux.

    signals.py COMMAND…        signals.py node_modules/.bin/dockline lsp
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

LIMIT = 20  # seconds


def wait_for(what, answer):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if found := answer():
            return found
        time.sleep(0.05)
    sys.exit(f"signals: {what} does not happen in {LIMIT} s")


def main():
    for sent in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        launcher = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
        children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children")
        child = wait_for("the start of the program", lambda path=children: path.read_text().split())[0]
        # The launcher is a node, which has its handlers when the program is there.
        wait_for("the program", lambda pid=child: os.readlink(f"/proc/{pid}/exe").endswith("/dockline"))
        launcher.send_signal(sent)
        code = launcher.wait(LIMIT)
        assert code == -sent, f"{sent.name} ended the launcher with {code}"
        wait_for("the end of the program", lambda pid=child: not Path(f"/proc/{pid}").exists())


if __name__ == "__main__":
    main()
