"""The inbox's modals: the form, its preview, approving, rejecting, *Spotted!*, and what is said about a press."""

from collections.abc import Sequence
from datetime import datetime

from bot.features.channels.service import Channel
from bot.features.inbox import blocks, fields
from bot.features.inbox.rules import LONGEST_REASON, Draft, Refusal
from bot.features.inbox.story_form import PRODUCT
from bot.slack import kit
from bot.slack.kit import Block, Element, Message, View
from bot.slack.text import escape
from bot.slack.words import Words

FORM, KEEP, APPROVING, REJECTING, SPOTTED = (
    "inbox:form",
    "inbox:keep",
    "inbox:approving",
    "inbox:rejecting",
    "inbox:spotted",
)
MOST_CHANNELS = 100
CREDIT = "credit"
CHOOSER, AT_ONCE, AT_TIME = "chooser", "at_once", "at_time"


def form(words: Words, title: str, made: Sequence[Block], *, private: str, intro: str = "") -> View:
    """`made` by the kind; `private`: kind, subject and revision."""
    shown = [kit.context(intro), *made] if intro else made
    return View(
        type="modal",
        title=kit.shorten(title, 24),
        callback_id=FORM,
        submit=words.say("Preview"),
        close=words.say("Cancel"),
        private=private,
        blocks=list(shown),
    )


def preview(words: Words, message: Message, *, sketch: str, correcting: int | None, picture: bool) -> View:
    """The post as it will look. Closing it leads back to the form, which has kept everything."""
    made = [*blocks.as_shown(message)]
    if picture:
        made.append(kit.context(words.say("The picture is being fetched; it will stand above the headline.")))
    if correcting is None:
        said, submit = words.say("Below it stand its buttons. It goes to the editors’ inbox."), words.say("Keep it")
    else:
        said = words.say_n(
            "It changes in the {n} place where it stands or is about to.",
            "It changes in all {n} places where it stands or is about to.",
            correcting,
        )
        submit = words.say("Correct it")
    return View(
        type="modal",
        title=words.say("Preview"),
        callback_id=KEEP,
        submit=submit,
        close=words.say("Back"),
        private=sketch,
        blocks=[*made, kit.divider(), kit.context(said)],
    )


def approving(
    words: Words,
    draft: Draft,
    channels: Sequence[Channel],
    *,
    suggested: Sequence[str],
    can_plan: bool,
    told: str = "",
    note: str = "",
) -> View:
    """Leave it to the chooser, or post it in chosen channels. `suggested`: where the author's team sits, for what they
    spotted. `told`: what the approver alone has to know, as plain text; `note`: what reading it means for them."""
    made: list[Block] = [kit.section(f"*{escape(draft.content.headline)}*")]
    if told:
        made.append({"type": "section", "text": kit.plain(kit.shorten(told, 2900))})
    if note:
        made.append(kit.context(note))
    if can_plan and channels:
        made += _when(words, channels, suggested)
    else:
        made.append(kit.section(words.say("The chooser gives it to the channels that it suits, in turn.")))
    return View(
        type="modal",
        title=words.say("Approve"),
        callback_id=APPROVING,
        submit=words.say("Approve"),
        close=words.say("Back"),
        private=f"{draft.id}:{draft.revision}",
        blocks=made,
    )


def _when(words: Words, channels: Sequence[Channel], suggested: Sequence[str]) -> list[Block]:
    whens = [
        kit.option(
            words.say("Leave it to the chooser"), CHOOSER, words.say("Each channel gets what suits it, in turn")
        ),
        kit.option(words.say("At once, in these channels"), AT_ONCE),
        kit.option(words.say("At this time, in these channels"), AT_TIME),
    ]
    # The suggested ones first: a menu takes a hundred.
    shown = sorted(channels, key=lambda one: one.channel_id not in suggested)[:MOST_CHANNELS]
    options = [kit.option(f"#{one.name}", one.channel_id) for one in shown]
    menu: Element = {"type": "multi_static_select", "action_id": "channels", "options": options}
    if chosen := [one for one in options if one["value"] in suggested]:
        menu["initial_options"] = chosen
    at: Element = {"type": "datetimepicker", "action_id": "at"}
    return [
        fields.radio(words.say("When"), "when", whens, AT_ONCE if chosen else CHOOSER),
        kit.entry(words.say("Channels"), menu, block_id="channels", optional=True),
        kit.entry(words.say("Date and time"), at, block_id="at", optional=True),
    ]


def rejecting(words: Words, draft: Draft, author: str) -> View:
    hint = words.say("{name} gets it as you write it.", name=author) if author else ""
    return View(
        type="modal",
        title=words.say("Reject"),
        callback_id=REJECTING,
        submit=words.say("Reject"),
        close=words.say("Back"),
        private=draft.id,
        blocks=[
            kit.section(f"*{escape(draft.content.headline)}*"),
            fields.typed(words.say("Why"), "reason", limit=LONGEST_REASON, multiline=True, optional=False, hint=hint),
        ],
    )


