"""The command `veilig`: one file per subcommand, registered here."""

from __future__ import annotations

import typer

from deploy.cli import (
    acls,
    audit,
    backup,
    case,
    dead_letters,
    doctor,
    dossier,
    forward,
    init,
    keys,
    partner,
    republish,
    retention,
    run,
    shred,
    story,
    tail,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def veilig() -> None:
    """Veilig Bestuur: from the first signal of a threat to aftercare, on this machine."""


app.command()(run.run)
app.command()(init.init)
app.command()(story.story)
app.command()(tail.tail)
app.command()(doctor.doctor)
app.command()(retention.retention)
app.command()(republish.republish)
app.command()(backup.backup)
app.command()(backup.restore)
# A partner's reference may begin with a dash.
REFERENCES = {"ignore_unknown_options": True}
app.command()(dossier.dossier)
app.command(context_settings=REFERENCES)(case.case)
app.command(context_settings=REFERENCES)(shred.shred)
app.command(context_settings=REFERENCES)(shred.hold)
app.add_typer(acls.app, name="acls")
app.add_typer(audit.app, name="audit")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(forward.app, name="forward")
app.add_typer(keys.app, name="keys")
app.add_typer(partner.app, name="partner")


if __name__ == "__main__":
    app()
