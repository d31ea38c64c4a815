"""What an admin sees of a file they dropped: what it would do, and buttons to import or discard it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.features.customers.dropping.rules import MOST_REFUSALS, Drop, State
from bot.features.customers.seams import Refusal, Report
from bot.slack import kit
from bot.slack.kit import Block, Element, Message, View
from bot.slack.text import escape, slack_time, spoken
from bot.slack.words import Words

IMPORT, DISCARD, OTHER, ALL = (
    "customers:drop_import",
    "customers:drop_discard",
    "customers:drop_other",
    "customers:drop_all",
)
AS = "customers:drop_as_"  # and the importer's word
SHOWN, NOTED = 20, 5  # refusals and notes in the message; the rest is in a window
LONGEST_LINE = 250  # of a why, a cure, a note: escaped, it may be five times as long


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """A drop with the words of every importer that takes such files, and when it will be erased. `beside`: other files
    came in the same message."""

    drop: Drop
    kinds: Sequence[str]
    until: datetime
    beside: bool = False


def kind(words: Words, what: str) -> str:
    """What a file is full of, to stand on a button."""
    match what:
        case "customers":
            return words.say("Customers")
        case "products":
            return words.say("Products")
        case "teams":
            return words.say("Teams")
        case "people":
            return words.say("People")
        case "stories":
            return words.say("Stories")
        case "quizzes":
            return words.say("Quiz questions")
        case _:
            return escape(what)


def message(words: Words, shown: Dropped) -> Message:
    """In any of its states."""
    drop = shown.drop
    name = _name(drop)
    parts: list[Block] = []
    match drop.state:
        case State.ASKING:
            said = words.say("What is in {file}? I cannot tell by its column names.", file=name)
            parts = [kit.actions(*_choices(words, shown), _discard(words, drop))]
        case State.CHECKED if drop.report is not None:
            said = _would(words, drop, drop.report)
            parts = [*_details(words, drop, drop.report), *_decide(words, shown)]
        case State.IMPORTED if drop.report is not None:
            said = _was(words, drop, drop.report)
            parts = _details(words, drop, drop.report)
        case State.NOTHING if drop.report is not None:
            said = _nothing(words, drop, drop.report)
            parts = _details(words, drop, drop.report)
        case State.REFUSED if drop.report is not None:
            said = words.say("{file} cannot be imported. Nothing was changed.", file=name)
            parts = _details(words, drop, drop.report)
        case _:
            said = _in_short(words, drop)
    if shown.beside and drop.state in (State.CHECKED, State.IMPORTED, State.REFUSED):
        parts = [*parts, kit.context(_beside(words, drop))]
    return Message(text=kit.shorten(spoken(said), 1000), blocks=[kit.section(said), *parts])


def _beside(words: Words, drop: Drop) -> str:
    if drop.what != "stories":
        return words.say("What you dropped together with it is not part of it.")
    return words.say(
        "The picture you dropped together with it is not joined to the story: give its https address in the file, or "
        "import it and add the picture with *Correct*, which editors find on Home once it is posted."
    )


def _name(drop: Drop) -> str:
    return f"*{escape(kit.shorten(drop.name, 100)).replace('*', '∗')}*"


def _in_short(words: Words, drop: Drop) -> str:
    name = _name(drop)
    match drop.state:
        case State.CHECKING:
            return words.say("I am checking {file}. Nothing is imported before you say so.", file=name)
        case State.IMPORTING:
            return words.say("I am importing {file}. This message says so when it is done.", file=name)
        case State.DISCARDED:
            return words.say("{file} is discarded: nothing was imported, and I have erased it.", file=name)
        case State.EXPIRED:
            return words.say(
                "{file} was not imported within a day, so I have erased it. Drop it again to start over.", file=name
            )
        case State.LOST:
            return words.say(
                "I could not fetch {file} from Slack. Files of up to 10 MB can be dropped here; please try again.",
                file=name,
            )
        case State.BROKEN:
            return words.say(
                "Something went wrong with {file}, and trying again did not help. Nothing of it was imported. Whoever "
                "runs Canteen finds more in its log.",
                file=name,
            )
        case _:
            return words.say("I am reading {file}. Nothing is imported before you say so.", file=name)


def _would(words: Words, drop: Drop, report: Report) -> str:
    says = words.say("I read {file} as *{kind}*.", file=_name(drop), kind=kind(words, drop.what or ""))
    return f"{says} {words.say('Importing it would mean: {changes}.', changes=_counts(words, report))}"


def _was(words: Words, drop: Drop, report: Report) -> str:
    said = words.say("{file} is imported: {changes}.", file=_name(drop), changes=_counts(words, report))
    if drop.what == "customers" and report.unanswered:
        more = words.say_n(
            "{n} customer is named in no channel and to no guest until you say on my Home tab that it may be.",
            "{n} customers are named in no channel and to no guest until you say on my Home tab that they may be.",
            report.unanswered,
        )
        said = f"{said} {more}"
    return said


def _nothing(words: Words, drop: Drop, report: Report) -> str:
    if report.unchanged:
        return words.say("{file} changes nothing: everything in it is here already.", file=_name(drop))
    return words.say("{file} has no rows, so there is nothing to import.", file=_name(drop))


def _counts(words: Words, report: Report) -> str:
    """Only what there is; what is unchanged is said where nothing else is."""
    counted = [
        (report.added, words.say_n("{n} added", "{n} added", report.added)),
        (report.changed, words.say_n("{n} changed", "{n} changed", report.changed)),
        (report.unchanged, words.say_n("{n} unchanged", "{n} unchanged", report.unchanged)),
        (report.refused_rows, words.say_n("{n} refused", "{n} refused", report.refused_rows)),
    ]
    return words.list([said for count, said in counted if count])


def _details(words: Words, drop: Drop, report: Report) -> list[Block]:
    """The first refusals with their lines and cures, then notes."""
    blocks = [kit.section(part) for part in _packed(_refusals(words, report.refused[:SHOWN]))]
    if len(report.refused) > SHOWN:
        label = words.say("Show all that is refused")
        blocks.append(kit.actions(kit.button(label, action=ALL, value=drop.id), block_id="refused"))
    notes = [f"• {escape(kit.shorten(words.tell(note), LONGEST_LINE))}" for note in report.warnings[:NOTED]]
    if len(report.warnings) > NOTED:
        more = len(report.warnings) - NOTED
        notes.append(words.say_n("• and {n} note more", "• and {n} notes more", more))
    return blocks + [kit.context(part) for part in _packed(notes)]


def _refusals(words: Words, refused: Sequence[Refusal]) -> Iterator[str]:
    if refused:
        yield f"*{words.say('Refused')}*"
    for one in refused:
        column = escape(kit.shorten(one.column, 60))
        why, cure = (escape(kit.shorten(words.tell(said), LONGEST_LINE)) for said in (one.why, one.cure))
        line = str(one.line)
        where = (
            words.say("line {line}, {column}", line=line, column=column)
            if column
            else words.say("line {line}", line=line)
        )
        yield f"• {where}: {why} → {cure}" if cure else f"• {where}: {why}"


def _packed(lines: Sequence[str] | Iterator[str]) -> Iterator[str]:
    """Lines joined into parts that Slack takes."""
    part = ""
    for line in lines:
        if part and len(part) + len(line) > 2900:
            yield part
            part = ""
        part = f"{part}\n{line}" if part else line
    if part:
        yield part


def _decide(words: Words, shown: Dropped) -> list[Block]:
    drop = shown.drop
    others = len(shown.kinds) > 1
    buttons = [
        kit.button(words.say("Import"), action=IMPORT, value=drop.id, style="primary"),
        _discard(words, drop),
        *([kit.button(words.say("It is something else"), action=OTHER, value=drop.id)] if others else []),
    ]
    until = slack_time(shown.until, "{date_short_pretty} {time}", words.moment(shown.until))
    kept = words.say("Nothing is imported yet. I keep the file until {moment}, then it is erased.", moment=until)
    return [kit.actions(*buttons, block_id="decide"), kit.context(kept)]


def _discard(words: Words, drop: Drop) -> Element:
    return kit.button(words.say("Discard"), action=DISCARD, value=drop.id)


def _choices(words: Words, shown: Dropped) -> list[Element]:
    wanted = shown.drop.choices or tuple(shown.kinds)
    return [kit.button(kind(words, what), action=f"{AS}{what}", value=shown.drop.id) for what in wanted[:20]]


def all_refused(words: Words, drop: Drop) -> View:
    """Every refusal that is kept, in a window."""
    report = drop.report
    refused = report.refused if report is not None else ()
    parts = [kit.section(part) for part in _packed(_refusals(words, refused[:MOST_REFUSALS]))]
    if len(refused) >= MOST_REFUSALS:
        parts.append(kit.context(words.say("There may be more: mend these, then drop the file again.")))
    empty = [kit.section(words.say("Nothing is refused."))]
    return View(type="modal", title=words.say("Refused rows"), close=words.say("Close"), blocks=parts or empty)


def gone(words: Words) -> str:
    return words.say("This file is not here any more. Drop it again to import it.")


def now_it_is(words: Words, state: State) -> str:
    """To somebody who pressed a button whose time has passed."""
    match state:
        case State.IMPORTING:
            return words.say("It is being imported. The message above says so when it is done.")
        case State.IMPORTED:
            return words.say("It has been imported already.")
        case State.DISCARDED:
            return words.say("It has been discarded already.")
        case State.CHECKING | State.FETCHING:
            return words.say("It is still being checked. One moment, please.")
        case _:
            return gone(words)
