"""What admins see of their channels: the menu, the next posts, what was missed, what went wrong. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.features.channels.rules import MISSES, Channel, Coming, Miss
from bot.features.channels.seams import Preview
from bot.slack import kit
from bot.slack.kit import Block, Element, Message, View
from bot.slack.text import escape, mention
from bot.slack.words import Words

ADD, MENU, FIND = "channels:add", "channels:menu", "channels:find"
STOP, START = "channels:stop", "channels:start"
QUIET, QUIET_SAVE = "channels:quiet", "channels:quiet_save"
REMOVE, ASK_REMOVE, POST_NOW = "channels:remove", "channels:remove_ask", "channels:post_now"
QUIET_BLOCK = "quiet"
VERBS = ("next", "test", "edit", "pause", "resume", "more")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A channel as the menu shows it. `labels` are the kinds' names in the reader's words. `begins`: nothing comes
    before that moment, where it lies ahead."""

    channel: Channel
    next: Coming | None
    weeks: int | None
    misses: Sequence[Miss]
    has_guests: bool
    labels: Mapping[str, str]
    begins: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What of the menu the reader may use. `own`: they see only channels that they own."""

    set_up: bool = True
    stop: bool = True
    own: bool = False


EVERYTHING = Offer()


def menu(
    words: Words, rows: Sequence[Row], *, total: int, stopped: bool, warn_below: int, offer: Offer = EVERYTHING
) -> list[Block]:
    """`rows` at most 8: what needs attention first. More channels than that are found by search."""
    blocks = [kit.header(words.say("Your channels") if offer.own else words.say("Channels"))]
    if stopped:
        blocks.append(kit.section(words.say("*All posting is stopped.* Nothing goes out until you start it again.")))
    if not total:
        blocks.append(
            kit.section(words.say("No channel gets anything from Canteen yet. Add one: it takes about a minute."))
        )
    for row in rows:
        blocks.append(row_block(words, row, warn_below=warn_below))
    if total > len(rows):
        text = words.say_n("{n} channel in all.", "{n} channels in all.", total)
        placeholder = words.say("Find a channel")
        blocks.append(kit.section(text, accessory=kit.search(action=FIND, minimum=1, placeholder=placeholder)))
    buttons = _buttons(words, offer, stopped=stopped, any_channel=bool(total))
    return [*blocks, kit.actions(*buttons)] if buttons else blocks


def _buttons(words: Words, offer: Offer, *, stopped: bool, any_channel: bool) -> list[Element]:
    buttons = []
    if offer.set_up:
        buttons.append(kit.button(words.say("Add a channel"), action=ADD, style="" if any_channel else "primary"))
        buttons.append(kit.button(words.say("Quiet dates"), action=QUIET))
    if offer.stop and (any_channel or stopped):
        buttons.append(stop_button(words, stopped=stopped))
    return buttons


def stop_button(words: Words, *, stopped: bool) -> Element:
    """Two presses either way."""
    if stopped:
        asked = kit.confirm(
            words.say("Start posting again?"),
            words.say("Channels get their posts again from their next time on. What was left out is not made up for."),
            words.say("Start again"),
            words.say("Not yet"),
            danger=False,
        )
        return kit.button(words.say("Start posting again"), action=START, style="primary", confirm=asked)
    asked = kit.confirm(
        words.say("Stop all posting?"),
        words.say("No channel gets anything until you start again. What has been posted stays."),
        words.say("Stop everything"),
        words.say("Cancel"),
    )
    return kit.button(words.say("Stop all posting"), action=STOP, style="danger", confirm=asked)


def row_block(words: Words, row: Row, *, warn_below: int) -> Block:
    """A channel in a few lines, with its menu."""
    return kit.section(row_text(words, row, warn_below=warn_below), accessory=_overflow(words, row.channel))


def row_text(words: Words, row: Row, *, warn_below: int) -> str:
    channel = row.channel
    lines = [f"<#{channel.channel_id}>  {_state(words, row)}"]
    if row.begins is not None:
        day = words.date(row.begins.astimezone(ZoneInfo(channel.zone)).date())
        lines.append(words.say("Starts on {day}; nothing is posted before.", day=day))
    if channel.state == "active" and row.next:
        lines.append(next_line(words, channel, row.next, row.labels))
    if row.weeks is not None and row.weeks < warn_below:
        few = words.say_n("{n} week of content left", "{n} weeks of content left", row.weeks)
        lines.append(f":warning: {few}. " + words.say("Ask an editor for more stories."))
    elif row.weeks is not None:
        lines.append(words.say_n("{n} week of content left", "{n} weeks of content left", row.weeks))
    if row.has_guests:
        lines.append(_guests(words, channel))
    left_out = missed_line(words, row.misses)
    if left_out:
        lines.append(left_out)
    if channel.owners:
        people = [mention(user) for user in sorted(channel.owners)]
        lines.append(words.say("Owned by {people}.", people=words.list([one for one in people if one])))
    return "\n".join(lines)


def _state(words: Words, row: Row) -> str:
    if row.channel.outsiders:
        return words.say("*not posting*: people of another company can read here")
    if row.channel.state == "paused":
        return words.say("*paused*: {reason}", reason=paused_reason(words, row.channel.state_reason))
    return words.say("active")


def _guests(words: Words, channel: Channel) -> str:
    if channel.guests_see_internal:
        return words.say("Guests are in it and may read internal stories.")
    return words.say("Guests are in it: it gets only what is cleared for the public.")


def paused_reason(words: Words, code: str | None) -> str:
    """Slack's codes in words."""
    reasons = {
        "asked": words.say("an admin paused it"),
        "is_archived": words.say("it was archived in Slack"),
        "channel_deleted": words.say("it was deleted in Slack"),
        "channel_not_found": words.say("Canteen cannot see it any more"),
        "not_in_channel": words.say("Canteen is not in it any more"),
        "outsiders": words.say("people of another company can read here"),
    }
    return reasons.get(code or "", words.say("Slack does not let Canteen post there ({code})", code=code or "?"))


