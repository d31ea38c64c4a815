"""Help, kind refusals, and the modal that says who looks after Canteen."""

from collections.abc import Sequence

from bot.features.members.rules import Person, RoleChange
from bot.slack import kit
from bot.slack.kit import Block, Element, Message, View
from bot.slack.text import channel_link, escape, mention, spoken
from bot.slack.words import Words

ROLES, CHANGE_ROLES = "members:roles", "members:change_roles"
TRAIL = "members:trail"  # who changed what
ADMINS, EDITORS = "admins", "editors"
LESS, PAUSE, STOP = "members:less", "members:pause", "members:stop"
OWNED = 20  # channels shown with their owners
NAMED = 5  # admins named in a refusal; more would read like a phone book


def help_message(
    words: Words, command: str, lines: Sequence[str], *, unknown: str = "", close: Sequence[str] = ()
) -> Message:
    """`lines` are one per word, in our own words. `unknown` is what was typed and not understood."""
    says = []
    if unknown:
        said = kit.shorten(escape(unknown), 60)
        says.append(words.say("I do not know “{word}”.", word=said))
    if close:
        meant = words.list([f"`{command} {word}`" for word in close])
        says.append(words.say("Did you mean {words}?", words=meant))
    says.append(words.say("This is what you can type after {command}:", command=f"`{command}`"))
    intro = " ".join(says)
    shown = [f"• {line}" for line in lines]
    parts = [intro] + ["\n".join(shown[start : start + 15]) for start in range(0, len(shown), 15)]
    return Message(text=kit.shorten(spoken("\n".join(parts)), 4000), blocks=[kit.section(part) for part in parts])


def not_admin(words: Words, admins: Sequence[Person]) -> Message:
    """Only ids of Slack become mentions; names are text."""
    if not admins:
        only = words.say("Only admins of Canteen can do this, and there are none yet.")
        cure = words.say("Whoever runs Canteen can name one in the setting {key}.", key="`CANTEEN_ADMINS`")
        return kit.told(f"{only} {cure}")
    named = list(admins)[:NAMED]
    only = words.say("Only admins of Canteen can do this.")
    ask = words.say("Please ask {admins}.", admins=words.list([escape(person.name) for person in named]))
    shown = words.say("Please ask {admins}.", admins=words.list([mention(person.user_id) for person in named]))
    return Message(text=f"{only} {ask}", blocks=[kit.section(f"{only} {shown}")])


def not_for_you(words: Words) -> Message:
    return kit.told(words.say("Canteen is for the people of this workspace, so there is nothing here for you. Sorry!"))


def not_understood(words: Words) -> Message:
    return kit.told(words.say("Slack sent something that I could not read. Please try again."))


def too_slow(words: Words) -> Message:
    return kit.told(words.say("That took too long, so Slack did not open the window. Please try again."))


def manners_buttons(words: Words) -> list[Element]:
    """Below every direct message that comes unasked."""
    return [
        kit.button(words.say("Less"), action=LESS, label=words.say("Write to me less often")),
        kit.button(words.say("Pause"), action=PAUSE, label=words.say("Pause messages for two weeks")),
        kit.button(words.say("Stop"), action=STOP, label=words.say("Stop these messages")),
    ]


def people_section(words: Words, *, admins: Sequence[str], editors: Sequence[str]) -> list[Block]:
    """For admins' Home: who looks after Canteen, by Slack id."""
    lines = [f"*{words.say('Who looks after Canteen')}*", words.say("Admins: {people}", people=_named(words, admins))]
    if editors:
        lines.append(words.say("Editors: {people}", people=_named(words, editors)))
    else:
        lines.append(words.say("There are no editors yet. They get the questions that nobody else can answer."))
    return [
        kit.section("\n".join(lines), accessory=kit.button(words.say("Change"), action=CHANGE_ROLES)),
        kit.actions(kit.button(words.say("Audit trail"), action=TRAIL)),
    ]


def _named(words: Words, users: Sequence[str]) -> str:
    shown = [mention(user) for user in users[:NAMED]]
    if len(users) > NAMED:
        shown.append(words.say_n("{n} more", "{n} more", len(users) - NAMED))
    return words.list(shown)


def roles_view(
    words: Words,
    *,
    admins: Sequence[str],
    editors: Sequence[str],
    owners: Sequence[tuple[str, Sequence[str]]] = (),
) -> View:
    """All are Slack ids; `owners`: channels with theirs."""
    return View(
        type="modal",
        title=words.say("Admins and editors"),
        callback_id=ROLES,
        submit=words.say("Save"),
        close=words.say("Cancel"),
        blocks=[
            kit.entry(
                words.say("Admins"),
                _people(ADMINS, admins),
                block_id=ADMINS,
                hint=words.say("They set up channels, import lists and choose who is on this page."),
            ),
            kit.entry(
                words.say("Editors"),
                _people(EDITORS, editors),
                block_id=EDITORS,
                optional=True,
                hint=words.say("They look after stories and get the questions that nobody else can answer."),
            ),
            *_owners(words, owners),
        ],
    )


def _owners(words: Words, owners: Sequence[tuple[str, Sequence[str]]]) -> list[Block]:
    """Who owns which channel is said where channels are set up."""
    title = words.say("Channel owners")
    named = [(channel_link(channel), _named(words, users)) for channel, users in owners if users]
    lines = [
        words.say("{channel}: {people}", channel=channel, people=people) for channel, people in named[:OWNED] if channel
    ]
    if len(named) > OWNED:
        lines.append(words.say_n("…and {n} more channel", "…and {n} more channels", len(named) - OWNED))
    how = words.say("You name them where you set up a channel: {command}.", command="`/customer-admin channels`")
    looks = words.say("Account managers come with the list of customers.")
    return [kit.section("\n".join([f"*{title}*", *lines])), kit.context(f"{how} {looks}")]


def _people(action: str, chosen: Sequence[str]) -> Element:
    element: Element = {"type": "multi_users_select", "action_id": action}
    return {**element, "initial_users": list(chosen)} if chosen else element


def roles_error(words: Words, change: RoleChange) -> str:
    """What stands below the field."""
    if change is RoleChange.LAST_ADMIN:
        return words.say("Somebody has to be an admin: please leave at least one.")
    return words.say("Only members of this workspace can be chosen: no guests, no apps, nobody who has left.")
