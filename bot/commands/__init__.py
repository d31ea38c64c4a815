"""The command line, a file per subject."""

import importlib

import typer


def register_all(app: typer.Typer) -> None:
    """Every real command at once, for whatever looks at them all; the program itself loads one at a time (`lazy`)."""
    from bot.commands.lazy import SUBJECTS

    for module in dict.fromkeys(module for module, _ in SUBJECTS.values()):
        importlib.import_module(f"bot.commands.{module}").register(app)
