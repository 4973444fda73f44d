"""publiccode.yml has what version 0.7 of its standard demands, and agrees with the rest of the project."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.stack import ROOT

WORDS = {"type": "string", "minLength": 1}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": [
        "publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType", "description",
        "legal", "maintenance", "localisation",
    ],
    "properties": {
        "publiccodeYmlVersion": {"enum": ["0.7", "0.7.0"]},
        "name": WORDS,
        "url": {"type": "string", "pattern": "^https://"},
        "platforms": {"type": "array", "minItems": 1, "items": WORDS},
        "developmentStatus": {"enum": ["concept", "development", "beta", "stable", "obsolete"]},
        "softwareType": {
            "enum": [
                *(f"standalone/{kind}" for kind in ("mobile", "iot", "desktop", "web", "backend", "other")),
                "addon", "library", "configurationFiles",
            ]
        },
        "supports": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string", "pattern": "^(https://|alias:)"}},
            },
        },
        "intendedAudience": {
            "type": "object",
            "properties": {"countries": {"type": "array", "items": {"type": "string", "pattern": "^[A-Z]{2}$"}}},
        },
        "description": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[a-z]{2,3}(-[A-Za-z0-9]+)*$"},
            "additionalProperties": {
                "type": "object",
                "required": ["shortDescription", "longDescription", "features"],
                "properties": {
                    "shortDescription": {"type": "string", "minLength": 1, "maxLength": 150},
                    "longDescription": {"type": "string", "minLength": 150, "maxLength": 10_000},
                    "features": {"type": "array", "minItems": 1, "items": WORDS},
                },
            },
        },
        "legal": {"type": "object", "required": ["license"], "properties": {"license": WORDS}},
        "maintenance": {
            "type": "object",
            "required": ["type"],
            "properties": {
                "type": {"enum": ["internal", "contract", "community", "none"]},
                "contacts": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["name"]}},
            },
            "if": {"properties": {"type": {"enum": ["internal", "community"]}}},
            "then": {"required": ["contacts"]},
        },
        "localisation": {
            "type": "object",
            "required": ["localisationReady", "availableLanguages"],
            "properties": {
                "localisationReady": {"type": "boolean"},
                "availableLanguages": {"type": "array", "minItems": 1, "items": WORDS},
            },
        },
    },
}  # fmt: skip
"""What the standard calls mandatory, and the bounds of what we use besides. The standard has no schema of its own."""

FILE: dict[str, Any] = yaml.safe_load((ROOT / "publiccode.yml").read_text())
JUDGE = Draft202012Validator(SCHEMA)


def test_everything_mandatory_is_there() -> None:
    assert [f"{fault.json_path}: {fault.message}" for fault in JUDGE.iter_errors(FILE)] == []


@pytest.mark.parametrize("key", SCHEMA["required"])
def test_a_missing_key_is_seen(key: str) -> None:
    broken = {name: value for name, value in FILE.items() if name != key}
    assert not JUDGE.is_valid(broken)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file["description"]["en"].update(shortDescription="x" * 151),
        lambda file: file["description"]["nl"].update(longDescription="Te kort."),
        lambda file: file["description"]["nl"].pop("features"),
        lambda file: file["maintenance"].pop("contacts"),
        lambda file: file["localisation"].pop("availableLanguages"),
        lambda file: file["legal"].pop("license"),
        lambda file: file["intendedAudience"].update(countries=["nl"]),
        lambda file: file.update(softwareType="standalone"),
    ],
)
def test_a_value_out_of_bounds_is_seen(spoil: Callable[[dict[str, Any]], object]) -> None:
    broken = copy.deepcopy(FILE)
    spoil(broken)
    assert not JUDGE.is_valid(broken)


def test_it_agrees_with_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert FILE["legal"]["license"] == project["license"]
    assert FILE["description"]["en"]["shortDescription"] == project["description"]
    python = next(one for one in FILE["dependsOn"]["open"] if one["name"] == "Python")
    after = python["versionMax"].split(".")
    assert project["requires-python"] == f">={python['versionMin']},<{after[0]}.{int(after[1]) + 1}"


def test_the_owner_is_the_one_that_the_licensing_names() -> None:
    owner = FILE["legal"]["mainCopyrightOwner"]
    table = tomllib.loads((ROOT / "REUSE.toml").read_text())["annotations"][0]
    assert table["SPDX-FileCopyrightText"].endswith(owner)
