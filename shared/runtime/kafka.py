"""Kafka as we use it: one FastStream broker per service, one subscription per module and topic, one producer.

FastStream's defaults lose messages (acknowledge first, start at the end); the settings here do not. Publishing goes
through aiokafka's own producer, because FastStream adds a correlation header that partners must not get.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)
from fast_depends import Provider
from fast_depends.pydantic import PydanticSerializer
from faststream import AckPolicy, BaseMiddleware
from faststream.exceptions import IgnoredException
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaRouter
from faststream.security import BaseSecurity, SASLScram512

from shared.contracts.envelope import Event, Record
from shared.contracts.topics import Topic, replay_topic
from shared.runtime import logs
from shared.runtime.environment import Settings
from shared.runtime.failures import TRANSIENT, Health, Send, dead_letter, with_patience
from shared.runtime.kafka_access import KafkaAccess
from shared.runtime.outbox import BrokerAway, NeverAccepted
from shared.runtime.tracing import OFF, SpanKind, Tracing, carried

log = logs.logger(__name__)

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[None]])
NEVER = (InvalidTopicError, MessageSizeTooLargeError, RecordTooLargeError, TopicAuthorizationFailedError)


def of_type(event: type[Event]) -> Callable[[KafkaMessage], Awaitable[bool]]:
    """A FastStream filter: the message is a CloudEvent of this type."""
    wanted = event.type_name()

    async def matches(message: KafkaMessage) -> bool:
        body = await message.decode()
        return isinstance(body, dict) and body.get("type") == wanted

    return matches


async def decode(message: KafkaMessage, original: Callable[[KafkaMessage], Awaitable[Any]]) -> Any:
    """FastStream does not know `application/cloudevents+json` as JSON. Raises `ValueError` on a broken body."""
    if (message.content_type or "").lower().startswith("application/cloudevents"):
        return json.loads(message.body)
    return await original(message)


class Subscription:
    """One group's reading of one topic, and of its replays. Handlers are tried in the order they were added."""

    def __init__(self, subscriber: Any, topic: Topic, group: str) -> None:
        self._subscriber = subscriber
        self.topic, self.group = topic, group
        self.events: list[type[Event]] = []
        """What it asked for; the published contracts list it."""

    def on(self, event: type[Event]) -> Callable[[Handler], Handler]:
        """A decorator: the function handles events of this type; it takes an `Envelope` of it."""

        def add(handler: Handler) -> Handler:
            self._subscriber(filter=of_type(event))(handler)
            self.events.append(event)
            return handler

        return add

    @property
    def consumer(self) -> Any:
        """Kafka's own consumer while it runs, else None."""
        return self._subscriber.consumer

    def ignore_the_rest(self, health: Health) -> None:
        """Types that nobody here asked for are a decision, not an accident: acknowledged and counted."""

        async def unknown_type(body: Any) -> None:
            if not isinstance(body, dict) or "type" not in body:
                raise ValueError("not a CloudEvent")
            health.unknown_types += 1
            health.meters.unknown_types.labels(self.group).inc()

        self._subscriber()(unknown_type)


def _security(access: KafkaAccess) -> BaseSecurity | None:
    if access.kafka_security == "plaintext":
        return None
    if access.kafka_security == "tls":
        return BaseSecurity(ssl_context=access.tls(), use_ssl=True)
    return SASLScram512(access.kafka_user, access.password(), ssl_context=access.tls(), use_ssl=True)


