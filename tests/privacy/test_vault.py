"""A sealed value opens in its own place only, and nothing that was changed opens at all."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from shared.privacy.controllers import Controller
from shared.privacy.keyring import DataKey
from shared.privacy.vault import DESTROYED, PREFIX, SealBroken, Vault, tree_of

SECRETS = ("victim.name", "witnesses[]", "talks[].advice[].words", "note")
STATE = {
    "case": "c",
    "victim": {"name": "Kanarie Voorbeeld", "office": "mayor"},
    "witnesses": ["Eerste Kanarie", "Tweede Kanarie"],
    "talks": [{"advice": [{"words": "doe aangifte", "at": "2016"}, {"words": "", "at": "2016"}]}, {"advice": []}],
    "note": None,
}
KEY = DataKey("toy:c", secret=b"k" * 32)


def vault(controller: Controller = Controller.POLICE, module: str = "toy") -> Vault:
    return Vault(controller, module, SECRETS)


def sealed() -> Any:
    return vault().seal(STATE, "c", KEY)


def test_what_is_sealed_opens_as_it_was_and_the_rest_stays_plain() -> None:
    before = copy.deepcopy(STATE)
    found = sealed()
    assert before == STATE, "what went in is untouched"
    assert found["victim"]["office"] == "mayor" and found["note"] is None
    assert found["talks"][0]["advice"][1]["words"] == "", "an empty field says that nothing was told, and stays so"
    assert all(text.startswith(PREFIX) for text in vault().texts(found)) and len(vault().texts(found)) == 4
    assert "anarie" not in str(found) and "aangifte" not in str(found)
    assert vault().open(found, "c", KEY) == STATE


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    assert sealed()["victim"]["name"] != sealed()["victim"]["name"]


def test_every_changed_character_is_found() -> None:
    good = sealed()["victim"]["name"]
    for number, one in enumerate(good):
        bad = sealed() | {"victim": {"name": good[:number] + ("A" if one != "A" else "B") + good[number + 1 :]}}
        with pytest.raises(SealBroken, match=r"toy c victim\.name"):
            vault().open(bad, "c", KEY)


@pytest.mark.parametrize("bad", ["", "!", "AAAA"])
def test_a_value_that_was_cut_short_is_found(bad: str) -> None:
    with pytest.raises(SealBroken):
        vault().open({"note": f"{PREFIX}1.{bad}"}, "c", KEY)


def test_a_value_that_was_moved_to_another_place_is_found() -> None:
    one, two = sealed(), sealed()
    one["witnesses"].reverse()
    with pytest.raises(SealBroken, match=r"witnesses\[0\] was changed or moved"):
        vault().open(one, "c", KEY)
    two["note"] = two["victim"]["name"]
    with pytest.raises(SealBroken, match="note was changed or moved"):
        vault().open(two, "c", KEY)


@pytest.mark.parametrize(
    ("other", "document", "key"),
    [
        (vault(), "d", KEY),
        (vault(module="other"), "c", KEY),
        (vault(Controller.BZK), "c", KEY),
        (vault(), "c", replace(KEY, version=2)),
        (vault(), "c", replace(KEY, secret=b"l" * 32)),
    ],
    ids=["document", "module", "controller", "version", "key"],
)
def test_a_value_belongs_to_one_controller_module_document_and_key(other: Vault, document: str, key: DataKey) -> None:
    with pytest.raises(SealBroken):
        other.open(sealed(), document, key)


def test_plain_text_in_the_place_of_a_sealed_one_is_found_and_not_repeated() -> None:
    for text in ("Kanarie", DESTROYED):
        with pytest.raises(SealBroken, match="not sealed with its key") as error:
            vault().open({"victim": {"name": text}}, "c", KEY)
        assert text not in str(error.value)


def test_a_person_may_write_what_looks_like_ours() -> None:
    for text in (DESTROYED, sealed()["victim"]["name"], PREFIX):
        state = {"note": text}
        assert vault().open(vault().seal(state, "c", KEY), "c", KEY) == state


def test_under_a_destroyed_key_everything_reads_destroyed_also_what_was_tampered_with() -> None:
    gone = replace(KEY, secret=None)
    found = sealed()
    found["note"] = f"{PREFIX}1.broken"
    opened = vault().open(found, "c", gone)
    assert opened["victim"] == {"name": DESTROYED, "office": "mayor"}
    assert opened["witnesses"] == [DESTROYED, DESTROYED] and opened["note"] == DESTROYED
    assert opened["talks"][0]["advice"][1]["words"] == "", "what was not told is not destroyed"
    assert vault().seal(STATE, "c", gone)["victim"]["name"] == DESTROYED


def test_a_secret_that_is_no_text_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match=r"victim\.name is secret and no text"):
        vault().seal({"victim": {"name": 12}}, "c", KEY)
    with pytest.raises(TypeError, match="witnesses has secret fields"):
        vault().seal({"witnesses": "one"}, "c", KEY)


@pytest.mark.parametrize("paths", [("a", "a.b"), ("a.b", "a"), ("a[]", "a[].b")])
def test_a_field_is_either_secret_or_holds_secrets(paths: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="secret field"):
        tree_of(paths)


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("state.victim.name", (True, True)),
        ("state.victim.name.x", (True, True)),
        ("state.witnesses", (True, True)),
        ("state.witnesses.1", (True, True)),
        ("state.talks.0.advice.1.words", (True, True)),
        ("state.talks.advice.words", (True, True)),
        ("state.talks.$[].advice.$[one].words", (True, True)),
        ("state.victim", (False, True)),
        ("state.talks", (False, True)),
        ("state", (False, True)),
        ("state.victim.office", (False, False)),
        ("state.talks.advice.at", (False, False)),
        ("state.case", (False, False)),
        ("victim.name", (False, False)),
        ("closed", (False, False)),
    ],
)
def test_what_a_field_touches(field: str, found: tuple[bool, bool]) -> None:
    assert vault().touches(field) == found
