"""Makes `.venv` with everything in `requirements.lock`, once, and fetches the look of the pages.

Run: `python3 deploy/local/environment_setup.py`.

Standard library only, and it parses on Python 3.6, so that a wrong Python gets a sentence instead of a traceback.
Exit code 0: the environment is there. 2: it cannot be made, with one sentence on standard error.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK, PROJECT = ROOT / "requirements.lock", ROOT / "pyproject.toml"
LOG = ROOT / ".cache" / "setup.log"
DESIGN = ROOT / "shared" / "web" / "design"
"""What the look of the pages is made of: npm packages, with their hashes."""
DESIGN_CACHE = ROOT / ".cache" / "design"
DESIGN_FILES = ("package.json", "package-lock.json", ".npmrc")
NODE_LOCK = DESIGN / "node.lock"
"""Node.js as a Python package, for a machine that has none."""
STAMP = "veilig.stamp"
OLDEST, NEWEST = (3, 11), (3, 13)
"""Python versions for which every package in the lock file has a wheel."""
LEAST_FREE_BYTES = 10**9


class SetupError(Exception):
    """One sentence for the user: why there is no environment."""


def judge(version: "tuple[int, ...]") -> str:
    """Takes a Python version, such as (3, 12, 1). Returns what is wrong with it, or an empty string."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return ""
    age = "old" if tuple(version[:2]) < OLDEST else "new"
    return f"Python {version[0]}.{version[1]} is too {age}: Veilig Bestuur needs 3.11, 3.12 or 3.13"


def version_of(python: str) -> "tuple[int, ...]":
    """Takes a command. Returns its Python version, or an empty tuple when it does not run."""
    ask = [python, "-I", "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.check_output(ask, stderr=subprocess.DEVNULL, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(int(part) for part in answer.decode().split())


def find_python() -> "tuple[str, tuple[int, ...]]":
    """Returns command and version of a fitting Python: this one, else one on PATH. Raises `SetupError`."""
    trouble = judge(sys.version_info[:3])
    if not trouble:
        return sys.executable, sys.version_info[:2]
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        version = version_of(found) if found else ()
        if found and version and not judge(version):
            return found, version
    raise SetupError(trouble + ", and none of these is on PATH. Install one and run the same command again.")


def stamp(version: "tuple[int, ...]") -> str:
    """Takes the Python version. Returns what a finished environment's stamp file holds."""
    everything = hashlib.sha256()
    for part in (LOCK.read_bytes(), PROJECT.read_bytes(), str(ROOT).encode(), str(version[:2]).encode()):
        everything.update(hashlib.sha256(part).digest())
    return everything.hexdigest()


def python_in(folder: Path) -> Path:
    """Takes the environment's folder. Returns the path of its Python."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def check_disk(folder: Path) -> None:
    """Raises `SetupError` with less than 1 GB free where `folder` (or its nearest parent that exists) is."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(str(folder)).free
    if free < LEAST_FREE_BYTES:
        raise SetupError(f"Only {free // 10**6} MB of disk is free in {folder}; the environment needs 1000 MB.")


def logged(command: "list[str]") -> bool:
    """Runs a command in the project folder, output to the log file. Returns whether it went well."""
    with LOG.open("ab") as log:
        log.write("\n$ {}\n".format(" ".join(command)).encode())
        log.flush()
        try:
            return subprocess.call(command, cwd=str(ROOT), stdout=log, stderr=log, stdin=subprocess.DEVNULL) == 0
        except OSError as error:
            log.write(str(error).encode())
            return False


def make_folder(python: str, version: "tuple[int, ...]", folder: Path) -> None:
    """Makes an empty environment, unless a working one of this Python version is there. Raises `SetupError`."""
    own = str(python_in(folder))
    if version_of(own) == version and logged([own, "-I", "-m", "pip", "--version"]):
        return
    if logged([python, "-I", "-m", "venv", "--clear", str(folder)]):
        return
    if not logged([python, "-I", "-c", "import ensurepip, venv"]):
        raise SetupError(
            f"{python} has no module venv; install it (Debian, Ubuntu: `apt install python3-venv`) and run this again."
        )
    raise SetupError(f"{python} -m venv {folder} failed; the log is {LOG}.")


def install(folder: Path) -> None:
    """Installs the locked packages and the project itself. Raises `SetupError`."""
    pip = [str(python_in(folder)), "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if not logged([*pip, "--require-hashes", "-r", str(LOCK)]):
        raise SetupError(f"pip could not install the packages (is there a network connection?); the log is {LOG}.")
    if not logged([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)]):
        raise SetupError(f"pip could not install the project itself; the log is {LOG}.")


def find_npm(folder: Path) -> "list[str]":
    """Returns the command of npm: the machine's, else one in the environment, put there first. Empty: none."""
    found = shutil.which("npm") if shutil.which("node") else None
    if found:
        return [found]
    own = python_in(folder).with_name("npm.exe" if os.name == "nt" else "npm")
    pip = [str(python_in(folder)), "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if not own.exists() and not logged([*pip, "--require-hashes", "-r", str(NODE_LOCK)]):
        return []
    return [str(own)]


def fetch_design(folder: Path) -> None:
    """Fetches the look of the pages into `.cache/design`, once. Where that fails it says so: pages do without."""
    wanted = hashlib.sha256(b"".join((DESIGN / name).read_bytes() for name in DESIGN_FILES)).hexdigest()
    tried = DESIGN_CACHE / "tried"
    if tried.exists() and tried.read_text() == wanted:
        return
    print("Fetching the look of the pages (once)...", flush=True)
    DESIGN_CACHE.mkdir(parents=True, exist_ok=True)
    for name in DESIGN_FILES:
        shutil.copyfile(str(DESIGN / name), str(DESIGN_CACHE / name))
    npm = find_npm(folder)
    options = ["ci", "--prefix", str(DESIGN_CACHE), "--loglevel=error", "--fetch-retries=1", "--fetch-timeout=30000"]
    if npm and logged(npm + options):
        print("  done.", flush=True)
    else:
        print(
            "  It could not be fetched; the pages will be plain and say so.\n"
            "  To try again: rm -r .cache/design, and the same command once more.",
            flush=True,
        )
    tried.write_text(wanted)


def make(folder: Path) -> None:
    """Makes the environment in `folder`; returns at once when it is there and up to date. Raises `SetupError`."""
    python, version = find_python()
    done = folder / STAMP
    wanted = stamp(version)
    if done.exists() and done.read_text() == wanted and python_in(folder).exists():
        return
    check_disk(folder)
    shown = folder.relative_to(ROOT) if ROOT in folder.parents else folder
    print(f"Making an environment in {shown} (once, about a minute)...", flush=True)
    began = time.monotonic()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_bytes(b"")
    if done.exists():
        done.unlink()
    make_folder(python, version, folder)
    print("  Python {}.{}; installing packages...".format(*version), flush=True)
    install(folder)
    done.write_text(wanted)
    print(f"  done in {time.monotonic() - began:.0f} s.", flush=True)


def main() -> int:
    """Returns the exit code."""
    folder = Path(os.environ.get("VEILIG_VENV") or ROOT / ".venv")
    try:
        folder = folder if folder.is_absolute() else ROOT / folder
        make(folder)
        fetch_design(folder)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"The environment cannot be made: {error}.\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; run the same command again to go on.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
