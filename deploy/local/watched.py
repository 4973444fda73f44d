"""Runs a command that must not outlive the process that asked for it. Standard library only; see `children.py`.

`python watched.py death-signal PARENT COMMAND...` becomes the command; the Linux kernel kills it when PARENT ends.
`python watched.py pipe PARENT COMMAND...` stays; it kills the command when its standard input ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1


def become(parent: int, command: list[str]) -> None:
    """Replaces this process by the command, with a death signal. Linux only; `parent` is a process id."""
    import ctypes

    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:  # it ended before the line above
        sys.exit(1)
    os.execvp(command[0], command)


def hold(command: list[str]) -> int:
    """Runs the command until it ends or standard input does. Returns its exit code, 128 + n after signal n."""
    # The launcher signals the whole group: the command gets the signal itself, this process only has to live on.
    signal.signal(signal.SIGTERM, lambda *_: None)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def watch() -> None:
        while os.read(0, 1):
            pass
        child.kill()

    threading.Thread(target=watch, daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


def main(arguments: list[str]) -> int:
    """Takes mode, process id of the launcher, and the command. Returns the exit code."""
    mode, parent, *command = arguments
    if mode == "pipe":
        return hold(command)
    become(int(parent), command)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
