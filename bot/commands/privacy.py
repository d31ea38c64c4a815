"""`canteen privacy`: what is kept about people, straight from the tables. `docs/privacy.md` is what it prints."""

from collections.abc import Iterator
from dataclasses import dataclass

import typer

from bot.db.tables import Base

INTRODUCTION = """\
# What Canteen keeps about people

This page is printed by `canteen privacy` from the tables themselves, and a test compares the two.

## In short

- Nobody sees who read what, and nothing of that kind is stored. Opens and questions are counted per channel and week,
  without persons (`weekly_totals`).
- Everything below lies in the database of whoever runs Canteen (`DATABASE_URL`). They can read all of it. None of it
  goes anywhere but to Slack.
- Names, e-mails, time zones and languages come from Slack, which remains their source.
- Logs hold ids, never what people wrote. Metrics hold neither.
- Answers to the pulse (three questions, anonymous) are not stored: only totals are, and not of fewer than five answers
  once a round has closed (`pulse_totals`).
- The database also holds the bot tokens of workspaces (`workspaces.bot_token`), and a key of each round of the pulse
  that is open (`pulse_rounds.key`). They are shown nowhere. Treat a backup like a password.
- [works-council.md](works-council.md) says the same at more length, for works councils and IT security.
- "Until erased" means until `canteen erase` is asked to: see the end of this page. Periods are those of
  `config/defaults.toml`, where whoever runs Canteen may change them.
"""
ERASING = """\
## Asked to show or erase

People get what is about them themselves: *Get my data*, on *Home* under *Change*. `canteen export person
max@example.com` prints the same.

`canteen erase person max@example.com --dry-run` says what would go, and without `--dry-run` it goes: what the person
wrote to somebody, what they chose and wished for, and who they are. What is counted stays without them: a quiz's
totals and the points of others, how many got an update. What they wrote that editors made a story or a quiz question of
stays, without their name. Messages of Canteen to them or about them are deleted in Slack, and so are the pictures and
files of Canteen's that nothing shows any more. What people wrote in Slack themselves, backups and logs are left to
whoever runs Canteen (`docs/operations.md`).

Someone who leaves the company is marked as deactivated at the next daily reading. From then on they get nothing and are
asked nothing. Their rows stay for the time above, or until erased.
"""
SUBJECTS = {
    "members": "People",
    "look_ups": "People still to be read from Slack",
    "roles": "Admins and editors",
    "audit": "The audit trail",
    "questions": "Questions about customers",
    "answers": "Answers, and what the asker says further",
    "kept_texts": "Messages to Canteen outside any thread",
    "picture_copies": "Pictures sent in direct messages",
    "pictures": "Pictures",
    "stories": "Stories and news",
    "story_variants": "Stories in further languages",
    "posts": "What was posted where",
    "channels": "Configured channels",
    "channel_owners": "Who owns them",
    "channel_people": "Who is in them",
    "customers": "Customers",
    "given_teams": "Teams given by imports",
    "adoptions": "Who adopted which customer",
    "hat_draws": "Hat draws",
    "hat_entries": "Who wants to draw a customer",
    "first_visits": "First visits of adopters",
    "swaps": "Swaps of customers",
    "hellos": "Hellos to new adopters",
    "customer_updates": "Updates of account managers",
    "relays": "To whom updates go",
    "relay_bundles": "The messages that carry them",
    "exchanges": "Who writes with whom below updates",
    "exchange_notes": "What they write",
    "shared_pictures": "Pictures sent with updates, and below them",
    "news_reminders": "Reminders of customers without news",
    "nothing_new": "Who said that there is nothing new",
    "drafts": "What was offered to the editors",
    "draft_sketches": "Forms while their preview is looked at",
    "draft_pictures": "Pictures sent with what was offered",
    "quiz_questions": "Questions of quizzes",
    "quizzes": "Rounds of quizzes",
    "quiz_answers": "Answers to quizzes",
    "quiz_shown": "Who was shown a right answer before it was out",
    "pulse_voices": "Who has answered an open pulse, as marks",
    "pulse_draws": "Draws of which channel starts when",
    "dm_turns": "Direct messages that came unasked, one a day at most",
    "dropped_files": "Files dropped to be imported",
    "imports": "The record of imports",
    "deliveries": "Messages owed to Slack",
    "pace": "How fast Slack may be called",
    "workspaces": "Installations",
    "seen_events": "What Slack has sent already",
}


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One personal column."""

    table: str
    column: str
    purpose: str
    seen_by: str
    kept: str


def register(app: typer.Typer) -> None:
    app.command("privacy")(privacy)


def privacy() -> None:
    """Print what is kept about people: each field, what for, who sees it, for how long.

    Example: `canteen privacy > docs/privacy.md`
    """
    typer.echo(page(), nl=False)


def personal_columns() -> Iterator[Kept]:
    """Every column that says of itself that it is about a person, table by table."""
    for name in sorted(Base.metadata.tables, key=_order):
        for column in Base.metadata.tables[name].columns:
            if "personal" in column.info:
                yield Kept(
                    table=name,
                    column=column.name,
                    purpose=column.info["personal"],
                    seen_by=column.info["seen_by"],
                    kept=column.info["kept"],
                )


def page() -> str:
    """The whole page, as Markdown."""
    parts = [INTRODUCTION]
    found = list(personal_columns())
    for table in dict.fromkeys(one.table for one in found):
        rows = [
            f"| `{one.column}` | {one.purpose} | {one.seen_by} | {one.kept} |" for one in found if one.table == table
        ]
        head = [f"## {SUBJECTS.get(table, table)}", "", f"Table `{table}`.", ""]
        titles = ["| field | what for | who sees it | how long |", "|---|---|---|---|"]
        parts.append("\n".join([*head, *titles, *rows, ""]))
    return "\n".join([*parts, ERASING])


def _order(table: str) -> tuple[int, str]:
    names = list(SUBJECTS)
    return (names.index(table) if table in names else len(names), table)
