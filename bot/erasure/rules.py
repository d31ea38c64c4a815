"""What erasing does with every column that is about a person, and with every table about a customer.

`docs/decisions/0015-erasing.md` says why. A test compares this with the tables' own words: a personal column that
stands in none of these lists fails it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

STAND_IN = "erased-"  # with what follows, nobody's: no id of Slack's begins so


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Names of columns, separated by spaces; a personal column stands in one of them.

    `row`: holds an id (or an e-mail): the whole row goes where it is the person's. `goes`: goes with such a row.
    `nobody`: holds an id: emptied. `stand_in`: holds ids: the person's becomes a stand-in, and the row stays.
    `words`: by the column that says whose they are: emptied. `given`: an id, e-mail or name as imported: emptied.
    `apart`: looked after by code of its own (a word on it beside each). `stays`: says nothing about a person of Slack
    once the other columns are done.
    """

    row: str = ""
    goes: str = ""
    nobody: str = ""
    stand_in: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    given: str = ""
    apart: str = ""
    stays: str = ""

    def columns(self) -> Iterator[tuple[str, str]]:
        """Each column with what becomes of it, in words."""
        for names, what in (
            (self.row, "its rows go"),
            (self.goes, "goes with its row"),
            (self.nobody, "emptied"),
            (self.stand_in, "a stand-in takes its place"),
            (self.given, "emptied"),
            (self.apart, "see the decision on erasing"),
            (self.stays, "stays: it is the company's"),
            (" ".join(self.words.values()), "emptied where it is the person's"),
        ):
            for name in names.split():
                yield name, what


WRITTEN_FOR_ALL = "headline snippet body quote_text picture_alt"
PERSON: Mapping[str, Rule] = {
    "members": Rule(
        row="user_id",
        goes="name email kind zone locale team_id team_asked_at home_opened_at dm_channel paused_until stopped_at"
        " dm_every quiet_from quiet_until quiet_days own_locale shows_name absent_from absent_until dnd_from dnd_until"
        " dnd_read_at dnd_wanted_at",
    ),
    "look_ups": Rule(row="user_id"),
    "dm_turns": Rule(row="user_id"),
    "roles": Rule(row="user_id", goes="role"),
    "audit": Rule(stand_in="actor subject detail", stays="role"),
    "questions": Rule(row="asker", goes="text files", nobody="with_user"),
    "answers": Rule(row="author", goes="text files", stand_in="sent_to"),
    "kept_texts": Rule(row="user_id", goes="text files"),
    "picture_copies": Rule(apart="url"),  # goes with its question or answer
    "pictures": Rule(apart="data"),  # goes when nothing shows it any more
    "stories": Rule(nobody="credit_user", stays=f"{WRITTEN_FOR_ALL} quote_name quote_role"),
    "story_variants": Rule(stays=WRITTEN_FOR_ALL),
    "posts": Rule(nobody="recalled_by"),
    "channels": Rule(stand_in="added_by"),
    "channel_owners": Rule(row="user_id"),
    "channel_people": Rule(row="user_id"),
    "customers": Rule(
        nobody="account_manager deputy manager_left",
        given="account_manager_given deputy_given",
        stand_in="overridden",
    ),
    "given_teams": Rule(row="person"),
    "imports": Rule(stand_in="by"),
    "adoptions": Rule(row="user_id", goes="paused_until ended_why hello_at"),
    "hat_draws": Rule(stand_in="opened_by inputs result"),
    "hat_entries": Rule(row="user_id", goes="is_in named"),
    "first_visits": Rule(row="manager", goes="dates note state agreed_on"),
    "swaps": Rule(row="asked", goes="state"),
    "hellos": Rule(row="author", goes="text"),
    "customer_updates": Rule(
        stand_in="author", words={"author": "headline text link"}, nobody="withdrawn_by"
    ),  # taken back first
    "relays": Rule(apart="user_id why", stays="thanked_at asked_at"),  # counted in receipts: a stand-in for each
    "relay_bundles": Rule(row="user_id"),
    "exchanges": Rule(row="adopter partner", goes="offered_by offer_state"),
    "exchange_notes": Rule(row="author", goes="text files"),
    "shared_pictures": Rule(apart="url"),  # goes with its update or note
    "news_reminders": Rule(row="user_id", goes="answered_at"),
    "nothing_new": Rule(stand_in="by"),
    "drafts": Rule(
        row="author",
        goes="credit headline text body quote_text quote_name quote_role picture_alt details",
        nobody="edited_by decided_by",
        words={"decided_by": "reason"},
    ),
    "draft_sketches": Rule(row="by", goes="content"),
    "draft_pictures": Rule(apart="url"),  # goes with its draft
    "quiz_questions": Rule(nobody="author approver editor", stays="content source"),
    "quizzes": Rule(nobody="author approver editor", stays="content"),
    "quiz_answers": Rule(apart="user_id acted_at", stays="option channel_id"),  # a stand-in for each; open ones go
    "quiz_shown": Rule(row="user_id"),
    "pulse_voices": Rule(apart="marks"),  # nobody can find whose: it goes when the round closes
    "pulse_draws": Rule(stand_in="drawn_by"),
    "deliveries": Rule(apart="key target ref channel"),  # ended, or taken back, then emptied
    "pace": Rule(row="channel"),
    "workspaces": Rule(nobody="posting_stopped_by"),
    "seen_events": Rule(apart="key"),  # rows whose key names the person go
    "dropped_files": Rule(row="user_id", goes="name url data report"),
}

# Rows that belong to the one they point at, though the column may be empty: they go with it.
BELONGS = frozenset(
    {
        ("exchange_notes", "exchange_id"),
        ("shared_pictures", "update_id"),
        ("shared_pictures", "note_id"),
        ("picture_copies", "answer_id"),
        ("draft_pictures", "draft_id"),
        ("kept_texts", "question_id"),
        ("stories", "customer_id"),
        ("drafts", "customer_id"),
    }
)
# A file or form that names what is erased goes whole: it lives for a day, and would bring it back.
BRIEF = frozenset({"dropped_files", "draft_sketches"})
HASHES = frozenset({"hash", "picture_hash", "logo"})  # columns that point at `pictures`
