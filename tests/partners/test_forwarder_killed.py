"""The forwarder as a process that is killed in the middle, again and again: nothing is lost, repeats keep their id."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from deploy.local.temporary import Broker, Mongo, free_port
from deploy.partners.forwarder.domain import State
from tests.partners.receiving import Place, Says, address
from tests.partners.test_forwarding import until
from tests.stack import ROOT
from tests.wire.subscribing import eventually

pytestmark = pytest.mark.slow
SECONDS = 90.0
CASES, EACH = 6, 5


@pytest.fixture
async def place(broker: Broker, mongo: Mongo, tmp_path: Path) -> AsyncIterator[Place]:
    made = Place(broker, mongo, tmp_path)
    await made.prepare()
    yield made


class Process:
    """One forwarder as it is started in a place."""

    def __init__(self, place: Place) -> None:
        self.port = free_port()
        self._said = place.folder / "said"
        self._environment = os.environ | place.environment(port=self.port, log_level="INFO")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._said.open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.partners.forwarder"], cwd=ROOT, env=self._environment, stdout=said,
                stderr=said,
            )  # fmt: skip

    def ends(self, number: int) -> int:
        """Sends a signal and waits for the end; the status."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        return self.process.wait(30)

    async def asks(self, path: str) -> httpx2.Response | None:
        with suppress(httpx2.HTTPError):
            async with httpx2.AsyncClient(trust_env=False) as client:
                return await client.get(f"http://127.0.0.1:{self.port}{path}")
        return None

    def said(self) -> str:
        return self._said.read_text()


async def test_given_a_process_that_is_killed_in_the_middle_then_nothing_is_lost_and_each_case_keeps_its_order(
    place: Place,
) -> None:
    wanted = [(f"kanarie-{case}", f"e{case}-{number}") for number in range(EACH) for case in range(CASES)]
    # Every third event is answered only the second time, and one hangs: there is always something on its way.
    slow = {event for _, event in wanted[::3]}
    with address(lambda event, time: Says(500) if event in slow and time == 1 else Says()) as there:
        place.lists(there.url)
        await place.sends(*wanted[: len(wanted) // 2])
        running = Process(place)
        for kill_at in (3, 8, 14):
            running.start()
            await eventually("it posts", lambda at=kill_at: len(there.first()) >= at, SECONDS)
            running.ends(signal.SIGKILL)
        await place.sends(*wanted[len(wanted) // 2 :])
        running.start()
        try:
            await eventually("all came", lambda: len(there.first()) == len(wanted), 2 * SECONDS)
            for case in range(CASES):
                await until(place, f"e{case}-{EACH - 1}", State.DELIVERED)
            ready = await running.asks("/health/ready")
            assert ready is not None and ready.json() == {"checks": {"database": True, "broker": True, "loops": True}}
            numbers = await running.asks("/metrics")
            assert numbers is not None and "veilig_forward_oldest_seconds" in numbers.text
        finally:
            status = running.ends(signal.SIGTERM)
        assert status in (0, -signal.SIGTERM), running.said()[-500:]
    assert set(there.events) == {event for _, event in wanted}
    bodies: dict[str, set[bytes]] = {}
    for one in there.posts:
        bodies.setdefault(one.event, set()).add(one.body)
    assert all(len(each) == 1 for each in bodies.values()), "a repeat has the same bytes, and so the same id"
    for case in range(CASES):
        mine = [event for event in there.first() if event.startswith(f"e{case}-")]
        assert mine == [f"e{case}-{number}" for number in range(EACH)]
    for canary in ("kanarie", place.partner.split(":")[1], there.url, "e0-0"):
        assert canary not in running.said(), "no content, partner, address or event in the log"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"forward_key_file": "nowhere.pem"}, "VEILIG_FORWARD_KEY_FILE"),
        ({"forward_ca_file": "nowhere.pem"}, "VEILIG_FORWARD_CA_FILE"),
        ({"port": "kanarie"}, "port"),
        ({"environment": "production", "metrics_token_file": "nowhere"}, "VEILIG_METRICS_TOKEN_FILE"),
    ],
)
async def test_with_settings_that_do_not_fit_it_ends_with_one_sentence(
    embedded_broker: Broker, mongo: Mongo, tmp_path: Path, more: dict[str, str], says: str
) -> None:
    place = Place(embedded_broker, mongo, tmp_path)
    ran = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "deploy.partners.forwarder"], cwd=ROOT,
        env=os.environ | place.environment(**more), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 2 and says in ran.stderr and "kanarie" not in ran.stderr and "Traceback" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
