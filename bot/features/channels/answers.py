"""What somebody is told who pressed or typed something about channels. Pure."""

from bot.features.channels.blocks import stop_button
from bot.features.channels.rules import Channel
from bot.slack import kit
from bot.slack.kit import Message
from bot.slack.text import escape, spoken
from bot.slack.words import Words


def posted_now(words: Words, channel: Channel, why: str | None) -> str:
    """`why`: the code of what kept it back; None where it is on its way."""
    where = f"<#{channel.channel_id}>"
    if why is None:
        return words.say("It is on its way to {channel}.", channel=where)
    reasons = {
        "removed": words.say("the channel is not set up any more"),
        "stopped": words.say("all posting is stopped"),
        "paused": words.say("the channel is paused"),
        "outsiders": words.say("people of another company can read there"),
        "nothing_left": words.say("nothing is left that this channel could get. Ask an editor for more"),
        "unknown_kind": words.say("this kind of content is not available"),
    }
    reason = reasons.get(why, escape(why.replace("_", " ")))
    return words.say("Nothing is posted in {channel}: {reason}.", channel=where, reason=reason)


def paused(words: Words, channel: Channel) -> Message:
    text = words.say("Paused: nothing more goes to {channel} until you resume it.")
    return _about(text, channel)


def resumed(words: Words, channel: Channel) -> Message:
    text = words.say("Resumed: {channel} gets its posts again from its next time on.")
    return _about(text, channel)


def _about(text: str, channel: Channel) -> Message:
    """`text` has its `{channel}` still: read aloud it is a name, shown it is a link."""
    read = text.format_map({"channel": f"#{escape(channel.name)}"})
    return Message(text=spoken(read), blocks=[kit.section(text.format_map({"channel": f"<#{channel.channel_id}>"}))])


def posting_stopped(words: Words) -> Message:
    return kit.told(words.say("All posting is stopped. *Start posting again* is on Canteen's Home tab."))


def posting_started(words: Words) -> Message:
    return kit.told(words.say("Posting has started again."))


def not_set_up(words: Words) -> str:
    return words.say("This channel is not set up any more.")


def removed_meanwhile(words: Words) -> str:
    return words.say("This channel has been removed meanwhile.")


def nothing_here(words: Words) -> Message:
    return kit.told(
        words.say("This channel gets nothing from Canteen. `/customer-admin channels` shows those that do.")
    )


def asked_to_stop(words: Words, *, stopped: bool, start: bool) -> Message:
    """What `/customer-admin stop` and `start` answer: the button, which asks again, is the second press."""
    if stopped:
        text = words.say("All posting is stopped.")
    elif start:
        text = words.say("Posting is not stopped.")
    else:
        text = words.say("Press the button to stop all posting in every channel.")
    shown = [kit.section(text)]
    if stopped or not start:
        shown.append(kit.actions(stop_button(words, stopped=stopped)))
    return Message(text=text, blocks=shown)


def test_sent(words: Words, found: bool) -> str:
    if found:
        return words.say("It is on its way to your messages with Canteen. Nothing goes to the channel.")
    return words.say("There is nothing left that this channel could get, so there is no test. Ask an editor for more.")