def next_line(words: Words, channel: Channel, coming: Coming, labels: Mapping[str, str]) -> str:
    when = exact(words, channel, coming)
    return words.say("Next: {kind}, {when}", kind=labels.get(coming.kind, coming.kind), when=when)


def exact(words: Words, channel: Channel, coming: Coming) -> str:
    """The day, the time to the second where it has seconds, and the zone that they are in."""
    local = Words(locale=words.locale, zone=channel.zone)
    shown = local.moment(coming.due_at)
    if coming.due_at.second:
        shown += f":{coming.due_at.second:02d}"
    return f"{shown} ({channel.zone.replace('_', ' ')})"


# Found out at send, when rights are read again.
UNFIT = frozenset({"consent", "not_nameable", "outsiders", "expired", "not_yet"})


def missed_line(words: Words, misses: Sequence[Miss]) -> str:
    """What was left out in the last week, by reason; "" where nothing was. What was asked for is not told."""
    asked = {"quiet_date", "paused", "stopped", "recalled"}
    late = sum(miss.reason in MISSES for miss in misses)
    unfit = sum(miss.reason in UNFIT for miss in misses)
    other = sum(miss.reason not in MISSES | asked | UNFIT for miss in misses)
    parts = []
    if late:
        parts.append(words.say_n("{n} post was too late and left out", "{n} posts were too late and left out", late))
    if unfit:
        parts.append(
            words.say_n(
                "{n} post was held back, as it may no longer be shown there (consent, guests or its last day)",
                "{n} posts were held back, as they may no longer be shown there (consent, guests or their last day)",
                unfit,
            )
        )
    if other:
        parts.append(words.say_n("{n} time had nothing to post", "{n} times had nothing to post", other))
    return words.say("Last week: {what}.", what=words.list(parts)) if parts else ""


def _overflow(words: Words, channel: Channel) -> Element:
    paused = channel.state == "paused"
    offered = [
        (words.say("Next five posts"), "next"),
        (words.say("Post a test to me"), "test"),
        (words.say("Edit"), "edit"),
        (words.say("Resume"), "resume") if paused else (words.say("Pause"), "pause"),
        (words.say("More…"), "more"),
    ]
    options = [kit.option(text, f"{verb}:{channel.channel_id}") for text, verb in offered]
    return {"type": "overflow", "action_id": MENU, "options": options}


def menu_message(words: Words, blocks: Sequence[Block], *, total: int, stopped: bool) -> Message:
    text = words.say_n("Canteen posts in {n} channel.", "Canteen posts in {n} channels.", total)
    if stopped:
        text = f"{text} {words.say('All posting is stopped.')}"
    return Message(text=text, blocks=blocks)


def channel_view(words: Words, row: Row, *, warn_below: int) -> View:
    """One that was searched for, with its menu."""
    return _window(words, words.say("Channel"), [row_block(words, row, warn_below=warn_below)])


