"""How the inbox looks: the editors' part of Home, a draft with its preview, lists, and what people are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.features.inbox.rules import APPROVED, EXCHANGE, REJECTED, SPOTTED, TAKEN_BACK, UPDATE, Draft
from bot.features.members import blocks as members_blocks
from bot.slack import kit
from bot.slack.kit import Block, Element, Message, View
from bot.slack.text import clean, escape, slack_time, spoken
from bot.slack.words import Words

LOOK, LIST, PAGE, WRITE, EDIT = "inbox:look", "inbox:list", "inbox:page", "inbox:write", "inbox:edit"
APPROVE, REJECT, CORRECT, SPOT = "inbox:approve", "inbox:reject", "inbox:correct", "inbox:spot"
TAKE_BACK = "inbox:take_back"
PIECE, MOST_PIECES = 2800, 12
SHOWN_ON_HOME, A_PAGE, SHOWN_OF_MINE = 5, 10, 3


@dataclass(frozen=True, kw_only=True)
class Line:
    """A draft in a list. `author` "" where the name is not known; `label` is the kind's own; `where`: the channel it
    stands in, `customer` whom it is about."""

    draft: Draft
    author: str
    label: str
    where: str = ""
    customer: str = ""


# -- Home -------------------------------------------------------------------------------------------------------------


def section(words: Words, lines: Sequence[Line], *, total: int, kinds: Mapping[str, str]) -> list[Block]:
    """For editors. `kinds`: the labels of what can be written, by name."""
    write = [
        kit.button(_write_label(words, name, label), action=f"{WRITE}:{name}", value=name)
        for name, label in kinds.items()
    ]
    blocks = [kit.header(words.say("Editors’ inbox"))]
    if not lines:
        blocks.append(kit.section(words.say("Nothing is waiting.")))
    blocks += [_line(words, line) for line in lines[:SHOWN_ON_HOME]]
    if total > SHOWN_ON_HOME:
        more = words.say_n("{n} waits in all", "{n} wait in all", total)
        shown = kit.button(words.say("Show all"), action=LIST, value="0")
        blocks.append(kit.section(more, accessory=shown))
    return [*blocks, kit.actions(*write)] if write else blocks


def _write_label(words: Words, name: str, label: str) -> str:
    match name:
        case "story":
            return words.say("Write a story")
        case "news":
            return words.say("Write a news item")
        case "question":
            return words.say("Write a question")
    return words.say("Write: {what}", what=label)


def _line(words: Words, line: Line) -> Block:
    headline = clean(line.draft.content.headline)
    label = kit.shorten(words.say("Look at: {headline}", headline=headline), 75)
    button = kit.button(words.say("Look at it"), action=LOOK, value=line.draft.id, label=label)
    return kit.section(
        f"*{escape(headline) or words.say('Without a headline')}*\n{_facts(words, line)}",
        accessory=button,
        block_id=f"inbox-{line.draft.id}",
    )


def _facts(words: Words, line: Line) -> str:
    """The kind, about whom, where it came from, and since when it waits."""
    since = slack_time(line.draft.offered_at, "{date_short_pretty}", words.moment(line.draft.offered_at))
    about = [escape(kit.shorten(line.customer, 80))] if line.customer else []
    came = came_from(words, line.draft, line.author)
    return " · ".join([line.label, *about, came, words.say("since {day}", day=since)])


def came_from(words: Words, draft: Draft, author: str) -> str:
    name = escape(author) or words.say("somebody")
    match draft.came_as:
        case value if value == UPDATE:
            return words.say("from an update of {name}", name=name)
        case value if value == EXCHANGE:
            return words.say("from an exchange, offered by {name}", name=name)
        case value if value == SPOTTED:
            return words.say("spotted by {name}", name=name)
    return words.say("written by {name}", name=name)


def mine(words: Words, lines: Sequence[Line], *, may_edit: bool) -> list[Block]:
    """What somebody offered lately and how it stands."""
    blocks = [kit.header(words.say("What I offered"))]
    for line in lines:
        draft = line.draft
        blocks.append(kit.section(f"*{escape(draft.content.headline)}*\n{state(words, line)}"))
        if may_edit and draft.is_waiting:
            blocks.append(kit.actions(*_own(words, draft), block_id=f"inbox-mine-{draft.id}"))
    return blocks


def _own(words: Words, draft: Draft) -> list[Element]:
    headline = clean(draft.content.headline)
    edit = kit.button(
        words.say("Edit"),
        action=EDIT,
        value=draft.id,
        label=kit.shorten(words.say("Edit: {headline}", headline=headline), 75),
    )
    back = kit.button(
        words.say("Take it back"),
        action=TAKE_BACK,
        value=draft.id,
        label=kit.shorten(words.say("Take back: {headline}", headline=headline), 75),
        confirm=kit.confirm(
            words.say("Take it back?"),
            words.say("The editors will not see it any more."),
            words.say("Take it back"),
            words.say("Leave it there"),
        ),
    )
    return [edit, back]


def state(words: Words, line: Line) -> str:
    if line.draft.state == REJECTED:
        return words.say("Not taken: {reason}", reason=escape(line.draft.reason or ""))
    if line.draft.state == APPROVED and line.where:
        return words.say("Posted in #{channel}", channel=escape(line.where))
    if line.draft.state == APPROVED:
        return words.say("Taken: it is in the library")
    if line.draft.state == TAKEN_BACK:
        return words.say("Taken back")
    return words.say("With the editors")


# -- looking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A draft as one editor sees it. `preview`: the post. `unfinished`: what is still to be written. `own`: theirs,
    so that somebody else approves it. `decided`: what another editor has done. `back`: from the list."""

    line: Line
    preview: Message | None
    unfinished: str = ""
    own: bool = False
    decided: str = ""
    back: bool = False


