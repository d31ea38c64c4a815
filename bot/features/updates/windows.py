"""The window in which an update is written or changed, and what is said below its fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.features.adoptions.hat_blocks import OPEN_HAT
from bot.features.updates import rules
from bot.features.updates.blocks import kind_label, short
from bot.features.updates.rules import (
    CHANNELS,
    CUSTOMER,
    EMBARGO,
    HEADLINE,
    KIND,
    KINDS,
    LINK,
    LONGEST,
    LONGEST_HEADLINE,
    MOST_CHANNELS,
    OFFER,
    PICTURE,
    TEXT,
    TICK,
    Barred,
    Form,
    Problem,
    Update,
)
from bot.slack import kit
from bot.slack.kit import Block, Element, View
from bot.slack.words import Words

WRITTEN, EDITED, MORE = "updates:written", "updates:edited", "updates:more"
SEARCH, SEARCH_CHANNELS = "updates:customer", "updates:channels"
FILETYPES = ["png", "jpg", "jpeg", "gif"]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the window starts with. `customer` and `channels`: names for what `form` has ids of. `more`: grown.
    `nobody`: the id of the customer of which the person has been told that nobody has it."""

    form: Form
    customer: str = ""
    channels: Mapping[str, str] = field(default_factory=dict)
    more: bool = False
    notice: str = ""
    nobody: str = ""
    actions: Sequence[Element] = ()


def private(shown: Shown) -> str:
    return f"{'more' if shown.more else ''}:{shown.nobody}"


def was_more(given: str) -> bool:
    return given.partition(":")[0] == "more"


def told_of_nobody(given: str) -> str:
    return given.partition(":")[2]


def write_window(words: Words, shown: Shown) -> View:
    form = shown.form
    blocks: list[Block] = [kit.section(shown.notice)] if shown.notice else []
    if shown.actions:
        blocks.append(kit.actions(*shown.actions))
    chosen = kit.option(shown.customer, form.customer_id) if form.customer_id and shown.customer else None
    customer = kit.search(action=SEARCH, placeholder=words.say("Type a customer's name"), initial=chosen)
    blocks.append(kit.entry(words.say("Customer"), customer, block_id=CUSTOMER))
    blocks.append(_text(words, form))
    if shown.more:
        blocks += [kit.divider(), *_more(words, shown)]
    else:
        more = kit.button(words.say("More"), action=MORE, label=words.say("Headline, picture, channels and more"))
        hint = words.say("It goes to the customer's adopters. A headline, a picture or channels are under *More*.")
        blocks += [kit.actions(more), kit.context(hint)]
    return View(
        type="modal",
        title=words.say("Write an update"),
        callback_id=WRITTEN,
        submit=words.say("Send"),
        close=words.say("Cancel"),
        private=private(shown),
        blocks=blocks,
    )


def edit_window(words: Words, update: Update, customer: str) -> View:
    """`private` is the update's id."""
    form = Form(
        customer_id=update.customer_id,
        text=update.text,
        kind=update.kind,
        headline=update.headline or "",
        link=update.link or "",
    )
    about = words.say("About *{customer}*. Whoever got it sees the change.", customer=short(customer))
    return View(
        type="modal",
        title=words.say("Change your update"),
        callback_id=EDITED,
        submit=words.say("Save"),
        close=words.say("Cancel"),
        private=update.id,
        blocks=[
            kit.section(about),
            _text(words, form),
            _kind(words, form),
            _headline(words, form),
            _link(words, form),
            _tick(words, form),
        ],
    )


def _text(words: Words, form: Form) -> Block:
    element = kit.text_input(action=TEXT, multiline=True, limit=LONGEST, initial=form.text)
    return kit.entry(words.say("What is new?"), element, block_id=TEXT)


