"""How whoever may take an update out of channels sees it: a part of Home, and what a press is answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.features.updates import lists
from bot.features.updates.recalls.rules import Recalled
from bot.features.updates.writing import Refusal
from bot.slack import kit
from bot.slack.kit import Block, Element
from bot.slack.text import escape, slack_time
from bot.slack.words import Words

RECALL = "updates:recall"


@dataclass(frozen=True, kw_only=True)
class InChannels:
    """An update as a line of Home. `all`: it is taken back for its adopters too."""

    update_id: str
    headline: str
    channels: Sequence[str]
    at: datetime
    all: bool


def recent(words: Words, items: Sequence[InChannels]) -> list[Block]:
    shown: list[Block] = [kit.header(words.say("Recent updates in channels"))]
    for item in items:
        places = words.list([f"#{escape(name)}" for name in item.channels])
        when = slack_time(item.at, "{date_short_pretty} {time}", words.moment(item.at))
        line = f"{escape(item.headline)}\n{places} · {when}"
        shown.append(kit.section(line, accessory=_button(words, item), block_id=f"updates-recent-{item.update_id}"))
    return shown


def _button(words: Words, item: InChannels) -> Element:
    if item.all:
        what = words.say("It is deleted from every channel it went to, and its adopters see that it was taken back.")
    else:
        what = words.say("It is deleted from the channels that you own. Its adopters keep it.")
    sure = kit.confirm(words.say("Recall this post?"), what, words.say("Recall it"), words.say("Keep it"))
    return kit.button(words.say("Recall this post"), action=RECALL, value=item.update_id, style="danger", confirm=sure)


def recalled(words: Words, done: Recalled) -> str:
    if done.reach is None:
        return words.say(
            "Only editors, admins, owners of its channels and whoever looks after the customer can take this back."
        )
    if done.already:
        return lists.gone(words, Refusal.TAKEN_BACK)
    if done.reach.all:
        return lists.taken_back(words, stays=done.stays)
    return words.say("Taken back: it is being deleted from the channels that you own. Its adopters keep it.")
