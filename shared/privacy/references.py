"""References per partner: two partners' topics share no identifier, so they cannot be joined on one.

A reference is AES-SIV of the internal one under the partner's own key: the owning service reads it back without a
look-up, nobody else can, and the same thing always has the same reference for the same partner. Event ids, subjects
and keys are HMACs under that key. Correlation by timing stays possible; times on partner topics are cut to the minute.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from shared.contracts.audiences import Copy, copies
from shared.contracts.envelope import Envelope, Event, Record, partner_dataschema, to_record


class References:
    """Makes and reads references. `partner` is e.g. `bzk`, `ivp`, `municipality:9901`."""

    def __init__(self, partner_key: bytes) -> None:
        self._root = partner_key

    def _key(self, partner: str, purpose: str) -> bytes:
        return hmac.new(self._root, f"{purpose}\x00{partner}".encode(), hashlib.sha512).digest()

    def seal(self, partner: str, value: str) -> str:
        """The partner's reference for an internal one."""
        sealed = AESSIV(self._key(partner, "reference")).encrypt(value.encode(), [partner.encode()])
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, partner: str, reference: str) -> str | None:
        """The internal reference, or None when this is not one of the partner's."""
        try:
            sealed = base64.urlsafe_b64decode(reference + "=" * (-len(reference) % 4))
            return AESSIV(self._key(partner, "reference")).decrypt(sealed, [partner.encode()]).decode()
        except (InvalidTag, ValueError):
            return None

    def mark(self, partner: str, purpose: str, value: str) -> str:
        """A one-way mark (32 hexadecimal digits) for ids, subjects and keys."""
        return hmac.new(self._key(partner, purpose), value.encode(), hashlib.sha256).hexdigest()[:32]


class PartnerCopies:
    """Fan-out at save: the partner records of an event. Made by the owning service, one per partner topic."""

    def __init__(self, references: References, municipalities: tuple[str, ...], detail_url: str) -> None:
        self._references = references
        self._joined = frozenset(municipalities)
        self._detail_url = detail_url

    def __call__(self, envelope: Envelope[dict[str, Any]], event: Event) -> tuple[Record, ...]:
        """The records, possibly none."""
        return tuple(self._record(envelope, event, copy) for copy in copies(event, self._joined))

    def _record(self, envelope: Envelope[dict[str, Any]], event: Event, copy: Copy) -> Record:
        case = self._references.mark(copy.partner, "subject", event.case)
        data = self._own(copy.partner, copy.data, copy.references)
        data["case"] = self._references.seal(copy.partner, event.case)
        data["detail"] = self._detail_url
        partner_envelope = envelope.model_copy(
            update={
                "id": self._references.mark(copy.partner, "id", envelope.id),
                "time": to_the_minute(envelope.time),
                "subject": case,
                "dataschema": partner_dataschema(envelope.dataschema, copy.kind),
                "data": data,
            }
        )
        return to_record(partner_envelope, topic=copy.topic.name, key=case)

    def _own(self, partner: str, data: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
        own: dict[str, Any] = {}
        for name, value in data.items():
            if name in names:
                own[name] = self._references.seal(partner, value)
            elif name == "lines":
                own[name] = [self._own(partner, line, names) for line in value]
            else:
                own[name] = value
        return own


def to_the_minute(moment: datetime) -> datetime:
    """The moment without seconds, so that streams are harder to join on time."""
    return moment.replace(second=0, microsecond=0)
