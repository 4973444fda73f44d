"""`make secrets`: everything that is secret is drawn once, for its reader alone, where git does not see it."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from joserfc.jwk import ECKey

from deploy.docker import secrets
from services.aftercare.confidential_line.settings import LineKeys
from shared.privacy.controllers import Controller
from shared.runtime.environment import Settings
from tests.stack import ROOT

PLACE = secrets.Place("veilig.example")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    secrets.write(tmp_path / "secrets", PLACE)
    return tmp_path / "secrets"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_only_the_owner_can_read_what_was_made(made: Path) -> None:
    assert set(contents(made)) == set(secrets.readers())
    for path in (made, *made.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_is_there_is_never_changed_and_what_is_missing_is_added(made: Path) -> None:
    before = contents(made)
    assert secrets.write(made, PLACE) == []
    for file in (made / "observe").iterdir():
        file.unlink()
    (made / "observe").rmdir()
    assert secrets.write(made, PLACE) == ["observe"]
    after = contents(made)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"observe/grafana-password", "observe/metrics-token", "observe/prometheus-token"}


def test_a_run_that_was_stopped_halfway_leaves_nothing_that_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    (folder / "chain.new").mkdir(parents=True)
    (folder / "chain.new" / "service.json").write_text("{")
    assert secrets.write(folder, PLACE) == list(secrets.FOLDERS)
    assert json.loads((folder / "chain" / "service.json").read_text()) and not (folder / "chain.new").exists()


def test_two_places_share_nothing(made: Path, tmp_path: Path) -> None:
    secrets.write(tmp_path / "other", PLACE)
    here, there = contents(made), contents(tmp_path / "other")
    assert not [name for name in here if here[name] == there[name]]


def test_no_key_is_used_twice(made: Path) -> None:
    keys = [key for content in contents(made).values() for key in re.findall(rb'"([0-9a-f]{64})"', content)]
    assert len(keys) == len(set(keys)) > 8


def test_git_and_the_build_of_images_do_not_see_them() -> None:
    for name in (".secrets/chain/service.json", ".env"):
        answer = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False)
        assert answer.returncode == 0, name
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines and not [line for line in lines if line.startswith("!.")], "only what is named is sent"


def test_the_services_take_what_was_made(made: Path) -> None:
    given = {"secrets_file": made / "chain" / "service.json", "wrapping_keys_dir": made / "wrapping",
             "mongo_url_file": made / "database" / "intake-url", "oin": "00000001234567890000",
             "issuer": "https://veilig.example/inloggen/realms/veilig"}  # fmt: skip
    keys = Settings.model_validate({"environment": "production", **given}).keys()
    assert set(keys.wrapping) == {one.value for one in Controller} - {"confidential-line"}
    assert LineKeys.read(made / "line" / "line.json")
    address = (made / "database" / "intake-url").read_text()
    assert address.startswith("mongodb://intake:") and "w=majority" in address and "authSource=admin" in address


def test_certificates_name_whom_they_are_for_and_only_servers_have_hosts(made: Path) -> None:
    def names(file: str) -> tuple[str, list[str]]:
        found = x509.load_pem_x509_certificate((made / file).read_bytes())
        try:
            hosts = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            return found.subject.rfc4514_string(), hosts.get_values_for_type(x509.DNSName)
        except x509.ExtensionNotFound:
            return found.subject.rfc4514_string(), []

    assert names("kafka/broker.pem") == ("CN=broker,O=Veilig Bestuur internal", ["kafka", "veilig.example"])
    assert names("kafka/intake.crt") == ("CN=intake,O=Veilig Bestuur internal", [])
    assert names("proxy/certificate.pem") == ("CN=veilig.example", ["veilig.example"])


def test_the_realm_knows_the_key_of_each_client(made: Path) -> None:
    realm = json.loads((made / "identity" / "realm.json").read_text())
    for client in realm["clients"]:
        bare = client["attributes"]["jwt.credential.certificate"]
        pem = f"-----BEGIN CERTIFICATE-----\n{bare}\n-----END CERTIFICATE-----\n"
        key = ECKey.import_key((made / "identity" / f"{client['clientId']}-key.pem").read_text())
        told = x509.load_pem_x509_certificate(pem.encode()).public_key()
        assert told == key.private_key.public_key()  # type: ignore[union-attr]


def test_each_file_goes_to_the_account_that_reads_it(made: Path) -> None:
    given: dict[str, tuple[int, int]] = {}

    def give(path: Path, user: int, group: int) -> None:
        given[str(path.relative_to(made))] = (user, group)

    assert secrets.hand_over(made, give) == len(given)
    assert given["kafka/broker.pem"] == (secrets.KAFKA, secrets.KAFKA)
    assert given["chain/service.json"] == (secrets.OURS, secrets.OURS)
    assert set(secrets.readers()) - set(given) == {"kafka/internal-ca.key"}, "which no container reads"


def test_the_command_says_what_it_made_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "secrets")
    assert secrets.main(["--folder", folder, "--host", "veilig.example"]) == 0
    said = capsys.readouterr().out
    assert len(re.findall(" made$", said, re.MULTILINE)) == len(secrets.FOLDERS)
    assert secrets.main(["--folder", folder]) == 0
    assert "made" not in capsys.readouterr().out
    (tmp_path / "file").write_text("")
    assert secrets.main(["--folder", str(tmp_path / "file")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_without_secrets_there_is_nothing_to_hand_over_and_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert secrets.main(["--hand-over", "--folder", str(tmp_path)]) == 2
    assert "make secrets" in capsys.readouterr().err
