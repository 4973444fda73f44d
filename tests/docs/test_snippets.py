"""What a reader is told to type works as it stands, and what is shown of an answer is what comes.

Every block between fences has to be held by a test; a new one fails until somebody says by which.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from deploy.cli.main import app
from shared.privacy.controllers import CONTROLLERS
from shared.privacy.vaults import wrapping_keys
from shared.runtime.environment import Settings
from tests import backends
from tests.conftest import USED
from tests.docs.test_documents import DOCUMENTS
from tests.stack import ROOT, eventually, free_port, processes_marked

Block = tuple[str, str]
"""Language (empty: what is printed) and text."""

HELD = {
    ("README.md", "sh"): "run here: test_the_readme_works_as_it_stands",
    ("README.md", ""): "compared here and in test_documents.py",
    ("docs/api.md", "sh"): "run here: test_the_example_of_the_api_is_answered",
    ("docs/operations.md", "sh"): "all parsed in test_operations.py; those that need nothing to be wrong are run here",
    ("docs/operations.md", ""): "signs and events in test_operations.py",
    ("docs/operations.md", "shell"): "needs a Docker daemon: tests/deploy/test_docker.py, where one is",
    ("docs/partners.md", "sh"): "all parsed in test_operations.py; given in tests/deploy",
    ("deploy/partners/kit/README.md", "sh"): "given in tests/deploy/test_partner_folder.py",
    ("docs/settings.md", "json"): "read as settings here",
}
"""Document and language -> the test that holds its blocks. Pictures are held by test_architecture.py or by eye."""

SECONDS = 120
LOCAL = {"environment": "local"}
"""Settings that need nothing else; that keys are judged as outside local mode is said where they are."""


def blocks(name: str) -> list[Block]:
    """The blocks of a document."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL)


def block(name: str, language: str, words: str) -> str:
    """The one block of a document that has these words."""
    (found,) = [text for kind, text in blocks(name) if kind == language and words in text]
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_block_is_held_by_a_test(name: str) -> None:
    for language, _ in blocks(name):
        assert language == "mermaid" or (name, language) in HELD, f"```{language} in {name}"


def test_no_document_leaves_a_block_open() -> None:
    for name in DOCUMENTS:
        assert (ROOT / name).read_text().count("\n```") % 2 == 0, name


INLINE = sorted(
    {
        (name, line)
        for name in DOCUMENTS
        for line in re.findall(r"`(?:\.venv/bin/)?(veilig [^`]+)`", (ROOT / name).read_text())
    }
)


@pytest.mark.parametrize(("name", "line"), INLINE, ids=lambda value: value.replace(" ", "_"))
def test_every_veilig_command_in_a_sentence_exists_with_its_options(name: str, line: str) -> None:
    _, *arguments = shlex.split(line.replace("<", "").replace(">", ""))
    command = typer.main.get_command(app)
    while hasattr(command, "commands") and arguments:
        command = command.commands[arguments.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in arguments if word.startswith("--")} <= known


def test_the_example_of_a_secrets_file_is_good_once_its_keys_are_drawn(tmp_path: Path) -> None:
    example = block("docs/settings.md", "json", "wrapping_keys")
    assert "openssl rand -hex 32" in (ROOT / "docs" / "settings.md").read_text()
    if shutil.which("openssl") is None:
        backends.missing("no openssl here to draw keys with")

    def drawn(_: re.Match[str]) -> str:
        ran = subprocess.run(["openssl", "rand", "-hex", "32"], capture_output=True, text=True, check=True)
        return json.dumps(ran.stdout.strip())

    file = tmp_path / "secrets.json"
    file.write_text(re.sub(r'"\.\.\."', drawn, example))
    keys = Settings.model_validate(LOCAL | {"secrets_file": str(file)}).keys()
    for controller in {CONTROLLERS["intake.reporting"], CONTROLLERS["funding.cost_allocation"]}:
        assert wrapping_keys(keys, controller, local=False)