def _kind(words: Words, form: Form) -> Block:
    options = {kind: kit.option(kind_label(words, kind), kind) for kind in KINDS}
    chosen = options.get(form.kind, options[rules.NEWS])
    element = kit.select(action=KIND, options=list(options.values()), initial=chosen)
    return kit.entry(words.say("Kind"), element, block_id=KIND, optional=True)


def _headline(words: Words, form: Form) -> Block:
    element = kit.text_input(action=HEADLINE, limit=LONGEST_HEADLINE, initial=form.headline)
    return kit.entry(words.say("Headline"), element, block_id=HEADLINE, optional=True)


def _link(words: Words, form: Form) -> Block:
    element = kit.text_input(action=LINK, initial=form.link, placeholder="https://")
    return kit.entry(words.say("Link"), element, block_id=LINK, optional=True)


def _more(words: Words, shown: Shown) -> list[Block]:
    form = shown.form
    picture: Element = {"type": "file_input", "action_id": PICTURE, "filetypes": FILETYPES, "max_files": 1}
    places: Element = kit.search(action=SEARCH_CHANNELS, placeholder=words.say("Type a channel's name"), many=True)
    places["max_selected_items"] = MOST_CHANNELS
    chosen = [kit.option(f"#{shown.channels[one]}", one) for one in form.channels if one in shown.channels]
    if chosen:
        places["initial_options"] = chosen
    until: Element = {"type": "datetimepicker", "action_id": EMBARGO}
    if form.embargo is not None:
        until["initial_date_time"] = int(form.embargo.timestamp())
    offer = _checkbox(OFFER, words.say("Offer it as a story, with my name"), ticked=form.offer)
    return [
        _kind(words, form),
        _headline(words, form),
        kit.entry(words.say("Picture"), picture, block_id=PICTURE, optional=True),
        _link(words, form),
        kit.entry(
            words.say("Also in channels"),
            places,
            block_id=CHANNELS,
            optional=True,
            hint=words.say("Adopters get it anyway."),
        ),
        kit.entry(words.say("A story?"), offer, block_id=OFFER, optional=True),
        kit.entry(
            words.say("Not before"),
            until,
            block_id=EMBARGO,
            optional=True,
            hint=words.say("Nobody gets it before this time."),
        ),
        _tick(words, form),
    ]


def _tick(words: Words, form: Form) -> Block:
    label = words.say("There is nothing personal and nothing for inside only in it")
    hint = words.say("Needed for a complaint, for channels and for a story.")
    element = _checkbox(TICK, label, ticked=form.tick)
    return kit.entry(words.say("Fit to be read?"), element, block_id=TICK, optional=True, hint=hint)


def _checkbox(action: str, label: str, *, ticked: bool) -> Element:
    choice = kit.option(label, "yes")
    element: Element = {"type": "checkboxes", "action_id": action, "options": [choice]}
    return {**element, "initial_options": [choice]} if ticked else element


def notice(words: Words, text: str, *, actions: Sequence[Element] = ()) -> View:
    blocks: list[Block] = [kit.section(text)]
    if actions:
        blocks.append(kit.actions(*actions))
    return View(type="modal", title=words.say("Updates"), close=words.say("Close"), blocks=blocks)


# -- what is said -----------------------------------------------------------------------------------------------------


def problem(words: Words, found: Problem, *, count: int = 0) -> str:
    match found:
        case Problem.NO_CUSTOMER:
            return words.say("Please choose a customer.")
        case Problem.NO_TEXT:
            return words.say("Please write something.")
        case Problem.TOO_LONG:
            return words.say("This is too long: it has {count} characters.", count=words.number(count))
        case Problem.UNUSABLE:
            return words.say("There are characters in it that cannot be sent. Please write it again.")
        case Problem.NOT_HTTPS:
            return words.say("Please give a whole address that begins with https://")
        case Problem.NO_TICK:
            return words.say("Please look whether it may be read by others, and tick this.")
        case Problem.PAST:
            return words.say("This time has passed. Please choose a later one, or none.")
        case Problem.TOO_FAR:
            return words.say("This is more than a year away. Please choose an earlier time.")
        case Problem.TOO_MANY_CHANNELS:
            return words.say_n("At most {n} channel.", "At most {n} channels.", MOST_CHANNELS)
    return words.say("Please choose a PNG, JPEG or GIF picture.")


