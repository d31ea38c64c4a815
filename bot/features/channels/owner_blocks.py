"""What a channel's owner is told of it, unasked: why nothing goes out, what came too late. Pure."""

from collections.abc import Mapping, Sequence

from bot.features.channels.blocks import exact
from bot.features.channels.rules import Channel, Coming, Miss
from bot.slack import kit
from bot.slack.kit import Message
from bot.slack.text import escape, spoken
from bot.slack.words import Words


def trouble(words: Words, channel: Channel, error: str) -> Message:
    """`error`: Slack's code, or `outsiders`."""
    where = f"<#{channel.channel_id}>"
    if error == "outsiders":
        text = words.say(
            "Canteen no longer posts in {channel}: people of another company can read there now, and customers are"
            " not named to them. It goes on by itself when the channel is no longer shared."
        )
    elif error == "is_archived":
        text = words.say(
            "Canteen has paused {channel}: it was archived in Slack. If it comes back, press *Resume* on Canteen's"
            " Home tab."
        )
    elif error == "channel_deleted":
        text = words.say("Canteen has paused {channel}: it was deleted in Slack. There is nothing more to do.")
    elif error in {"not_in_channel", "channel_not_found"}:
        text = words.say(
            "Canteen has paused {channel}: it is not in it any more. Type `/invite @Canteen` there, then press *Resume*"
            " on Canteen's Home tab."
        )
    else:
        text = words.say(
            "Canteen has paused {channel}: Slack does not let it post there ({code}). When that has changed, press"
            " *Resume* on Canteen's Home tab."
        )
    read = text.format_map({"channel": f"#{escape(channel.name)}", "code": escape(error)})
    shown = text.format_map({"channel": where, "code": escape(error)})
    return Message(text=spoken(read), blocks=[kit.section(shown)])


def missed(words: Words, rows: Sequence[tuple[Channel, Sequence[Miss]]], labels: Mapping[str, str]) -> Message:
    """Due times that got no post because Canteen was not running, or Slack could not be reached, for too long."""
    number = sum(len(misses) for _, misses in rows)
    text = words.say_n(
        "{n} post came too late and was left out.",
        "{n} posts came too late and were left out.",
        number,
    )
    lines = []
    for channel, misses in rows[:20]:
        newest = misses[0]
        coming = Coming(slot_id="", kind=newest.kind, due_at=newest.due_at, local_day=newest.due_at.date())
        kind = labels.get(newest.kind, newest.kind)
        line = words.say("{kind}, {when}", kind=kind, when=exact(words, channel, coming))
        more = len(misses) - 1
        if more:
            line += " " + words.say_n("and {n} before it", "and {n} before it", more)
        lines.append(f"• <#{channel.channel_id}> {line}")
    if len(rows) > 20:
        lines.append(words.say_n("and {n} more channel", "and {n} more channels", len(rows) - 20))
    ending = words.say("They are not made up for; the next ones come at their usual time.")
    blocks = [
        kit.section(text),
        *(kit.section("\n".join(lines[start : start + 10])) for start in range(0, len(lines), 10)),
    ]
    return Message(text=f"{text} {ending}", blocks=[*blocks, kit.context(ending)])
