"""`veilig acls`: the broker's access rules of our own services and the operator, as the tables say."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from deploy.cli.connection import Exit, give_up, unfit
from deploy.partners import rules
from deploy.partners.broker import AccessDesk, BrokerRefuses, agree
from deploy.partners.rules import Rule
from shared.runtime.kafka_access import KafkaAccess

app = typer.Typer(no_args_is_help=True, help="The broker's access rules of our services.")
TownOption = Annotated[
    list[str], typer.Option("--municipality", help="CBS code of a municipality with topics; once for each.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


@app.callback()
def acls() -> None:
    """The broker's access rules of our services."""


@app.command()
def show(municipality: TownOption = [], as_json: JsonOption = False) -> None:  # noqa: B006  # typer's own way
    """What the tables say. Nothing is connected to."""
    found = rules.of_services(municipality)
    typer.echo(json.dumps([asdict(one) for one in found]) if as_json else "\n".join(map(_line, found)))


@app.command()
def apply(municipality: TownOption = []) -> None:  # noqa: B006
    """Makes the broker's rules what the tables say: adds what is missing, takes away what is too much.

    Partners' rules are left alone: see `veilig partner`. Exit status: 0 done, 2 wrong input, 3 the broker refuses or
    is away.
    """
    try:
        added, dropped, wanted = agree(AccessDesk(KafkaAccess()), municipality)
    except ValueError as error:
        unfit(error)
    except BrokerRefuses as error:
        give_up(str(error), Exit.AWAY)
    typer.echo(f"{added} added, {dropped} taken away, {wanted} in all.")


def _line(rule: Rule) -> str:
    return f"{rule.principal:18} {rule.operation:9} {rule.resource} {rule.name}{'*' if rule.prefixed else ''}"