def look(words: Words, looked: Looked) -> View:
    draft = looked.line.draft
    blocks: list[Block] = [kit.context(_facts(words, looked.line))]
    blocks += as_shown(looked.preview) if looked.preview else []
    if draft.content.body and draft.content.body != draft.content.text:
        blocks += [kit.divider(), kit.context(words.say("The whole text")), *_pieces(draft.content.body)]
    if draft.newer:
        blocks += [kit.divider(), kit.context(words.say("Its author has changed it since. This is the new text:"))]
        blocks += _pieces(draft.newer)
    if looked.unfinished:
        blocks.append(kit.section(looked.unfinished))
    if looked.decided:
        blocks.append(kit.section(looked.decided))
    if looked.own and not looked.decided:
        blocks.append(kit.context(words.say("You wrote this, so another editor approves it.")))
    value = f"{draft.id}:{draft.revision}"
    buttons: list[Element] = []
    if not looked.decided:
        if not looked.unfinished and not looked.own:
            buttons.append(kit.button(words.say("Approve"), action=APPROVE, value=value, style="primary"))
        buttons.append(kit.button(words.say("Edit"), action=EDIT, value=draft.id))
        buttons.append(kit.button(words.say("Reject"), action=REJECT, value=value, style="danger"))
    if looked.back:
        buttons.append(kit.button(words.say("Back to the list"), action=PAGE, value="0"))
    if buttons:
        blocks += [kit.divider(), kit.actions(*buttons)]
    return View(type="modal", title=words.say("Editors’ inbox"), close=words.say("Close"), blocks=blocks)


def _pieces(body: str) -> list[Block]:
    """People's text as it was written: Slack reads nothing into plain text."""
    said = clean(body).strip()
    pieces = [said[start : start + PIECE] for start in range(0, len(said), PIECE)]
    return [{"type": "section", "text": kit.plain(piece)} for piece in pieces[:MOST_PIECES] if piece.strip()]


def as_shown(message: Message) -> list[Block]:
    """A post's blocks without its buttons, which do nothing before it is posted."""
    return [block for block in message.blocks if block["type"] != "actions"]


