"""Reads one topic and prints each event once. Needs nothing of ours: `pip install aiokafka`."""

import asyncio
import json
import os
import ssl
from typing import Any

from aiokafka import AIOKafkaConsumer

TOPIC = "partner.ivp.callbacks"
TYPES = {"nl.veiligbestuur.care-cases.ivp-callback-due.v1"}
ADDRESS = os.environ.get("KAFKA_ADDRESS", "127.0.0.1:19092")
GROUP = os.environ.get("KAFKA_GROUP", "example")

account: dict[str, Any] = {}
if "KAFKA_USER" in os.environ or "KAFKA_CERT_FILE" in os.environ:  # the local stack has no accounts and no TLS
    context = ssl.create_default_context(cafile=os.environ.get("KAFKA_CA_FILE"))
    account = {"security_protocol": "SSL", "ssl_context": context}
    if "KAFKA_USER" in os.environ:
        account |= {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": os.environ["KAFKA_USER"],
            "sasl_plain_password": os.environ["KAFKA_PASSWORD"],
        }
    else:
        context.load_cert_chain(os.environ["KAFKA_CERT_FILE"], os.environ["KAFKA_KEY_FILE"])


def handle(event: dict[str, Any]) -> None:
    """Yours to fill in. Take the fields you need; ignore those you do not know."""
    print(event["type"], json.dumps(event["data"]), flush=True)


async def main() -> None:
    seen = set()  # yours: a table, written in the same transaction as what you do with the event
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=ADDRESS,
        group_id=GROUP,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **account,
    )
    async with consumer:
        async for record in consumer:
            try:
                event = json.loads(record.value or b"{}")  # a record without a value: skip it
            except ValueError:
                event = {}
                print("set aside, please tell us:", record.topic, record.partition, record.offset, flush=True)
            known = (event.get("source"), event.get("id"))
            if event.get("type") in TYPES and known not in seen:
                handle(event)
                seen.add(known)
            await consumer.commit()  # after handling, never before


if __name__ == "__main__":
    asyncio.run(main())