def barred(words: Words, found: Mapping[str, Barred], names: Mapping[str, str]) -> str:
    """Below the field with the channels."""
    return " ".join(_barred(words, why, names.get(one, one)) for one, why in sorted(found.items()))


def _barred(words: Words, why: Barred, channel: str) -> str:
    match why:
        case Barred.OUTSIDERS:
            return words.say("People of other companies read #{channel}: please leave it out.", channel=channel)
        case Barred.GUESTS:
            return words.say("Guests read #{channel}: please leave it out.", channel=channel)
        case Barred.CONFIDENTIAL:
            return words.say(
                "This customer is confidential and must not be named in a channel: please leave #{channel} out.",
                channel=channel,
            )
        case Barred.NOT_NAMED:
            return words.say(
                "Nobody has said that this customer may be named in channels: please leave #{channel} out.",
                channel=channel,
            )
    return words.say("Canteen is not set up in #{channel}: please leave it out.", channel=channel)


def not_yours(words: Words, customer: str, manager: str) -> str:
    name = short(customer)
    if manager:
        return words.say("*{manager}* looks after *{customer}*.", manager=short(manager), customer=name)
    return words.say("Nobody looks after *{customer}* yet. An admin can change that.", customer=name)


def below_field(words: Words, customer: str, manager: str) -> str:
    """The same below the customer's field, where nothing is marked up."""
    if manager:
        return words.say(
            "{manager} looks after {customer}: please choose one of yours.", manager=manager, customer=customer
        )
    return words.say("You do not look after {customer}: please choose one of yours.", customer=customer)


def with_nobody(words: Words, shown: Shown, *, can_open_hat: bool) -> Shown:
    """Said, with what can be done about it. Pressing *Send* now keeps the update for those who adopt the customer."""
    hat = kit.button(words.say("Open a hat draw"), action=OPEN_HAT)
    return replace(
        shown,
        notice=nobody(words, shown.customer, can_open_hat=can_open_hat),
        nobody=shown.form.customer_id,
        actions=(hat,) if can_open_hat else (),
        more=True,
    )


def nobody(words: Words, customer: str, *, can_open_hat: bool) -> str:
    name = short(customer)
    none = words.say("Nobody has adopted *{customer}* yet, so nobody would get this.", customer=name)
    if can_open_hat:
        do = words.say("Open a hat draw, or choose a channel below to post it there.")
    else:
        do = words.say("Choose a channel below to post it there, or ask an editor to open a hat draw.")
    keep = words.say("*Send* without a channel keeps it for whoever adopts {customer}.", customer=name)
    return f"{none} {do} {keep}"


def on_its_way(words: Words, count: int, customer: str, *, held: bool = False) -> str:
    """`held`: until its embargo is over; then `count` would get it now."""
    name = short(customer)
    stored = words.say("Your update about *{customer}* is stored. Its receipt is in your messages.", customer=name)
    if held:
        so_far = words.say_n(
            "It goes to everybody who has adopted the customer by then: {n} person so far.",
            "It goes to everybody who has adopted the customer by then: {n} people so far.",
            count,
        )
        return f"{stored} {so_far}"
    if not count:
        return stored
    return words.say_n(
        "On its way to {n} adopter of *{customer}*. The receipt is in your messages.",
        "On its way to {n} adopters of *{customer}*. The receipt is in your messages.",
        count,
        customer=name,
    )


def channel_options(names: Mapping[str, str]) -> list[Element]:
    return [kit.option(f"#{name}", channel) for channel, name in list(names.items())[:100]]
