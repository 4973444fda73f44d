"""Reads your topics and handles each event once. Fill in `handle`; the rest may stay as it is."""

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLScram512

HERE = Path(__file__).resolve().parent.parent
SETTINGS = dict(
    line.split("=", 1)
    for line in (HERE / "connection.properties").read_text().splitlines()
    if "=" in line and not line.startswith("#")
)

seen: set[tuple[str, str]] = set()
"""Make this a table, written in the same transaction as what you do with the event."""


def handle(event: dict[str, Any]) -> None:
    """Yours to fill in. Take the fields you need; ignore those you do not know."""
    print(event["type"], json.dumps(event["data"], ensure_ascii=False), flush=True)


def once(event: dict[str, Any]) -> bool:
    """Handles an event that was not seen before; tells whether it was new."""
    known = (event["source"], event["id"])
    if known in seen:
        return False
    handle(event)
    seen.add(known)
    return True


def security() -> BaseSecurity:
    """How the broker knows you: by your certificate, or by your password."""
    context = ssl.create_default_context(cafile=HERE / "broker-ca.crt")
    if "sasl.mechanism" in SETTINGS:
        password = (HERE / "password.txt").read_text().strip()
        return SASLScram512(SETTINGS["account"], password, ssl_context=context, use_ssl=True)
    context.load_cert_chain(HERE / "client.crt", HERE / "client.key")
    return BaseSecurity(ssl_context=context, use_ssl=True)


def app() -> FastStream:
    """Your reader: it begins with the oldest event, and its place moves on only after an event was handled."""
    broker = KafkaBroker(
        SETTINGS["bootstrap.servers"].split(","), security=security(), allow_auto_create_topics=False, logger=None
    )

    @broker.subscriber(
        *SETTINGS["topics"].split(","), group_id=SETTINGS["group.id"] + ".python", auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )  # fmt: skip
    async def read(body: dict[str, Any]) -> None:
        once(body)

    return FastStream(broker, logger=None)


if __name__ == "__main__":
    asyncio.run(app().run())
