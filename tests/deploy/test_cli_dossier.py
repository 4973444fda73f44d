"""`veilig dossier`: the own case in one file, for its owner alone, whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.dossier import save
from shared.access.admission import UNKNOWN
from tests.deploy.commands import Ended, veilig
from tests.deploy.test_cli_case import CASE, NO_ISSUER, NOTHING, answering

WORDS = "Er ligt een brief, plainly invented."
WHOLE: dict[str, Any] = {
    "case": CASE, "exported_at": "2016-03-14T02:10:00Z", "left_out": ["De stukken van het bewijs zelf."],
    "contents": [{"part": "report", "title": "Uw melding", "there": True},
                 {"part": "costs", "title": "De kosten", "there": False}],
    "report": {"incident": {"narrative": WORDS}},
}  # fmt: skip
AWAY = (503, {"detail": "Een deel van uw dossier is nu niet bereikbaar."})


def kept(folder: Path) -> dict[str, tuple[str, int]]:
    """Text and mode of every file in a folder."""
    return {one.name: (one.read_text(), one.stat().st_mode & 0o777) for one in folder.iterdir()}


def earlier(out: Path) -> None:
    """A dossier that was saved before."""
    out.write_text("an earlier one")
    out.chmod(0o600)


async def saved(out: Path, answer: tuple[int, Any], *options: str, **more: tuple[int, Any]) -> Ended:
    with answering({"intake": answer, **more}) as (url, _):
        return await veilig("dossier", CASE, "--url", url, "--out", str(out), *options)


async def test_it_is_saved_as_it_was_given_and_for_its_owner_alone(tmp_path: Path) -> None:
    out = tmp_path / "dossier.json"
    before = os.umask(0)
    try:
        ended = await saved(out, (200, WHOLE))
    finally:
        os.umask(before)
    ((name, (text, mode)),) = kept(tmp_path).items()
    assert (ended.status, name, json.loads(text), mode) == (0, "dossier.json", WHOLE, 0o600)
    assert "✓ Uw melding" in ended.err and "– De kosten" in ended.err and "Niet: De stukken" in ended.err
    assert WORDS not in ended.err + ended.out, "what it says stands in the file alone"


async def test_it_is_asked_as_the_person(tmp_path: Path) -> None:
    with answering({"intake": (200, WHOLE)}) as (url, asked):
        await veilig("dossier", CASE, "--url", url, "--out", str(tmp_path / "d"), "--actor", "demo-1")
    ((path, headers),) = asked
    assert (path, headers["Authorization"]) == (f"/intake/v1/dossiers/{CASE}", "Bearer office-holder.demo-1.")


NOT_GIVEN = [
    (AWAY, 3), ((500, {"detail": "x"}), 3), ((200, "<html>"), 3), ((200, {}), 3), ((200, []), 3),
    ((200, WHOLE | {"case": "b" * 32}), 3), (NOTHING, 1), ((403, {"detail": UNKNOWN}), 1), ((404, "nothing"), 3),
]  # fmt: skip


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["new", "replacing"])
@pytest.mark.parametrize(("answer", "status"), NOT_GIVEN)
async def test_what_is_not_given_whole_leaves_everything_as_it_was(
    tmp_path: Path, answer: tuple[int, Any], status: int, force: tuple[str, ...]
) -> None:
    out = tmp_path / "dossier.json"
    if force:
        earlier(out)
    ended = await saved(out, answer, *force)
    assert ended.status == status and "Traceback" not in ended.err
    assert [text for text, _ in kept(tmp_path).values()] == (["an earlier one"] if force else [])


async def test_services_that_do_not_answer_are_away(tmp_path: Path) -> None:
    ended = await veilig(
        "dossier", CASE, "--url", "http://127.0.0.1:9", "--token", "a.b.c", "--out", str(tmp_path / "d")
    )
    assert ended.status == 3 and kept(tmp_path) == {}


async def test_a_file_that_is_there_is_replaced_only_when_asked(tmp_path: Path) -> None:
    out = tmp_path / "dossier.json"
    earlier(out)
    with answering({"intake": (200, WHOLE)}) as (url, asked):
        ended = await veilig("dossier", CASE, "--url", url, "--out", str(out))
    assert ended.status == 2 and asked == [] and kept(tmp_path)["dossier.json"][0] == "an earlier one"
    assert (await saved(out, (200, WHOLE), "--force")).status == 0
    text, mode = kept(tmp_path)["dossier.json"]
    assert (json.loads(text), mode) == (WHOLE, 0o600)


def test_a_file_that_comes_in_between_stays(tmp_path: Path) -> None:
    out = tmp_path / "dossier.json"
    out.write_text("just made")
    with pytest.raises(FileExistsError):
        save(out, "new", force=False)
    assert [text for text, _ in kept(tmp_path).values()] == ["just made"]


def test_a_disk_that_fails_halfway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        save(tmp_path / "dossier.json", "new", force=True)
    assert kept(tmp_path) == {}


async def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    ended = await saved(tmp_path / "nowhere" / "d.json", (200, WHOLE))
    assert ended.status == 2 and "Nothing was saved" in ended.err


@pytest.mark.parametrize("wrong", [("--as", "police"), ("--as", "mayor"), ("--actor", "Jan Jansen")])
async def test_what_is_filled_in_wrong_asks_nobody(tmp_path: Path, wrong: tuple[str, ...]) -> None:
    with answering({"intake": (200, WHOLE)}) as (url, asked):
        ended = await veilig("dossier", CASE, "--url", url, "--out", str(tmp_path / "d"), *wrong)
    assert ended.status == 2 and asked == [] and kept(tmp_path) == {}


async def test_without_a_local_sign_in_a_token_is_needed(tmp_path: Path) -> None:
    ended = await saved(tmp_path / "d", (200, WHOLE), **NO_ISSUER)
    assert ended.status == 2 and kept(tmp_path) == {}
