"""The top of the command line: what there is, known without loading any of it.

Loading everything costs seconds on a small machine; `canteen --help` and a mistyped word need only names and lines.
"""

import importlib
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

# In the order of the help; a test compares each line with its command's own.
SUBJECTS: dict[str, tuple[str, str]] = {
    "run": ("running", "Run the bot until it is told to stop (SIGTERM or Ctrl-C)."),
    "demo": ("demo", "Show a sample company in a local Slack. Ctrl-C stops everything."),
    "migrate": ("running", "Bring the database to the newest schema."),
    "move": ("move", "Copy everything from the SQLite file to PostgreSQL, and verify it. Twice changes nothing."),
    "doctor": ("doctor", "Look for what stands in the way. The exit code is 1 if anything is serious."),
    "import": ("data", "Import customers, products, teams, people, stories or quizzes. Twice changes nothing."),
    "channels": ("channels", "The channels that get stories, news and quizzes."),
    "post-now": ("channels", "Post one story, news item or quiz at once."),
    "recall": ("channels", "Take a post's story, or an update that was posted, back from everywhere it went to."),
    "stop": ("channels", "Stop all posting at once; recalls still go through."),
    "start": ("channels", "Start posting again after `stop`."),
    "pulse": ("pulse", "The three questions: averages, and which channel starts when."),
    "hat": ("hat", "Draws in which people of a channel get a customer of their own."),
    "workspace": ("workspaces", "The workspaces that Canteen is installed in."),
    "deliveries": (
        "deliveries",
        "Messages owed to Slack: the newest; by default those that are uncertain or have failed.",
    ),
    "audit": ("audit", "The audit trail: who did what to what, when and in which role. The newest first."),
    "keys": ("keys", "What tokens and texts are enciphered with in the database."),
    "manifest": ("running", "Print the Slack app manifest, to paste at api.slack.com/apps."),
    "erase": ("erase", "Erase a person or a customer from the database, and from Slack as far as Canteen can."),
    "export": ("export", "What is kept about a person or a customer, and totals, as files."),
    "privacy": ("privacy", "Print what is kept about people: each field, what for, who sees it, for how long."),
}


class LazyGroup(TyperGroup):
    """Loads the file of a command when the command is used."""

    _only_lines = False

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(SUBJECTS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in SUBJECTS:
            return None
        return _line(cmd_name) if self._only_lines else load(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._only_lines = True
        super().format_help(ctx, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in SUBJECTS:
            self.commands = {name: _line(name) for name in SUBJECTS}  # the refusal names what is close
        return super().resolve_command(ctx, args)


def load(name: str) -> Any:
    """The real command."""
    holder = typer.Typer(rich_markup_mode="rich")
    importlib.import_module(f"bot.commands.{SUBJECTS[name][0]}").register(holder)
    return get_group(holder).commands[name]


def _line(name: str) -> Any:
    holder = typer.Typer(rich_markup_mode="rich")
    holder.command(name, help=SUBJECTS[name][1])(_nothing)
    holder.callback()(_nothing)
    return get_group(holder).commands[name]


def _nothing() -> None:
    """Stands for a command in the list only."""