def spotted(words: Words, *, kept: str, word: str, with_picture: bool) -> View:
    """`kept`: the id of the message that it began with, whose pictures are taken; "" asks for one."""
    made: list[Block] = [
        fields.search(
            words.say("Which product is it?"),
            "product",
            PRODUCT,
            (),
            hint=words.say("Leave it empty if you are not sure."),
        ),
        fields.typed(words.say("Where?"), "where", limit=100, optional=False),
        fields.typed(words.say("A word about it"), "word", initial=word, limit=1000, multiline=True),
    ]
    if not with_picture:
        hint = words.say("PNG, JPEG or GIF. Where it was taken is removed from it.")
        made.append(fields.picture(words.say("The photo"), "picture", hint))
    option = kit.option(words.say("Name me in the post"), CREDIT)
    made.append(fields.tick(words.say("Your name"), "credit", option))
    return View(
        type="modal",
        title=words.say("Spotted!"),
        callback_id=SPOTTED,
        submit=words.say("Send it in"),
        close=words.say("Cancel"),
        private=kept,
        blocks=[kit.context(words.say("Seen our work out there? The editors make a post of it.")), *made],
    )


def notice(words: Words, text: str, title: str = "", *, final: bool = True) -> View:
    """In the place of a form. `final`: closing it closes what lies below as well, which is out of date."""
    return View(
        type="modal",
        title=kit.shorten(title or words.say("Editors’ inbox"), 24),
        close=words.say("Close") if final else words.say("Back"),
        blocks=[kit.section(text)],
        extra={"clear_on_close": True} if final else {},
    )


# -- what is said -----------------------------------------------------------------------------------------------------


def kept(words: Words, *, new: bool, editor: bool) -> str:
    if not new:
        return words.say("Your changes are kept.")
    return words.say("It is in the editors’ inbox. Another editor approves it.") if editor else sent_in(words)


def not_yet(words: Words) -> View:
    """Nothing was changed; closing it leads back to the form, which has kept everything."""
    said = words.say("The picture is not here yet, so nothing was changed. Please press Preview again in a moment.")
    return View(
        type="modal",
        title=words.say("Preview"),
        close=words.say("Back"),
        blocks=[kit.section(said)],
    )


def corrected(words: Words, places: int) -> str:
    if places == 0:
        return words.say("It is corrected in the library; it stands in no channel yet.")
    return words.say_n(
        "It is being corrected in the one place where it stands.",
        "It is being corrected in the {n} places where it stands.",
        places,
    )


def approved(words: Words, at: datetime | None, channels: Sequence[str]) -> str:
    if at is None or not channels:
        return words.say("Approved: the chooser gives it to the channels that it suits. Its author is told.")
    when = words.moment(at)
    where = words.list([f"#{escape(one)}" for one in channels])
    return words.say("Approved: it is posted on {when} in {channels}. Its author is told.", when=when, channels=where)


def sent_in(words: Words) -> str:
    return words.say("Thank you! It is with the editors, and you will hear what becomes of it.")


def refused(words: Words, refusal: Refusal, draft: Draft | None = None, decider: str = "") -> str:
    match refusal:
        case Refusal.NOT_AN_EDITOR:
            return words.say("Only editors can do this.")
        case Refusal.NOT_FOR_GUESTS:
            return words.say("Sending things in is for members of this company. Sorry!")
        case Refusal.OWN_DRAFT:
            return words.say("You wrote this, so another editor approves it.")
        case Refusal.ALREADY:
            return _already(words, draft, decider)
        case Refusal.CHANGED:
            return words.say("It has been edited since you looked at it. Please look again.")
        case Refusal.REASON:
            limit = words.number(LONGEST_REASON)
            return words.say("Please write why, in at most {limit} characters.", limit=limit)
        case Refusal.PLACE:
            return words.say("One of these channels is not set up any more. Please choose again.")
        case Refusal.PAST:
            return words.say("Please choose a time within the next year.")
        case Refusal.UNKNOWN_KIND:
            return words.say("This kind of draft cannot be approved here.")
        case Refusal.UNFINISHED:
            return words.say("It is not finished yet: press Edit.")
    return words.say("This is not there any more.")


def _already(words: Words, draft: Draft | None, decider: str) -> str:
    name = escape(decider) or words.say("Somebody")
    if draft is not None and draft.state == "taken_back":
        return words.say("It has been taken back by whoever offered it.")
    if draft is not None and draft.state == "rejected":
        return words.say("{name} has rejected it already.", name=name)
    return words.say("{name} has approved it already.", name=name)
