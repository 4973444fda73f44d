"""Child processes that die with the launcher, however it dies: `kill -9` leaves none behind."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

Mode = Literal["death-signal", "pipe"]
WATCHED = Path(__file__).with_name("watched.py")
LARGEST_LOG_BYTES = 10_000_000


def best_mode() -> Mode:
    """How children learn that the launcher is gone: by the Linux kernel, elsewhere by a pipe that ends."""
    return "death-signal" if sys.platform == "linux" and importlib.util.find_spec("_ctypes") else "pipe"


class Child:
    """One child process, with a name for people, its command, environment, working folder and log file.

    It gets a session of its own: Ctrl-C in the terminal reaches the launcher alone, which stops its children in order.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str],
        cwd: Path,
        mode: Mode | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.started = 0.0
        self._env = dict(env)
        self._cwd = cwd
        self._mode = mode or best_mode()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it; output is added to the log file. Only from the main thread: the death signal follows threads."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("children are started from the main thread")
        self._turn_log()
        wrapped = [sys.executable, "-I", "-S", str(WATCHED), self._mode, str(os.getpid()), *self.command]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                wrapped,
                stdin=subprocess.PIPE if self._mode == "pipe" else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
            )
        self.started = time.monotonic()

    @property
    def pid(self) -> int:
        """Process id; 0 before the start."""
        return self._process.pid if self._process else 0

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def ended(self) -> str:
        """How it ended, for people: `exit code 3`, `killed by SIGKILL`."""
        code = self._process.returncode if self._process else None
        if code is None:
            return "not ended"
        with suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return f"killed by signal {-code}"

    def stop(self, seconds: float) -> bool:
        """Asks it to end (SIGTERM), and kills it after so many seconds. Returns whether it ended by itself."""
        if self._process is None:
            return True
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def kill(self, *, wait: bool = True) -> None:
        """Ends it at once (SIGKILL); with `wait` returns when it is gone. In a signal handler only without."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            if wait:
                self._process.wait()

    def last_line(self) -> str:
        """The last line of the log that is not empty, at most 300 characters."""
        with suppress(OSError):
            lines = self.log.read_bytes()[-4096:].decode(errors="replace").split("\n")
            return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")
        return ""

    def _signal(self, number: signal.Signals) -> None:
        # `poll` first: a process that was waited for no longer owns its number.
        if self.alive():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _turn_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".1.log"))
