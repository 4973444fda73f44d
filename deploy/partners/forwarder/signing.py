"""Signs what is posted, so that a partner knows that it comes from us, is whole, and was meant for its address.

HTTP Message Signatures (RFC 9421) over the method, the whole address, the content type and the digest of the content
(RFC 9530), with ECDSA on P-256: decision 0025.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta

import httpx2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from http_message_signatures.algorithms import ECDSA_P256_SHA256
from http_message_signatures.httpx2 import adapt_message
from joserfc.jwk import ECKey

TAG = "veilig-bestuur-event"
"""Says in the signature what it is for: a signature for something else does not count here."""
LABEL = "event"
COVERED = ("@method", "@target-uri", "content-type", "content-digest")
COUNTS_FOR = timedelta(minutes=5)
"""A signature that is older counts no longer: each try gets a new one."""


def new_key() -> str:
    """A key to sign with, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public_keys(pem: str) -> str:
    """The public half of a key, as a JSON Web Key Set: what a partner gets. Raises `ValueError`."""
    key = ECKey.import_key(pem)
    if not isinstance(key.raw_value.curve, ec.SECP256R1):
        raise ValueError("a key on another curve than P-256")
    told = key.as_dict(private=False) | {"use": "sig", "alg": "ES256", "kid": key.thumbprint()}
    return json.dumps({"keys": [told]}, indent=2) + "\n"


class Signer:
    """Signs with one key. `key_id`: its thumbprint (RFC 7638), by which a partner finds the public half."""

    def __init__(self, pem: bytes) -> None:
        """From a private key on P-256, as PEM. Raises `ValueError`."""
        key = serialization.load_pem_private_key(pem, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("a key of another kind than EC P-256")
        self.key_id: str = ECKey.import_key(pem).thumbprint()
        self._names = hashlib.sha256(pem).digest()
        self._signer = HTTPMessageSigner(
            signature_algorithm=ECDSA_P256_SHA256,
            key_resolver=MappingKeyResolver(public_keys={}, private_keys={self.key_id: key}),
        )

    def sign(self, request: httpx2.Request, body: bytes, now: datetime) -> None:
        """Adds `Content-Digest`, `Signature-Input` and `Signature` to a request with this body."""
        self._signer.sign(
            adapt_message(request), key_id=self.key_id, created=now, expires=now + COUNTS_FOR, label=LABEL, tag=TAG,
            covered_component_ids=COVERED, body=body,
        )  # fmt: skip

    def name_of(self, partner: str) -> str:
        """A name for numbers and log lines, which do not tell which municipality: `municipality-3f9a02`."""
        mark = hmac.digest(self._names, partner.encode(), "sha256").hex()[:6]
        return f"{partner.partition(':')[0]}-{mark}"