class Typed:
    """What a reader types: commands of a block, with ports and a folder of this test's own."""

    def __init__(self, folder: Path) -> None:
        self.mark = uuid.uuid4().hex
        self.port = free_port()
        self.output = folder / "output.txt"
        self.data = folder / "data"
        self._options = f"--data {self.data} --port {self.port} --kafka-port {free_port()}"
        self._options += f" --mongo-port {free_port()}"
        self._env = os.environ | {"TEST_MARK": self.mark, "COLUMNS": "200"}
        self._running: subprocess.Popen[bytes] | None = None

    def script(self, text: str) -> str:
        """The text of a block for bash: this environment instead of `.venv`, this port instead of 8080."""
        text = re.sub(r"^make ", f"make -o environment BIN={Path(sys.executable).parent} ", text, flags=re.MULTILINE)
        return "set -e\n" + text.replace("127.0.0.1:8080", f"127.0.0.1:{self.port}")

    def keep_running(self, text: str) -> None:
        """Types a block that goes on until Ctrl-C, in a terminal of its own."""
        with self.output.open("wb") as output:
            self._running = subprocess.Popen(
                ["bash", "-c", self.script(text)], cwd=ROOT, env=self._env | {"ARGS": self._options},
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def run(self, text: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Types a block that ends."""
        return subprocess.run(
            ["bash", "-c", self.script(text)], cwd=ROOT, env=self._env | env, capture_output=True, text=True,
            timeout=2 * SECONDS, check=False,
        )  # fmt: skip

    def addresses(self) -> dict[str, str]:
        """What docs/operations.md says a command takes from the environment, where no stack of `.data` runs."""
        stack = json.loads((self.data / "stack.json").read_text())
        return {
            "VEILIG_KAFKA_BOOTSTRAP_SERVERS": stack["kafka"],
            "VEILIG_URL": stack["url"],
            "VEILIG_MONGO_URL": stack["mongo"],
            "VEILIG_SECRETS_FILE": str(self.data / "secrets.json"),
            "VEILIG_ENVIRONMENT": "local",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def said(self) -> str:
        return self.output.read_text()

    def interrupt(self) -> None:
        """Ctrl-C: to everything in that terminal."""
        assert self._running is not None
        os.killpg(self._running.pid, signal.SIGINT)
        self._running.wait(60)

    def clean(self) -> None:
        for pid in processes_marked(self.mark):
            os.kill(pid, signal.SIGKILL)
        if self._running is not None:
            self._running.wait(10)


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    """The first block of the README, typed, until it says what to do next."""
    here = Typed(tmp_path_factory.mktemp("readme"))
    try:
        here.keep_running(block("README.md", "sh", "make run"))
        eventually(lambda: "Ctrl-C" in here.said(), SECONDS)
        USED.append("the README: Tansu and SecantusDB (embedded)")
        yield here
        here.interrupt()
        eventually(lambda: not processes_marked(here.mark), 30)
    finally:
        here.clean()


def steady(text: str) -> list[str]:
    """The lines of an answer without what differs each time: seconds, ports, folders."""
    lines = [re.sub(r"\d+\.\d s", "0 s", line).strip() for line in text.splitlines()]
    return [line for line in lines if line and line != "..." and not re.match(r"(Services|Kafka|Data)\b", line)]


def told_of(text: str) -> list[str]:
    """The lines of a story; its moments are the story's own, so they are the same each time."""
    return [line.rstrip() for line in text.splitlines() if line.strip() not in ("", "...")]


@pytest.mark.slow
def test_the_readme_works_as_it_stands(typed: Typed) -> None:
    shown = steady(block("README.md", "", "Starting the database"))
    said = steady(typed.said())
    assert [line for line in shown if line not in said] == []
    told = typed.run(block("README.md", "sh", "make story"), ARGS=f"--url http://127.0.0.1:{typed.port}")
    assert told.returncode == 0, told.stderr[-2000:]
    lines = told_of(told.stderr + told.stdout)
    assert [line for line in told_of(block("README.md", "", "day  0")) if line not in lines] == []


@pytest.mark.slow
def test_the_example_of_the_api_is_answered(typed: Typed) -> None:
    if shutil.which("curl") is None:
        backends.missing("no curl here to type the example with")
    ran = typed.run(block("docs/api.md", "sh", "curl"))
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert re.match(r"HTTP/1\.1 20[01] ", ran.stdout), ran.stdout[:300]
    assert json.loads(ran.stdout.splitlines()[-1])["case"]


EXAMPLE = "5d02cbf1c3acc996307c5fd8747aeee2"
TYPED = (
    "dead-letters list --subscription", f"case {EXAMPLE} --actor", f"dossier {EXAMPLE}", f"hold {EXAMPLE}",
    f"shred {EXAMPLE} --service intake", "audit verify --head", "audit verify --against", "retention --dry-run",
)  # fmt: skip
"""How commands of docs/operations.md begin that are typed here, on a stack on which nothing went wrong; in this order,
for what is destroyed cannot be held. Not `tail`, which goes on, nor what needs a dead letter or a partner's reference.
"""


def operations() -> list[str]:
    """Those commands."""
    lines = [line for kind, text in blocks("docs/operations.md") if kind == "sh" for line in text.splitlines()]
    chosen = [line for words in TYPED for line in lines if line.startswith(f"veilig {words}")]
    return [line for line in chosen if "--head" in line or "--json" not in line]


@pytest.mark.slow
def test_what_an_operator_is_told_to_type_works(typed: Typed, tmp_path: Path) -> None:
    assert len(operations()) == 10
    reported = typed.run(block("docs/api.md", "sh", "curl"))
    case = json.loads(reported.stdout.splitlines()[-1])["case"]
    for line in operations():
        mine = line.replace(EXAMPLE, case).replace("demo-1", "account-1")
        ran = typed.run(f"cd {tmp_path}\n{mine}", **typed.addresses())
        assert ran.returncode == 0, f"{mine}\n{ran.stdout}{ran.stderr}"
        if "--head" in line:
            (tmp_path / "heads.json").write_text(ran.stdout)
    assert case in (tmp_path / "mijn-dossier.json").read_text()