def listing(words: Words, lines: Sequence[Line], *, offset: int, total: int) -> View:
    """The oldest first, ten on a page."""
    shown = words.say(
        "{first} to {last} of {total}, the oldest first",
        first=words.number(offset + 1 if lines else 0),
        last=words.number(offset + len(lines)),
        total=words.number(total),
    )
    blocks: list[Block] = [kit.context(shown)] if lines else [kit.section(words.say("Nothing is waiting."))]
    blocks += [_line(words, line) for line in lines]
    turns = []
    if offset > 0:
        before = str(max(0, offset - A_PAGE))
        turns.append(kit.button(words.say("Older"), action=f"{PAGE}:older", value=before))
    if offset + len(lines) < total:
        turns.append(kit.button(words.say("Newer"), action=f"{PAGE}:newer", value=str(offset + A_PAGE)))
    if turns:
        blocks.append(kit.actions(*turns))
    return View(type="modal", title=words.say("Editors’ inbox"), close=words.say("Close"), blocks=blocks)


def correct_button(words: Words, posted: str, confirm: Element | None = None) -> Element:
    """Beside *Recall this post*, for editors. `posted`: a story's id, or with the prefix of its kind."""
    return kit.button(words.say("Correct"), action=CORRECT, value=posted, confirm=confirm)


def spot_button(words: Words, kept_id: str) -> Element:
    """Below what somebody dropped to the app with a picture in it."""
    return kit.button(words.say("Spotted our product!"), action=SPOT, value=kept_id)


# -- messages ---------------------------------------------------------------------------------------------------------


def new_drafts(words: Words, lines: Sequence[Line], total: int) -> Message:
    """To an editor, at most once a day."""
    intro = words.say_n("{n} draft waits in the editors’ inbox.", "{n} drafts wait in the editors’ inbox.", total)
    blocks = [kit.section(intro), *(_line(words, line) for line in lines[:SHOWN_OF_MINE])]
    show_all = kit.button(words.say("Open the inbox"), action=LIST, value="0")
    blocks.append(kit.actions(show_all, *members_blocks.manners_buttons(words)))
    first = clean(lines[0].draft.content.headline) if lines else ""
    oldest = words.say("The oldest: {headline}", headline=escape(first)) if first else ""
    return Message(text=f"{intro} {oldest}".strip(), blocks=blocks)


def verdict(words: Words, draft: Draft, *, editor: str, at: datetime | None) -> Message:
    """To its author: what became of it."""
    headline, name = escape(draft.content.headline), escape(editor) or words.say("The editors")
    if draft.state == REJECTED:
        said = words.say("{name} did not take “{headline}” this time.", name=name, headline=headline)
        reason = kit.shorten(escape(draft.reason or ""), 2800)
        shown = [kit.section(said), {"type": "rich_text", "elements": [_quote(draft.reason or "")]}]
        return Message(text=kit.shorten(f"{said} {reason}", 3000), blocks=shown)
    said = words.say("{name} took “{headline}”. Thank you!", name=name, headline=headline)
    if at is None:
        where = words.say("It is posted in the channels that it suits, in its turn; you will hear.")
        return kit.told(f"{said} {where}")
    aloud = words.say("It is posted on {when}.", when=words.moment(at))
    when = slack_time(at, "{date_short_pretty} {time}", words.moment(at))
    block = kit.section(f"{said} {words.say('It is posted on {when}.', when=when)}")
    return Message(text=spoken(f"{said} {aloud}"), blocks=[block])


def _quote(reason: str) -> Element:
    return {"type": "rich_text_quote", "elements": [{"type": "text", "text": clean(reason) or " "}]}


def posted(words: Words, draft: Draft, channel: str) -> Message:
    headline = escape(draft.content.headline)
    if not channel:
        return kit.told(words.say("“{headline}” has been posted.", headline=headline))
    channel = escape(channel)
    return kit.told(words.say("“{headline}” has been posted in #{channel}.", headline=headline, channel=channel))
