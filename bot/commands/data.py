"""`canteen import`: files in, with a report of what would change or did."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bot.commands.app import err, out, run_async, settings, show_json, show_table
from bot.commands.places import workspace_of
from bot.core.errors import UserMistakeError
from bot.features.customers import service as customers
from bot.features.customers.seams import Report
from bot.registry import importers
from bot.slack.words import Words
from bot.wiring import Parts, open_parts

WHAT = ("customers", "products", "teams", "people", "stories", "quizzes")
SHOWN = 40


def register(app: typer.Typer) -> None:
    app.command("import")(import_)


def import_(
    what: Annotated[str, typer.Argument(help="customers, products, teams, people, stories or quizzes")],
    path: Annotated[Path, typer.Argument(help="a CSV file (quizzes: or YAML); for stories a folder of Markdown files")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show what would change, write nothing")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="write nothing if any row is refused")] = False,
    may_name: Annotated[
        str | None, typer.Option("--may-name", help="yes or no, for customers of whom nobody has said it yet")
    ] = None,
    workspace: Annotated[str | None, typer.Option("--workspace", help="its id, where there are several")] = None,
    by: Annotated[str, typer.Option("--by", help="who imports, for the record")] = "command line",
    json: Annotated[bool, typer.Option("--json", help="the report as JSON")] = False,
) -> None:
    """Import customers, products, teams, people, stories or quizzes. Twice changes nothing.

    Example: `canteen import customers customers.csv --dry-run`
    """
    if what not in WHAT:
        raise typer.BadParameter(f"one of {', '.join(WHAT)}", param_hint="WHAT")
    if may_name not in {None, "yes", "no"}:
        raise typer.BadParameter("yes or no", param_hint="--may-name")
    if not path.exists():
        raise UserMistakeError(f"{path} does not exist", "check the path")

    words = operators_words()

    async def work() -> Report:
        async with open_parts(settings()) as parts:
            from bot.commands.app import at_head

            await at_head(parts)
            report = await bring_in(parts, what, path, workspace=workspace, by=by, dry_run=dry_run, strict=strict)
            if may_name is not None and report.written:
                await name_all(parts, await workspace_of(parts, workspace), may_name == "yes", by=by)
            if json:
                show_json(asdict(report))
                return report
            show(report, words)
            if report.unanswered and may_name is None and not dry_run:
                await ask_naming(parts, await workspace_of(parts, workspace), report, words, by=by)
            return report

    report = run_async(work())
    if report.refused and not report.written:
        raise SystemExit(1)


async def bring_in(
    parts: Parts,
    what: str,
    path: Path,
    *,
    workspace: str | None = None,
    by: str = "command line",
    dry_run: bool = False,
    strict: bool = False,
) -> Report:
    """One import, with a progress bar on standard error."""
    importer = next(one for one in importers() if one.what == what)
    with progress_bar(f"Reading {path.name}") as progress:
        return await importer.run(
            parts.sessions,
            path,
            workspace_id=await workspace_of(parts, workspace),
            by=by,
            dry_run=dry_run,
            strict=strict,
            now=parts.clock.now(),
            new_id=parts.edge.new_id,
            progress=progress,
        )


async def name_all(parts: Parts, workspace_id: str, yes: bool, *, by: str, only: Sequence[str] | None = None) -> None:
    """The same answer for `only` these, or for every customer of whom it is not known."""
    async with parts.sessions.begin() as session:
        await customers.answer_naming(
            session, workspace_id, only, yes, by=by, now=parts.clock.now(), new_id=parts.edge.new_id
        )


@contextmanager
def progress_bar(label: str):  # type: ignore[no-untyped-def]
    """Shown on a terminal only, and gone afterwards."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        move: Callable[[int, int], None] = lambda done, total: bar.update(task, completed=done, total=total or None)  # noqa: E731
        yield move


def operators_words(environment: Mapping[str, str] = os.environ) -> Words:
    """By the locale of the terminal, as gettext reads it: LC_ALL before LC_MESSAGES before LANG."""
    given = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "C")
    tag = given.partition(".")[0].partition("@")[0].replace("_", "-")
    return Words(locale="en" if tag in {"C", "POSIX"} else tag)


def show(report: Report, words: Words) -> None:
    out.print(f"{report.what}: {_outcome(report, words)}", markup=False)
    for warning in report.warnings[:SHOWN]:
        out.print(f"  {words.say('note: {text}', text=words.tell(warning))}", markup=False)
    if report.refused:
        rows = [
            [f"{one.file}:{one.line}", one.column, words.tell(one.why), words.tell(one.cure)]
            for one in report.refused[:SHOWN]
        ]
        titles = [words.say("where"), words.say("column"), words.say("why"), words.say("how to mend it")]
        show_table(words.say("Refused"), titles, rows)
        if len(report.refused) > SHOWN:
            left = len(report.refused) - SHOWN
            more = words.say_n("... and {n} more; --json shows all", "... and {n} more; --json shows all", left)
            out.print(f"  {more}", markup=False)
    if not report.written and not report.dry_run:
        out.print(words.say("Nothing was written."))


def _outcome(report: Report, words: Words) -> str:
    counts = {
        "added": words.number(report.added),
        "changed": words.number(report.changed),
        "unchanged": words.number(report.unchanged),
        "refused": words.number(report.refused_rows),
    }
    if report.dry_run:
        return words.say(
            "{added} would be added, {changed} changed, {unchanged} unchanged, {refused} refused.", **counts
        )
    if report.written:
        return words.say("{added} were added, {changed} changed, {unchanged} unchanged, {refused} refused.", **counts)
    return words.say(
        "{added} would have been added, {changed} changed, {unchanged} unchanged, {refused} refused.", **counts
    )


async def ask_naming(parts: Parts, workspace_id: str, report: Report, words: Words, *, by: str) -> None:
    """Customer by customer on a terminal; elsewhere it says how to answer. Enter leaves one open."""
    left = report.unanswered
    if sys.stdin.isatty() and err.is_terminal:
        err.print(
            words.say(
                "May these customers be named in channels? y, n, a (yes to all that are left), Enter to decide later."
            ),
            markup=False,
        )
        for question in report.questions:
            answer = (await asyncio.to_thread(err.input, f"  {question.name}? ", markup=False)).strip().casefold()[:1]
            if answer == "a":
                await name_all(parts, workspace_id, True, by=by)
                return
            if answer in {"y", "n"} and question.customer_id is not None:
                await name_all(parts, workspace_id, answer == "y", by=by, only=[question.customer_id])
                left -= 1
    if left:
        names = ", ".join(question.name for question in report.questions[:5]) + (" ..." if left > 5 else "")
        said = words.say_n(
            "Not named to anybody until you say that it may be: {n} customer ({names}).",
            "Not named to anybody until you say that they may be: {n} customers ({names}).",
            left,
            names=names,
        )
        how = words.say("Answer on Canteen's Home tab, or import again with --may-name yes or no.")
        out.print(f"{said} {how}", markup=False)
