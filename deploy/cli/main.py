"""The command `veilig`: one file per subcommand, registered here."""

from __future__ import annotations

import typer

from deploy.cli import run, story

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def veilig() -> None:
    """Veilig Bestuur: from the first signal of a threat to aftercare, on this machine."""


app.command()(run.run)
app.command()(story.story)


if __name__ == "__main__":
    app()
