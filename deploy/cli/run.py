"""`veilig run`: everything on this machine, until Ctrl-C."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deploy.kafka import apache
from deploy.local import launcher, surroundings


class Kafka(StrEnum):
    """Which broker: `embedded` keeps nothing over a restart, `apache` needs Java 17 and Maven."""

    embedded = "embedded"
    apache = "apache"


DEFAULTS = launcher.Options()


def run(
    data: Annotated[
        Path, typer.Option(help="Folder of everything that is kept.", show_default=".data")
    ] = DEFAULTS.data,
    port: Annotated[int, typer.Option(help="Port of the services.")] = DEFAULTS.port,
    kafka_port: Annotated[int, typer.Option(help="Port of the broker.")] = DEFAULTS.kafka_port,
    mongo_port: Annotated[int, typer.Option(help="Port of the database.")] = DEFAULTS.mongo_port,
    kafka: Annotated[
        Kafka, typer.Option(help="`embedded`, or `apache`: needs Java 17 and Maven, keeps its data.")
    ] = Kafka.embedded,
) -> None:
    """Starts database, broker and services on this machine, and stops them at Ctrl-C."""
    options = launcher.Options(data, port, kafka_port, mongo_port, kafka.value)
    try:
        if kafka is Kafka.apache and (trouble := apache.why_not()):
            raise apache.ApacheKafkaError(trouble)
        code = launcher.Launcher(options).run()
    except (surroundings.SurroundingsError, apache.ApacheKafkaError) as error:
        sys.stderr.write(f"{error}\n")
        code = 2
    raise typer.Exit(code)
