"""What the documents claim is true: links, commands, quoted output, counts."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from deploy.stories.checks import EXPECTED
from tests.stack import ROOT

LISTED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
DOCUMENTS = [name for name in LISTED if name.endswith(".md")]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_inside_the_project_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (ROOT / name).read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (ROOT / name).parent.joinpath(target).exists(), target


def anchors(text: str) -> set[str]:
    """What a link to a heading of a document may end with, as the usual viewers make it."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_to_a_heading_finds_it(name: str) -> None:
    here = ROOT / name
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", here.read_text()):
        aim = here.parent / target if target else here
        if aim.suffix == ".md":
            assert anchor in anchors(aim.read_text()), f"{target}#{anchor}"


PATH = re.compile(r"`((?:services|shared|deploy|tests|docs|LICENSES)/[\w./-]+)`")


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if not name.startswith("tests/")])
def test_every_path_that_a_document_names_exists(name: str) -> None:
    for path in PATH.findall((ROOT / name).read_text()):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_of_ours_that_a_document_names_exists(name: str) -> None:
    for module in re.findall(r"python3? -m ((?:services|shared|deploy|tests)[\w.]*)", (ROOT / name).read_text()):
        found = ROOT / module.replace(".", "/")
        assert found.with_suffix(".py").exists() or (found / "__main__.py").exists(), module


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if not name.startswith("tests/")])
def test_every_make_command_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", (ROOT / name).read_text(), re.MULTILINE)) <= targets


def test_what_the_readme_shows_of_the_commands_is_what_they_print() -> None:
    sources = "".join((ROOT / path).read_text() for path in (
        "deploy/stories/village_alderman.py", "deploy/local/launcher.py", "deploy/cli/story.py",
    ))  # fmt: skip
    shown = [block for block in README.split("```\n") if "day  0" in block or "Starting the" in block]
    assert len(shown) == 2
    for line in "".join(shown).splitlines():
        for words in re.findall(r"[A-Z][a-z]+(?: [a-z]+){3,}", line):
            assert words in sources, words


def test_the_readme_counts_the_events_of_the_story_and_the_scenarios() -> None:
    events = sum(map(len, EXPECTED.values()))
    assert {int(number) for number in re.findall(r"(\d+) events", README)} == {events}
    listed = re.findall(r"^\| S-", (ROOT / "docs" / "scenarios.md").read_text(), re.MULTILINE)
    assert {int(number) for number in re.findall(r"(\d+) scenarios", README)} == {len(listed)}


def test_the_requirement_list_counts_what_it_lists() -> None:
    text = (ROOT / "docs" / "requirements.md").read_text()
    rows = re.findall(r"^\| ((?:R|INV)-[A-Z0-9-]+) \|.*\| (built|partly|not yet) \|", text, re.MULTILINE)
    assert len({name for name, _ in rows}) == len(rows) > 150, "each once"
    found = Counter(state for name, state in rows if name.startswith("R-"))
    told = re.search(r"(\d+) built, (\d+) partly, (\d+) not yet", text)
    assert told is not None
    assert (found["built"], found["partly"], found["not yet"]) == tuple(map(int, told.groups()))


def test_what_the_requirement_list_points_at_exists() -> None:
    text = (ROOT / "docs" / "requirements.md").read_text()
    for path in set(re.findall(r"`((?:services|shared|tests|deploy)/[\w./]+)`", text)):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("name", [name for name in LISTED if not name.endswith(".lock")])
def test_no_file_holds_a_machine_path_or_a_private_address(name: str) -> None:
    text = Path(ROOT / name).read_text()
    assert not re.search(r"/(?:home|Users)/[a-z]+/", text)
    assert not re.search(r"(?<!veiligbestuur)@min" + r"bzk\.nl", text), "only the functional mailbox"
