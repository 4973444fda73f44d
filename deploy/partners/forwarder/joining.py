"""Lets a partner get its events over HTTP, and lets it go again: the list, the forwarder's rules, and the folder."""

from __future__ import annotations

from pathlib import Path

from deploy.partners import folder, rules
from deploy.partners.broker import AccessDesk
from deploy.partners.forwarder import listing
from deploy.partners.forwarder.listing import Subscriber


def agree(desk: AccessDesk | None, listed: Path) -> None:
    """Makes the forwarder's rules on the broker what the list says. `desk`: None where the broker knows nobody.

    Raises `BrokerRefuses`.
    """
    if desk is None:
        return
    wanted = set(rules.of_forwarder(one.partner for one in listing.read(listed)))
    there = set(desk.rules(rules.FORWARDER))
    desk.allow(wanted - there)
    desk.drop(there - wanted)


def join(desk: AccessDesk | None, listed: Path, one: Subscriber, kit: Path, *, keys: str, origin: str) -> None:
    """Puts a partner on the list and writes its folder. It is asked for its consent before anything is posted.

    `keys`: our public keys (JWKS); `origin`: who we say we are. Raises `BrokerRefuses`, `OSError`, `ValueError`.
    """
    others = [each.partner for each in listing.read(listed)]
    if desk is not None:  # before the list: it may read as soon as it looks
        desk.allow(rules.of_forwarder([*others, one.partner]))
    folder.write_http_kit(kit, folder.Partner(one.partner, rules.FORWARDER), url=one.url, keys=keys, origin=origin)
    listing.write(listed, one)
    agree(desk, listed)


def leave(desk: AccessDesk | None, listed: Path, partner: str, kit: Path) -> bool:
    """Takes a partner off the list, and its folder away; tells whether it was there. Raises `BrokerRefuses`."""
    was = listing.remove(listed, partner)
    agree(desk, listed)
    folder.remove_kit(kit)
    return was
