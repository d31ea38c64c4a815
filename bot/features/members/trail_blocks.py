"""The audit trail as people read it in Slack: ids and settings in plain words."""

import re
from collections.abc import Mapping

from bot.features.members.blocks import TRAIL, not_admin
from bot.features.members.rules import Entry, Page, Person
from bot.slack import kit
from bot.slack.kit import Block, View
from bot.slack.text import channel_link, escape, mention, slack_time
from bot.slack.words import Words

OLDER, NEWER = "members:trail_older", "members:trail_newer"
REFUSED = "refused"
MOST_NAMED = 4
ITSELF = {"canteen": "Canteen", "slack": "Slack"}  # who is no person
WORKSPACE = re.compile("[TE][A-Z0-9]{4,}")


def trail(words: Words, page: Page, names: Mapping[str, str], *, of_theirs: bool = False) -> View:
    """`names`: of customers that may be shown, by id. `of_theirs`: only of the reader's channels and customers."""
    shown = [kit.section(_entry(words, entry, names, of_theirs=of_theirs)) for entry in page.entries]
    if not shown:
        shown = [kit.section(words.say("Nothing has been changed or refused yet."))]
    buttons = []
    if page.newer and page.entries:
        buttons.append(kit.button(words.say("Newer"), action=NEWER, value=page.entries[0].id))
    if page.older:
        buttons.append(kit.button(words.say("Older"), action=OLDER, value=page.entries[-1].id))
    about = words.say("Who changed what, the newest first. What people wrote or answered is never in here.")
    if of_theirs:
        about = f"{about} {words.say('You see what concerns your channels and customers.')}"
    return View(
        type="modal",
        title=words.say("Audit trail"),
        close=words.say("Close"),
        blocks=[*shown, *([kit.actions(*buttons)] if buttons else []), kit.context(about)],
    )


def trail_closed(words: Words, admins: list[Person]) -> View:
    """For somebody who was an admin when they opened it."""
    said = not_admin(words, admins)
    return View(type="modal", title=words.say("Audit trail"), close=words.say("Close"), blocks=said.blocks or ())


def section(words: Words) -> list[Block]:
    """On Home, for account managers and owners of channels."""
    about = words.say("Who changed what about your channels and customers.")
    return [kit.section(about, accessory=kit.button(words.say("Audit trail"), action=TRAIL))]


def _entry(words: Words, entry: Entry, names: Mapping[str, str], *, of_theirs: bool) -> str:
    when = slack_time(entry.at, "{date_short_pretty} {time}", words.moment(entry.at))
    who, role = _who(words, entry.actor), _roles(words, entry)
    head = words.say("*{when}* · {who} ({role})", when=when, who=who, role=role) if role else f"*{when}* · {who}"
    deed = _deed(words, entry.action)
    about = _about(words, entry, names, of_theirs=of_theirs)
    if entry.action == REFUSED and about != _id(entry.subject):
        deed = f"{deed} ({_id(entry.subject)})"
    return f"{head}\n" + (words.say("{what}: {about}", what=deed, about=about) if about else deed)


def _who(words: Words, actor: str) -> str:
    if actor in ITSELF:
        return ITSELF[actor]
    if actor == "command line":
        return words.say("the command line")
    return mention(actor) or escape(kit.shorten(actor, 60))


def _roles(words: Words, entry: Entry) -> str:
    """Empty where it would only say again who it was, or was not kept yet."""
    known = {
        "admin": words.say("admin"),
        "editor": words.say("editor"),
        "account_manager": words.say("account manager"),
        "member": words.say("member"),
        "guest": words.say("guest"),
        "single_channel_guest": words.say("guest"),
        "external": words.say("from another company"),
        "deactivated": words.say("has left"),
        "cli": "" if entry.actor == "command line" else words.say("command line"),
        "canteen": "" if entry.actor in ITSELF else "Canteen",
    }
    said = [known.get(role, escape(role)) for role in (entry.role or "").split(",") if role]
    return words.list([one for one in said if one])