class Bus:
    """The connection of one service to Kafka: subscriptions in, one producer out."""

    def __init__(self, settings: Settings, health: Health, tracing: Tracing = OFF) -> None:
        self.settings = settings
        self.health = health
        self.tracing = tracing
        self._producer: AIOKafkaProducer | None = None
        self.subscriptions: list[Subscription] = []
        self.replays: list[Topic] = []
        """The replay topics of the subscriptions; like every topic they must exist before the start."""
        self.broker = KafkaBroker(
            settings.kafka_bootstrap_servers.split(","),
            security=_security(settings),
            graceful_timeout=settings.graceful_seconds,
            decoder=decode,
            allow_auto_create_topics=False,
            acks="all",
            logger=None,
            provider=Provider(),
            serializer=PydanticSerializer(pydantic_config={"hide_input_in_errors": True}, use_fastdepends_errors=False),
        )

    def subscription(self, topic: Topic, group: str) -> Subscription:
        """A subscription to `topic`; `group` is `service.module.subscription`. Add handlers before `start`.

        It also reads its own replay topic: same group, same handlers, same failure policy.
        """
        settings, replays = self.settings, replay_topic(group)
        policy = _failure_policy(self._send_raw, group, self.health, settings.hold_seconds, self.tracing)
        router = KafkaRouter(middlewares=[policy])
        subscriber = router.subscriber(
            topic.name,
            replays.name,
            group_id=group,
            # Here and not on the broker: a router's subscriber settles on automatic commits before it knows its broker.
            ack_policy=AckPolicy.NACK_ON_ERROR,
            group_instance_id=f"{group}.{settings.instance}" if settings.instance else None,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
            session_timeout_ms=settings.kafka_session_timeout_ms,
            heartbeat_interval_ms=settings.kafka_session_timeout_ms // 3,
            title=f"{topic.name}:{group}",
        )
        self.broker.include_router(router)
        subscription = Subscription(subscriber, topic, group)
        self.subscriptions.append(subscription)
        self.replays.append(replays)
        self.health.meters.subscription(group)
        return subscription

    async def start_sending(self) -> None:
        """Connects the producer. Raises when the broker is not there."""
        self._producer = AIOKafkaProducer(
            **self.settings.client(),
            acks="all",
            enable_idempotence=self.settings.kafka_idempotence,
        )
        await self._producer.start()

    async def start(self) -> None:
        """Connects and begins to consume. Raises when the broker is not there: then the process must end."""
        await self.start_sending()
        for subscription in self.subscriptions:
            subscription.ignore_the_rest(self.health)
        # Not `broker.start()`: it lets each subscriber join its group before the next one begins, seconds apiece.
        await self.broker.connect()
        await asyncio.gather(*(subscriber.start() for subscriber in self.broker.subscribers))
        self.broker.running = True

    async def stop_consuming(self) -> None:
        """Lets running handlers finish, commits, and leaves the groups."""
        await self.broker.stop()

    async def stop(self) -> None:
        """Closes the producer, after everything it was given was sent."""
        if self._producer is not None:
            await self._producer.stop()

    async def ping(self, seconds: float) -> bool:
        """Whether the broker answers within so many seconds."""
        return await self.broker.ping(timeout=seconds)

    async def publish(self, record: Record, /) -> None:
        """Sends one record, and returns when all in-sync replicas have it."""
        headers = [(name, value.encode()) for name, value in record.headers.items()]
        try:
            await self._send_raw(record.topic, record.key.encode(), record.body.encode(), headers)
        except NEVER as error:
            raise NeverAccepted(type(error).__name__) from error
        except KafkaError as error:
            raise BrokerAway(type(error).__name__) from error

    async def _send_raw(
        self, topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
    ) -> None:
        if self._producer is None:
            raise BrokerAway("not started")
        await self._producer.send_and_wait(topic, value, key=key, headers=headers)


def _failure_policy(
    send: Send, subscription: str, health: Health, longest_pause: float, tracing: Tracing
) -> type[BaseMiddleware]:
    class FailurePolicy(BaseMiddleware):
        async def consume_scope(self, call_next: Any, msg: Any) -> Any:
            async def one_try() -> Any:
                with tracing.span("handle", {"messaging.consumer.group.name": subscription}):
                    return await call_next(msg)

            record: Any = self.msg
            words = {
                "messaging.system": "kafka",
                "messaging.destination.name": record.topic,
                "messaging.consumer.group.name": subscription,
            }
            # As its child, not by a link: what follows by itself is one trace. Pauses between tries are inside.
            with (
                tracing.span(f"process {record.topic}", words, kind=SpanKind.CONSUMER, parent=carried(record.headers)),
                health.meters.handling.labels(subscription).time(),
            ):
                return await with_patience(
                    one_try, subscription=subscription, health=health, longest_pause=longest_pause
                )

        async def after_processed(self, exc_type: Any = None, exc_val: Any = None, exc_tb: Any = None) -> bool:
            # Swallowing here, not in consume_scope, commits the record without answering it.
            if not isinstance(exc_val, Exception) or isinstance(exc_val, IgnoredException):
                return False
            if isinstance(exc_val, TRANSIENT):
                return False  # held too long: give it back, it comes again
            error = type(exc_val).__name__
            await dead_letter(
                send, self.msg, subscription=subscription, error=error, health=health, pause=longest_pause
            )
            return True

    return FailurePolicy


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**settings.client())
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def topic_exists(settings: Settings, topic: Topic) -> bool:
    """Whether the broker has it. Raises `KafkaError`."""
    async with _admin(settings) as admin:
        return topic.name in await admin.list_topics()


async def ensure_topics(settings: Settings, topics: tuple[Topic, ...]) -> None:
    """Creates the topics that do not exist yet. Raises `KafkaError` when that fails."""
    async with _admin(settings) as admin:
        there = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in there]
        if not missing:
            return
        answer = await admin.create_topics([_new_topic(topic, settings.kafka_replication) for topic in missing])
        for name, code, *_ in answer.topic_errors:
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise for_code(code)(f"topic {name} cannot be created")


def _new_topic(topic: Topic, replication: int) -> NewTopic:
    configs = {
        "retention.ms": str(topic.retention_ms),
        "min.insync.replicas": str(min(topic.min_in_sync, replication)),
    }
    return NewTopic(topic.name, topic.partitions, replication, topic_configs=configs)
