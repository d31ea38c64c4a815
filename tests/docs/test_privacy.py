"""`docs/privacy.md` is what `canteen privacy` prints, and no column about a person goes without its entry."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Column

from bot.commands import privacy
from bot.db.tables import Base

PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"
COLUMNS = [(table.name, column) for table in Base.metadata.sorted_tables for column in table.columns]
ABOUT_A_PERSON = re.compile(
    r"^(user|user_id|actor|email|asker|author|by|person|with_user|account_manager|sent_to|dm_channel|home_opened_at"
    r"|target|quote_.*|.*_by|.*_user|.*_given|.*email.*|zone|locale|paused_until|quiet_from|quiet_until)$"
)
NOT_ABOUT_A_PERSON = {
    ("workspaces", "locale"): "the workspace's",
    ("channels", "zone"): "the channel's",
    ("channels", "locale"): "the channel's",
    ("quiz_posts", "zone"): "the channel's",
    ("quiz_posts", "locale"): "the channel's",
}
# Texts that people write, and names of theirs: told by the table, since `text` and `name` are others' words too.
WRITTEN = {
    ("members", "name"),
    ("questions", "text"),
    ("answers", "text"),
    ("kept_texts", "text"),
    ("questions", "files"),
    ("answers", "files"),
    ("kept_texts", "files"),
    ("customer_updates", "text"),
    ("customer_updates", "headline"),
    ("customer_updates", "link"),
    ("exchange_notes", "text"),
    ("exchange_notes", "files"),
    ("hellos", "text"),
    ("first_visits", "note"),
    ("drafts", "headline"),
    ("drafts", "details"),
    ("drafts", "picture_alt"),
    ("drafts", "text"),
    ("drafts", "body"),
    ("drafts", "reason"),
    ("stories", "headline"),
    ("stories", "snippet"),
    ("stories", "body"),
    ("stories", "picture_alt"),
    ("story_variants", "headline"),
    ("story_variants", "snippet"),
    ("story_variants", "body"),
    ("story_variants", "picture_alt"),
    ("quiz_questions", "content"),
    ("quiz_questions", "source"),
    ("quizzes", "content"),
    ("dropped_files", "name"),
    ("dropped_files", "url"),
    ("audit", "detail"),
    # What people chose, which their ids stand beside.
    ("hat_entries", "is_in"),
    ("hat_entries", "named"),
    ("swaps", "state"),
    ("first_visits", "state"),
    ("first_visits", "agreed_on"),
    ("exchanges", "offer_state"),
    ("relays", "why"),
    ("roles", "role"),
}


def test_the_page_is_what_the_command_prints() -> None:
    assert PAGE.read_text(encoding="utf-8") == privacy.page(), "run: canteen privacy > docs/privacy.md"


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda value: getattr(value, "name", value))
def test_columns_about_people_say_so(table: str, column: Column[object]) -> None:
    suspected = ABOUT_A_PERSON.match(column.name) or (table, column.name) in WRITTEN
    if suspected and (table, column.name) not in NOT_ABOUT_A_PERSON:
        assert "personal" in column.info, f"{table}.{column.name} needs info=personal(...)"


def test_every_entry_is_complete_and_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    found = list(privacy.personal_columns())
    assert len(found) > 30
    for one in found:
        assert one.purpose
        assert one.seen_by
        assert one.kept
        assert f"| `{one.column}` | {one.purpose} | {one.seen_by} | {one.kept} |" in page


def test_every_table_with_a_person_has_a_plain_name() -> None:
    assert {one.table for one in privacy.personal_columns()} <= set(privacy.SUBJECTS)


def test_secrets_are_named_and_never_printed_as_data_about_people() -> None:
    secret = [(table, column.name) for table, column in COLUMNS if column.info.get("secret")]
    assert sorted(secret) == [("pulse_rounds", "key"), ("workspaces", "bot_token")]
    assert all(f"`{table}.{column}`" in privacy.page() for table, column in secret)


def test_what_is_kept_for_a_time_is_what_the_upkeep_does() -> None:
    from bot.defaults import load_defaults
    from bot.features.customers.dropping import rules as dropping

    kept = {(one.table, one.column): one.kept for one in privacy.personal_columns()}
    keep = load_defaults().keep
    for table, column, period in (
        ("seen_events", "key", keep.events),
        ("deliveries", "target", keep.deliveries),
        ("audit", "actor", keep.audit),
        ("quiz_answers", "user_id", keep.answers),
        ("questions", "text", keep.questions),
        ("answers", "text", keep.questions),
        ("kept_texts", "text", keep.texts),
        ("exchange_notes", "text", keep.exchanges),
        ("drafts", "text", keep.drafts),
        ("news_reminders", "user_id", keep.reminders),
        ("pictures", "data", keep.pictures),
    ):
        assert f"{kept[table, column]} ".replace(";", " ").startswith(f"{period.days} days "), table
    for column in ("user_id", "name", "url", "report"):
        assert kept[("dropped_files", column)] == f"{dropping.FORGOTTEN.days} days"