def _about(words: Words, entry: Entry, names: Mapping[str, str], *, of_theirs: bool) -> str:
    """Empty for the whole workspace: the words say it. Ids that say nothing to anybody stand only where nothing else
    is known; for admins customers in great number are counted."""
    customers_first = sorted(entry.about, key=lambda one: one not in names)
    things = [said for one in customers_first if (said := _thing(one, names))]
    if entry.subject == "customers" and not of_theirs:
        count = entry.detail.get("count")
        return words.say_n("{n} customer", "{n} customers", count) if isinstance(count, int) else ""
    own = "" if WORKSPACE.fullmatch(entry.subject) else _thing(entry.subject, names) or mention(entry.subject)
    if entry.action in {"role.given", "role.taken"}:
        role = {"admin": words.say("admin"), "editor": words.say("editor")}.get(str(entry.detail.get("role")), "")
        own = f"{own} ({role})" if role else own
    known = [own, *things] if own else things
    if not known:
        return "" if WORKSPACE.fullmatch(entry.subject) else _id(entry.subject)
    shown, more = known[:MOST_NAMED], len(known) - MOST_NAMED
    return words.list([*shown, words.say_n("{n} more", "{n} more", more)] if more > 0 else shown)


def _thing(thing: str, names: Mapping[str, str]) -> str:
    """A customer or a channel; "" for what is neither, or must not be named."""
    return escape(kit.shorten(names[thing], 100)) if thing in names else channel_link(thing)


def _id(subject: str) -> str:
    return f"`{escape(subject)}`"


def _deed(words: Words, action: str) -> str:
    """Short words for each; what is not known by its name."""
    return (_of_channels(words) | _of_content(words) | _of_people(words)).get(action) or f"`{escape(action)}`"


def _of_channels(words: Words) -> dict[str, str]:
    return {
        "channel.add": words.say("set up a channel"),
        "channel.change": words.say("changed a channel"),
        "channel.plan": words.say("changed when a channel gets posts"),
        "channel.pause": words.say("paused a channel"),
        "channel.resume": words.say("let a channel go on"),
        "channel.remove": words.say("removed a channel"),
        "channel.post_now": words.say("posted at once"),
        "channel.trouble": words.say("the channel took nothing any more and was paused"),
        "posting.stop": words.say("stopped all posting"),
        "posting.start": words.say("started posting again"),
        "quiet_dates.change": words.say("changed the days without posts"),
        "pulse.on": words.say("switched the pulse on"),
        "pulse.off": words.say("switched the pulse off"),
        "pulse.draw": words.say("drew which channel starts its pulse when"),
        "pulse.ask": words.say("asked a channel the pulse"),
    }


def _of_content(words: Words) -> dict[str, str]:
    return {
        "story.correct": words.say("corrected a story"),
        "story.recall": words.say("took a story back"),
        "story.recall_refused": words.say("tried to take a post back and may not"),
        "draft.approve": words.say("approved a draft"),
        "draft.reject": words.say("rejected a draft"),
        "quiz.correct": words.say("corrected a quiz"),
        "quiz.withdraw": words.say("withdrew a quiz"),
        "quiz.scores": words.say("switched quiz scores on or off"),
        "update.sent": words.say("sent an update"),
        "update.for_another": words.say("wrote an update for somebody else's customer"),
        "update.changed_for_another": words.say("changed somebody else's update"),
        "update.recall": words.say("took an update back"),
        "update.held_back": words.say("wrote an update that could not go out any more"),
    }


def _of_people(words: Words) -> dict[str, str]:
    return {
        REFUSED: words.say("tried something they may not do"),
        "role.given": words.say("gave a role"),
        "role.taken": words.say("took a role away"),
        "erase.asked": words.say("asked to be forgotten"),
        "erase.person": words.say("had a person erased"),
        "erase.customer": words.say("had a customer erased"),
        "export.person": words.say("had printed what is kept about somebody"),
        "export.own": words.say("got a file of what is kept about them"),
        "export.customer": words.say("got a file of a customer's data"),
        "export.totals": words.say("got a file of totals"),
        "customer.changed": words.say("changed a customer"),
        "customer.naming": words.say("said whether a customer may be named"),
        "adoption.begun": words.say("adopted a customer"),
        "adoption.ended.own": words.say("gave their customer up"),
        "adoption.ended.manager": words.say("ended an adoption of their customer"),
        "adoption.ended.admin": words.say("ended an adoption"),
        "adoption.ended.swapped": words.say("swapped their customer"),
        "adoption.ended.left": words.say("an adoption ended because its adopter has left"),
        "hat.opened": words.say("opened a hat draw"),
        "hat.cancelled": words.say("cancelled a hat draw"),
        "hat.drawn": words.say("drew from the hat"),
    }