def more_view(
    words: Words,
    row: Row,
    *,
    warn_below: int,
    kinds: Mapping[str, str],
    others: Sequence[Element] = (),
    removable: bool = False,
) -> View:
    """What is needed less often: post one of `kinds` (their names in the reader's words) at once, what other features
    put there, and remove."""
    channel = row.channel
    blocks = [kit.section(row_text(words, row, warn_below=warn_below))]
    if kinds:
        options = [kit.option(label, f"{name}:{channel.channel_id}") for name, label in kinds.items()]
        chooser = kit.select(action=POST_NOW, options=options, placeholder=words.say("Choose what"))
        chooser["confirm"] = kit.confirm(
            words.say("Post it now?"),
            words.say("Everyone in the channel sees it at once. Its weekly times stay as they are."),
            words.say("Post it"),
            words.say("Not yet"),
            danger=False,
        )
        blocks.append(kit.section(words.say("Post something at once"), accessory=chooser))
    buttons = list(others)
    if removable:
        buttons.append(kit.button(words.say("Remove"), action=ASK_REMOVE, value=channel.channel_id, style="danger"))
    if buttons:
        blocks.append(kit.actions(*buttons))
    return _window(words, words.say("Channel"), blocks)


# -- the next posts ---------------------------------------------------------------------------------------------------


def next_view(
    words: Words,
    channel: Channel,
    posts: Sequence[tuple[Coming, Preview | None]],
    labels: Mapping[str, str],
    *,
    has_guests: bool,
) -> View:
    return _window(
        words, words.say("Next five posts"), next_blocks(words, channel, posts, labels, has_guests=has_guests)
    )


def next_blocks(
    words: Words,
    channel: Channel,
    posts: Sequence[tuple[Coming, Preview | None]],
    labels: Mapping[str, str],
    *,
    has_guests: bool,
) -> list[Block]:
    where = f"<#{channel.channel_id}>" if channel.channel_id else words.say("this channel")
    blocks = [kit.section(words.say("*What comes next in {where}*", where=where))]
    if not posts:
        blocks.append(kit.section(words.say("Nothing. Choose days and a time first.")))
    for coming, preview in posts:
        label = labels.get(coming.kind, coming.kind)
        blocks.append(kit.section(f"*{exact(words, channel, coming)}* · {label}\n{_what(words, coming, preview)}"))
    if has_guests and not channel.guests_see_internal:
        blocks.append(
            kit.context(words.say("Guests may be in this channel, so only what is cleared for the public is chosen."))
        )
    return blocks


def _what(words: Words, coming: Coming, preview: Preview | None) -> str:
    if coming.quiet is not None:
        return words.say("No post: {day} is a quiet date.", day=escape(coming.quiet))
    if preview is None:
        return words.say("This kind of content is not available.")
    why = escape(preview.why)
    return f"{escape(preview.headline)}\n_{why}_" if preview.headline else words.say("No post: {why}", why=why)


# -- small windows ----------------------------------------------------------------------------------------------------


def _window(words: Words, title: str, blocks: Sequence[Block]) -> View:
    return View(type="modal", title=kit.shorten(title, 24), close=words.say("Close"), blocks=blocks)


def note(words: Words, title: str, text: str) -> View:
    return _window(words, title, [kit.section(text)])


def refused(words: Words, message: Message) -> View:
    return _window(words, words.say("For admins"), message.blocks)


def saved_view(words: Words, row: Row, *, warn_below: int) -> View:
    done = words.say("*Saved.* This is how it stands now:")
    return _window(words, words.say("Saved"), [kit.section(done), row_block(words, row, warn_below=warn_below)])


def remove_view(words: Words, channel: Channel) -> View:
    asked = words.say(
        "Canteen stops posting in {channel} and forgets its times. What has been posted stays.",
        channel=f"<#{channel.channel_id}>",
    )
    return View(
        type="modal",
        title=words.say("Remove a channel"),
        callback_id=REMOVE,
        submit=words.say("Remove"),
        close=words.say("Keep it"),
        private=channel.channel_id,
        blocks=[kit.section(asked)],
    )


def quiet_view(words: Words, dates: Mapping[date, str]) -> View:
    lines = "\n".join(f"{day.isoformat()} {name}".strip() for day, name in sorted(dates.items()))
    hint = words.say("One a line: the date, then what it is. Example: 2026-12-24 Christmas Eve")
    field = kit.text_input(action="channels:quiet_lines", initial=lines, multiline=True)
    about = words.say("No channel gets a post on these days. Public holidays are chosen per channel.")
    return View(
        type="modal",
        title=words.say("Quiet dates"),
        callback_id=QUIET_SAVE,
        submit=words.say("Save"),
        close=words.say("Cancel"),
        blocks=[
            kit.section(about),
            kit.entry(words.say("Quiet dates"), field, block_id=QUIET_BLOCK, hint=hint, optional=True),
        ],
    )
