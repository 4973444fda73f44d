"""The command `veilig`: one file per subcommand, registered here."""

from __future__ import annotations

import typer

from deploy.cli import case, dead_letters, retention, run, story, tail

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def veilig() -> None:
    """Veilig Bestuur: from the first signal of a threat to aftercare, on this machine."""


app.command()(run.run)
app.command()(story.story)
app.command()(tail.tail)
app.command()(retention.retention)
# A partner's reference may begin with a dash.
app.command(context_settings={"ignore_unknown_options": True})(case.case)
app.add_typer(dead_letters.app, name="dead-letters")


if __name__ == "__main__":
    app()
