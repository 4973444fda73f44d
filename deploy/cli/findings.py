"""What is wrong, told from what was seen: one sentence each, and what to do. Asks nothing itself.

Each check has one function: facts in, findings out. A check that could not look says so; that is not "fine".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from shared.runtime.metrics import Standing

LATE = 60.0
"""Seconds that an outbox may wait, or a deadline may be late. The alarms go by the same number."""
UNDELIVERED = 300.0
"""Seconds that an event may be on its way to a partner over HTTP. The alarm goes by the same number."""
APART = 3.0
"""Seconds that two clocks may differ: half an answer on the way, and a header in whole seconds."""
SOON = timedelta(days=30)
"""What ends within this time is told: enough to get another one."""
NAMED = 3
"""So many are named; of more the number is told."""
NO_AUTHORIZER = 54
"""Kafka's code for a broker without access rules."""


class Sign(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    PROBLEM = "problem"
    AWAY = "away"
    """A part does not answer."""
    UNSEEN = "not looked at"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor. `cure`: what to do; empty when there is nothing to do."""

    check: str
    sign: Sign
    says: str
    cure: str = ""


def some(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    known = sorted(names)
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return ", ".join(known[:NAMED]) + more


def unseen(check: str, why: str) -> Finding:
    """A check that could not look."""
    return Finding(check, Sign.UNSEEN, why)


def present(check: str, there: set[str], wanted: set[str]) -> Finding:
    """Topics that must exist. `check`: topics or replays."""
    if missing := wanted - there:
        cure = "make them (docs/operations.md, Topics), or start a service with VEILIG_KAFKA_CREATE_TOPICS=true"
        return Finding(check, Sign.PROBLEM, f"missing: {some(missing)}", cure)
    return Finding(check, Sign.OK, f"all {len(wanted)} are there")


@dataclass(frozen=True)
class Rule:
    """One access rule of the broker: who may (not) do what with which topic."""

    topic: str
    principal: str
    allows: bool


def access(code: int, rules: Iterable[Rule], restricted: set[str], *, local: bool) -> Finding:
    """Who may read what, as far as the broker tells. `restricted`: topics that are never for everybody."""
    cure = "give each topic to named accounts only, and let the broker deny what no rule allows"
    if code == NO_AUTHORIZER:
        if local:
            return Finding("access", Sign.OK, "the broker has no access rules: for trying out only")
        return Finding("access", Sign.PROBLEM, "the broker has no access rules: who reaches it reads everything", cure)
    if code:
        return unseen("access", f"the broker does not tell this account (code {code})")
    known = list(rules)
    if not known:
        return unseen("access", "the broker tells of no rules")
    everybody = {rule.topic for rule in known if rule.allows and rule.principal == "User:*"}
    if open_to_all := {topic for topic in restricted if topic in everybody or "*" in everybody}:
        return Finding("access", Sign.PROBLEM, f"everybody may use {some(open_to_all)}", cure)
    return Finding("access", Sign.OK, f"{len(known)} rules, no topic for everybody")


def clocks(ahead: Mapping[str, float]) -> Finding:
    """Clocks of other parts against this one. `ahead`: seconds that each is in front, below 0 behind."""
    if not ahead:
        return unseen("clocks", "no part told the time")
    apart = {name: seconds for name, seconds in ahead.items() if abs(seconds) > APART}
    if apart:
        told = ", ".join(f"{name} {seconds:+.0f} s" for name, seconds in sorted(apart.items()))
        return Finding("clocks", Sign.PROBLEM, f"not in step: {told}", "let all machines follow the same time server")
    return Finding("clocks", Sign.OK, f"in step: {', '.join(sorted(ahead))}")


@dataclass(frozen=True)
class Position:
    """How far a group is on a topic. `committed`: None, it never began; `end`: where the topic ends."""

    committed: int | None
    end: int

    @property
    def behind(self) -> int:
        """Records that it has not handled yet."""
        return max(0, self.end - (self.committed or 0))


Positions = Mapping[tuple[str, str, int], Position]
"""By group, topic and partition."""


def lag(before: Positions, after: Positions) -> Finding:
    """Two looks, a little apart: a group that is behind and did not move on is stuck."""
    stuck: dict[str, int] = {}
    for (group, topic, partition), now in after.items():
        then = before.get((group, topic, partition))
        if now.behind and then is not None and then.behind and now.committed == then.committed:
            stuck[group] = stuck.get(group, 0) + now.behind
    if stuck:
        told = some(f"{group} {count}" for group, count in stuck.items())
        cure = "is the service there and ready? Look for `holding` in its log"
        return Finding("lag", Sign.PROBLEM, f"records wait and nobody takes them: {told}", cure)
    waiting = sum(one.behind for one in after.values())
    return Finding("lag", Sign.OK, f"{waiting} records are being handled" if waiting else "everything was taken")


class Forwarding(Protocol):
    """How it stands with one partner over HTTP. `oldest`: seconds; `state`: `on`, or why nothing is sent."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def parked(self) -> int: ...
    @property
    def oldest(self) -> float: ...


def outboxes(standings: Mapping[str, Standing], parked: Mapping[str, int]) -> list[Finding]:
    """What waits to be sent too long, and what can never be sent."""
    found = []
    late = [f"{name} {one.oldest:.0f} s" for name, one in standings.items() if one.oldest > LATE]
    if late:
        cure = "look for `sending_waits` in the log; is the broker there? Then `sweep` sends it by itself"
        found.append(Finding("outbox", Sign.PROBLEM, f"the oldest waits too long: {some(late)}", cure))
    else:
        waiting = sum(one.waiting for one in standings.values())
        found.append(Finding("outbox", Sign.OK, f"{waiting} wait, none long" if waiting else "nothing waits"))
    if aside := {name: count for name, count in parked.items() if count}:
        told = some(f"{name} {count}" for name, count in aside.items())
        cure = "look for `record_parked`: give the account the right, or mend the size; then `veilig republish`"
        found.append(Finding("parked", Sign.PROBLEM, f"the broker refused records: {told}", cure))
    else:
        found.append(Finding("parked", Sign.OK, "the broker refused nothing"))
    return found


def deadlines(standings: Mapping[str, Standing]) -> Finding:
    """Deadlines that passed and were not told to their case."""
    late = [f"{name} {one.overdue:.0f} s" for name, one in standings.items() if one.overdue > LATE]
    if late:
        cure = "is the service there? Look for `clock_waits` and `deadline_failed` in its log"
        return Finding("deadlines", Sign.PROBLEM, f"passed and not told: {some(late)}", cure)
    return Finding("deadlines", Sign.OK, "none is late")


def letters(subscriptions: Iterable[str]) -> Finding:
    """Open dead letters, by subscription."""
    known = list(subscriptions)
    if known:
        told = f"{len(known)} open, of {some(set(known))}"
        return Finding("dead letters", Sign.PROBLEM, told, "`veilig dead-letters list`, mend the cause, then `replay`")
    return Finding("dead letters", Sign.OK, "none is open")


def forwarding(partners: Iterable[Forwarding] | None) -> Finding:
    """Events over HTTP. `partners`: None, this account may not look."""
    if partners is None:
        return unseen("forwarding", "the database does not let this account look")
    known = list(partners)
    told = [f"{one.name} {one.parked} parked" for one in known if one.parked]
    told += [f"{one.name} {one.state}" for one in known if one.state != "on"]
    told += [f"{one.name} {one.oldest:.0f} s" for one in known if one.state == "on" and one.oldest > UNDELIVERED]
    if told:
        cure = "`veilig forward list` and `log` say what the address answers; mend it with the partner, then `again`"
        return Finding("forwarding", Sign.PROBLEM, f"events do not reach partners over HTTP: {some(told)}", cure)
    if not known:
        return Finding("forwarding", Sign.OK, "no partner gets its events over HTTP")
    return Finding("forwarding", Sign.OK, f"{len(known)} partners over HTTP have their events")


def services(answers: Mapping[str, Mapping[str, bool] | str]) -> list[Finding]:
    """Of each service its readiness, or why it did not answer."""
    found = []
    for name, checks in answers.items():
        if isinstance(checks, str):
            cure = "start it; without database or broker it ends and says why in its log"
            found.append(Finding(name, Sign.AWAY, f"does not answer ({checks})", cure))
        elif bad := [check for check, good in checks.items() if not good]:
            cure = "mend what it names; a loop that ended needs a restart"
            found.append(Finding(name, Sign.PROBLEM, f"is not ready: {some(bad)}", cure))
        else:
            found.append(Finding(name, Sign.OK, "is ready"))
    return found


def ending(check: str, ends: datetime | None, now: datetime, cure: str) -> Finding:
    """Something with an end: `security.txt`, a certificate. `ends`: None, it is not there or has no end."""
    if ends is None:
        return Finding(check, Sign.PROBLEM, "is not there, or does not say until when it counts", cure)
    if ends <= now:
        return Finding(check, Sign.PROBLEM, f"ended on {ends:%Y-%m-%d}", cure)
    if ends - now < SOON:
        return Finding(check, Sign.PROBLEM, f"ends on {ends:%Y-%m-%d}", cure)
    return Finding(check, Sign.OK, f"counts until {ends:%Y-%m-%d}")


@dataclass(frozen=True)
class Wrapped:
    """The data keys of one controller. `unknown`: of versions that are not here; `old`: not with the newest one."""

    controller: str
    unknown: int = 0
    old: int = 0


def keys(trouble: str, wrapped: Iterable[Wrapped]) -> Finding:
    """The keys of the settings and what is wrapped with them. `trouble`: why they cannot be used, if so."""
    if trouble:
        cure = "draw the key anew at random, or put back the file (docs/settings.md, Keys)"
        return Finding("keys", Sign.PROBLEM, trouble, cure)
    known = list(wrapped)
    if lost := [f"{one.controller} {one.unknown}" for one in known if one.unknown]:
        cure = "put back the wrapping key of that version: without it these cases cannot be read"
        return Finding("keys", Sign.PROBLEM, f"no wrapping key here for: {some(lost)}", cure)
    if old := [one.controller for one in known if one.old]:
        cure = f"`veilig keys rotate {sorted(old)[0]}`"
        return Finding("keys", Sign.PROBLEM, f"a rotation was not finished: {some(old)}", cure)
    return Finding("keys", Sign.OK, f"of {len(known)} controllers, all in use")


def part(check: str, away: str, says: str, cure: str) -> Finding:
    """Broker or database: whether it answers. `away`: why not, if so."""
    if away:
        return Finding(check, Sign.AWAY, f"does not answer ({away})", cure)
    return Finding(check, Sign.OK, says)
