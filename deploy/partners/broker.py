"""Writes access rules and accounts on the broker, with the client that can: librdkafka's (decision 0020)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from deploy.local.embedded import wait_for
from deploy.partners.files import OWN
from deploy.partners.rules import Operation, Resource, Rule, of_services
from shared.runtime.kafka_access import KafkaAccess

SECONDS = 15.0
ITERATIONS = 8192
TYPES = {Resource.TOPIC: ResourceType.TOPIC, Resource.GROUP: ResourceType.GROUP}
OPERATIONS = {
    Operation.DESCRIBE: AclOperation.DESCRIBE, Operation.READ: AclOperation.READ, Operation.WRITE: AclOperation.WRITE,
}  # fmt: skip


class BrokerRefuses(Exception):
    """The broker is away or does not let us; the text is one sentence for the operator."""


class AccessDesk:
    """The broker's access rules, as the administrator."""

    def __init__(self, access: KafkaAccess) -> None:
        """Nothing is sent yet. Raises `ValueError` for settings that do not fit."""
        access.tls()  # says in our words what is wrong with the files
        try:
            self._client = AdminClient(access.administrator() | {"log_level": "0"})
        except KafkaException as error:
            raise ValueError(
                f"the client of the broker does not take VEILIG_KAFKA_... ({error.args[0].name()})"
            ) from None

    def allow(self, rules: Iterable[Rule]) -> None:
        """Adds rules, and returns when they hold; one that is there already stays. Raises `BrokerRefuses`."""
        wanted = set(rules)
        if wanted:
            self._done(self._client.create_acls([_binding(one) for one in wanted], request_timeout=SECONDS).values())
            self._until(lambda: wanted <= set(self.rules()))

    def rules(self, principal: str | None = None) -> list[Rule]:
        """The rules that the broker has, of one account or of all. Raises `BrokerRefuses`."""
        try:
            found = self._client.describe_acls(_filter(principal), request_timeout=SECONDS).result(SECONDS)
        except KafkaException as error:
            raise _refusal(error) from None
        return sorted(rule for rule in map(_rule, found) if rule is not None)

    def drop(self, rules: Iterable[Rule]) -> None:
        """Takes away these rules, and returns when they hold no longer. Raises `BrokerRefuses`."""
        gone = set(rules)
        if gone:
            self._done(self._client.delete_acls([_exactly(rule) for rule in gone], request_timeout=SECONDS).values())
            self._until(lambda: gone.isdisjoint(self.rules()))

    def set_password(self, account: str, password: str) -> None:
        """Gives an account a password (SCRAM-SHA-512), or another one. Raises `BrokerRefuses`."""
        kind = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
        change = UserScramCredentialUpsertion(account, kind, password.encode())
        self._done(self._client.alter_user_scram_credentials([change], request_timeout=SECONDS).values())

    def drop_password(self, account: str) -> None:
        """Takes the password of an account away. Raises `BrokerRefuses`."""
        change = UserScramCredentialDeletion(account, ScramMechanism.SCRAM_SHA_512)
        self._done(self._client.alter_user_scram_credentials([change], request_timeout=SECONDS).values())

    def _until(self, true: Callable[[], bool]) -> None:
        # A broker answers when a change is decided, and goes by it a moment later.
        if not wait_for(true, seconds=SECONDS):
            raise BrokerRefuses("The broker took the change, but does not go by it yet. Look again in a minute.")

    def _done(self, futures: Iterable[object]) -> None:
        for future in futures:
            try:
                future.result(SECONDS)  # type: ignore[attr-defined]
            except KafkaException as error:
                raise _refusal(error) from None


def agree(desk: AccessDesk, municipalities: Sequence[str]) -> tuple[int, int, int]:
    """Makes the rules of our own accounts what the tables say: how many were added, taken away, and are there.

    Partners' rules and the forwarder's are left alone. Raises `BrokerRefuses`.
    """
    wanted = set(of_services(municipalities))
    there = {rule for rule in desk.rules() if rule.principal in OWN}
    desk.allow(wanted - there)
    desk.drop(there - wanted)
    return len(wanted - there), len(there - wanted), len(wanted)


def _refusal(error: KafkaException) -> BrokerRefuses:
    return BrokerRefuses(f"The broker refuses or is away: {error.args[0].name()}.")


def _binding(rule: Rule) -> AclBinding:
    pattern = ResourcePatternType.PREFIXED if rule.prefixed else ResourcePatternType.LITERAL
    return AclBinding(
        TYPES[rule.resource], rule.name, pattern, f"User:{rule.principal}", "*", OPERATIONS[rule.operation],
        AclPermissionType.ALLOW,
    )  # fmt: skip


def _exactly(rule: Rule) -> AclBindingFilter:
    pattern = ResourcePatternType.PREFIXED if rule.prefixed else ResourcePatternType.LITERAL
    return AclBindingFilter(
        TYPES[rule.resource], rule.name, pattern, f"User:{rule.principal}", "*", OPERATIONS[rule.operation],
        AclPermissionType.ALLOW,
    )  # fmt: skip


def _filter(principal: str | None) -> AclBindingFilter:
    return AclBindingFilter(
        ResourceType.ANY, None, ResourcePatternType.ANY, None if principal is None else f"User:{principal}", None,
        AclOperation.ANY, AclPermissionType.ANY,
    )  # fmt: skip


def _rule(binding: AclBinding) -> Rule | None:
    """As ours; None for one that is not of a kind that we make."""
    resources = {value: name for name, value in TYPES.items()}
    operations = {value: name for name, value in OPERATIONS.items()}
    if binding.restype not in resources or binding.operation not in operations:
        return None
    prefixed = binding.resource_pattern_type == ResourcePatternType.PREFIXED
    name = binding.principal.removeprefix("User:")
    return Rule(name, resources[binding.restype], binding.name, operations[binding.operation], prefixed)
