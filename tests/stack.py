"""A whole stack, started as a user starts it, with ports and a data folder of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib import parse, request

ROOT = Path(__file__).resolve().parents[1]
REPORT = {"kind": "threat", "office": "alderman", "municipality": "9901", "victim": {"name": "Voorbeeld Persoon"}}
UNIT = "eenheid-oost"
"""The police unit of municipality 9901 in the example."""
DIRECT = request.build_opener(request.ProxyHandler({}))


def eventually(true: Callable[[], Any], seconds: float = 15.0) -> Any:
    """Asks until the answer is yes, and returns it; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not (answer := true()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)
    return answer


def free_port() -> int:
    """A port that nobody has now, with the next one free too."""
    while True:
        with closing(socket.socket()) as one, closing(socket.socket()) as two, suppress(OSError, OverflowError):
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            two.bind(("127.0.0.1", port + 1))
            return port


def processes_marked(mark: str) -> list[int]:
    """Ids of the living processes that inherited this environment variable; a zombie has none."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"TEST_MARK={mark}".encode() in environ.read_bytes():
                found.append(int(environ.parent.name))
    return found


class Stack:
    """One `veilig run`, with ports of its own, whose processes can be found again."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.data = folder / "data"
        self.mark = uuid.uuid4().hex
        self.output = folder / "output.txt"
        self.ports = {"--port": free_port(), "--kafka-port": free_port(), "--mongo-port": free_port()}
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        ports = [text for option, port in self.ports.items() for text in (option, str(port))]
        return [sys.executable, "-m", "deploy.cli.main", "run", "--data", str(self.data), *ports, *self.options]

    def start(self, *, ready: bool = True) -> None:
        env = os.environ | {"TEST_MARK": self.mark}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(self.command(), cwd=ROOT, env=env, stdout=output, stderr=output)
        if ready:
            eventually(lambda: "Veilig Bestuur runs" in self.said() or self.ended(), 90)
            assert not self.ended(), self.said()

    def once(self) -> subprocess.CompletedProcess[str]:
        """Runs the same command, which is expected to end by itself."""
        return subprocess.run(self.command(), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def said(self) -> str:
        return self.output.read_text()

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "stack.json").read_text())
        return found

    def stop(self, number: int = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(60)
        log = self.data / "logs" / "services.log"
        lines = log.read_text().splitlines() if log.exists() else []
        assert not (held_back := [line for line in lines if '"field_held_back"' in line]), held_back[:3]
        return code

    def call(self, path: str, role: str, actor: str, body: object = None) -> Any:
        """One request to the services; with a body a POST. Returns the JSON of the answer."""
        headers = {"Content-Type": "application/json"} | (self.signed(role, actor) if role else {})
        if body is not None:
            headers["Idempotency-Key"] = uuid.uuid4().hex
        data = None if body is None else json.dumps(body).encode()
        asked = request.Request(f"http://127.0.0.1:{self.ports['--port']}{path}", data, headers)
        with DIRECT.open(asked, timeout=20) as answer:
            return json.load(answer)

    def put(self, path: str, role: str, actor: str, content: bytes) -> None:
        """Sends a file to the services."""
        headers = {"Content-Type": "application/octet-stream", "Idempotency-Key": uuid.uuid4().hex}
        url = f"http://127.0.0.1:{self.ports['--port']}{path}"
        asked = request.Request(url, content, headers | self.signed(role, actor), method="PUT")
        with DIRECT.open(asked, timeout=20):
            pass

    def signed(self, role: str, actor: str) -> dict[str, str]:
        """The header of somebody who signed in with the local issuer."""
        police = {"unit": UNIT} if role in ("police", "rccb", "hovj") else {}
        said = {"grant_type": "client_credentials", "role": role, "account": actor} | police
        asked = parse.urlencode(said).encode()
        with DIRECT.open(f"http://127.0.0.1:{self.ports['--port']}/identity/token", asked, timeout=20) as answer:
            return {"Authorization": f"Bearer {json.load(answer)['access_token']}"}

    def report(self, account: str = "demo-1") -> str:
        """Reports a threat; returns the case."""
        case: str = self.call("/intake/v1/reports", "office-holder", account, REPORT)["case"]
        return case

    def weighing_of(self, case: str) -> bool:
        """Whether the report of this case arrived at the service that weighs it."""
        with suppress(OSError):
            return any(one["case"] == case for one in self.call("/assessment/v1/weighings", "rccb", "rccb-1"))
        return False

    def clean(self) -> None:
        for pid in processes_marked(self.mark):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)


@contextmanager
def started(folder: Path) -> Iterator[Stack]:
    """A stack that runs, and is stopped in order afterwards; whatever happens nothing of it stays."""
    stack = Stack(folder)
    try:
        stack.start()
        yield stack
        stack.stop()
    finally:
        stack.clean()
