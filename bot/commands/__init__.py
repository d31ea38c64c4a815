"""The command line, a file per subject."""

import typer


def register_all(app: typer.Typer) -> None:
    """Imported late, so that `canteen --help` does not load what only one command needs."""
    from bot.commands import channels, data, deliveries, demo, doctor, privacy, running, workspaces

    for subject in (running, demo, data, channels, workspaces, deliveries, doctor, privacy):
        subject.register(app)
