"""One question to a partner's address over HTTP, and what came of it. It follows nothing and believes no answer's body.

The other side is checked: TLS with an authority that we know. No proxy of the environment is used.
"""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

import httpx2

from deploy.partners.forwarder.domain import Answer, Consent, consent, retry_after
from deploy.partners.forwarder.settings import ForwarderSettings
from deploy.partners.forwarder.signing import Signer
from shared.runtime.environment import UnfitSetting, utc_now

AGENT = "veilig-bestuur-forwarder"


def trust(settings: ForwarderSettings) -> ssl.SSLContext:
    """Which authorities count for partners' addresses. Raises `UnfitSetting`."""
    try:
        context = ssl.create_default_context(cafile=settings.forward_ca_file)
    except (OSError, ssl.SSLError):
        raise UnfitSetting("VEILIG_FORWARD_CA_FILE: this is no file with certificates (PEM)") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Poster:
    """Posts to partners."""

    def __init__(self, settings: ForwarderSettings, signer: Signer) -> None:
        """Raises `UnfitSetting` for authorities that cannot be used."""
        self.origin = urlsplit(settings.public_url).hostname or ""
        """Who we say we are when we ask an address for its consent."""
        self._seconds, self._signer = settings.forward_seconds, signer
        self._client = httpx2.AsyncClient(
            verify=trust(settings), follow_redirects=False, trust_env=False, timeout=settings.forward_seconds,
            headers={"User-Agent": AGENT},
        )  # fmt: skip

    async def close(self) -> None:
        """Closes all connections."""
        await self._client.aclose()

    async def ask(self, url: str) -> Consent:
        """Whether this address wants our events: the question of the CloudEvents webhook specification."""
        request = self._client.build_request("OPTIONS", url, headers={"WebHook-Request-Origin": self.origin})
        answer, headers = await self._send(request)
        return consent(self.origin, answer, headers.get("webhook-allowed-origin"), headers.get("webhook-allowed-rate"))

    async def post(self, url: str, body: bytes, content_type: str) -> Answer:
        """Posts one event, signed; the bytes are those of the topic's record."""
        request = self._client.build_request("POST", url, content=body, headers={"Content-Type": content_type})
        self._signer.sign(request, body, utc_now())
        answer, _ = await self._send(request)
        return answer

    async def _send(self, request: httpx2.Request) -> tuple[Answer, httpx2.Headers]:
        try:
            # The limit of the client is for each piece; this one is for the whole, or a partner could hold us for ever.
            async with asyncio.timeout(self._seconds):
                response = await self._client.send(request, stream=True)
                await response.aclose()  # what it says beside its status is not for us
        except TimeoutError:
            return Answer(None, "Timeout"), httpx2.Headers()
        except (httpx2.HTTPError, OSError) as error:
            return Answer(None, type(error).__name__), httpx2.Headers()
        pause = retry_after(response.headers.get("retry-after"), utc_now())
        return Answer(response.status_code, "Redirect" if response.is_redirect else "", pause), response.headers
