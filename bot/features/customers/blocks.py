"""A customer's card, what a search finds, and the customer parts of Home."""

from collections.abc import Callable, Mapping, Sequence

from bot.features.customers.rules import CustomerCard, Imported, Made, ProductCard, Shown, Users
from bot.features.members.wish_blocks import CHANGE as WISHES
from bot.slack import kit
from bot.slack.kit import Block, Element, Message
from bot.slack.text import clean, escape, link, mention, slack_time
from bot.slack.words import Words

SHOW = "customers:show"
NAME_YES, NAME_NO = "customers:name_yes", "customers:name_no"
ALL_YES, ALL_NO = "customers:name_all_yes", "customers:name_all_no"
ADOPT = "adoptions:adopt"
MOST_PRODUCTS, MOST_ASKED, MOST_NAMES = 12, 5, 5

CardAction = Callable[[Words, str], Element]
"""A button on a customer's card: words and the customer's id in, such as *Ask about this customer*."""


def adopt_button(words: Words, customer: CustomerCard) -> Element:
    """What pressing it does is `adoptions`' own; `value` is the customer's id."""
    label = words.say("Adopt {customer}", customer=clean(customer.name))
    return kit.button(kit.shorten(label, 75), action=ADOPT, value=customer.id)


def _text(text: str, limit: int = 80) -> str:
    """Short first, then escaped: an escaped text must not be cut in the middle."""
    return escape(kit.shorten(text, limit))


def _sections(lines: Sequence[str]) -> list[Block]:
    """As few sections as Slack's 3,000 characters allow."""
    groups: list[str] = []
    for line in lines:
        if groups and len(groups[-1]) + len(line) < 2_900:
            groups[-1] += f"\n{line}"
        else:
            groups.append(line)
    return [kit.section(group) for group in groups]


def _some(words: Words, products: Sequence[str]) -> list[str]:
    """The first lines, as many as leave room: the blocks of a message share 12,000 characters."""
    kept: list[str] = []
    for line in products[:MOST_PRODUCTS]:
        if kept and sum(map(len, kept)) + len(line) > 5_000:
            break
        kept.append(line)
    more = len(products) - len(kept)
    return [*kept, words.say_n("…and {n} more product", "…and {n} more products", more)] if more else kept


def card(words: Words, shown: Shown, actions: Sequence[CardAction] = ()) -> list[Block]:
    """At most 20 blocks. What may not be shown is not in `shown` (`service.shown`)."""
    customer = shown.customer
    blocks = [kit.header(kit.shorten(customer.name, 150))]
    facts = _facts(words, shown)
    if facts:
        blocks.append(kit.fields(facts))
    if shown.made:
        lines = _some(words, [f"• {_made(words, one)}" for one in shown.made])
        blocks += _sections([f"*{words.say('What they use of ours')}*", *lines])
    if customer.website:
        blocks.append(kit.context(link(customer.website, customer.website.removeprefix("https://")[:80])))
    reminder = _reminder(words, shown)
    if reminder:
        blocks.append(kit.context(reminder))
    if actions:
        blocks.append(kit.actions(*[action(words, customer.id) for action in actions]))
    return blocks


def _facts(words: Words, shown: Shown) -> list[str]:
    customer = shown.customer
    facts = (
        (words.say("Industry"), customer.industry),
        (words.say("Country"), customer.country),
        (words.say("Customer since"), str(customer.customer_since.year) if customer.customer_since else None),
        (words.say("Revenue"), customer.revenue_band),
        (words.say("Rank by size"), str(customer.size_rank) if customer.size_rank else None),
        (words.say("Also called"), words.list(customer.aliases[:MOST_NAMES])),
        (words.say("Looked after by"), shown.manager),
        (words.say("Deputy"), shown.deputy),
    )
    return [f"*{label}*\n{_text(value, 300)}" for label, value in facts if value]


def _made(words: Words, made: Made) -> str:
    product = f"*{_text(made.product.name)}*"
    if made.team:
        product = words.say("{product}, made by {team}", product=product, team=_text(made.team.name, 60))
    things = words.list([_text(thing, 40) for thing in made.product.ends_up_in[:MOST_NAMES]])
    return words.say("{product}: ends up in {things}", product=product, things=things) if things else product


def _reminder(words: Words, shown: Shown) -> str:
    if not shown.inside:
        return ""
    if shown.customer.confidential:
        return words.say(":lock: Confidential: please do not name this customer in channels or to anybody outside.")
    if shown.customer.may_be_named is not True:
        return words.say(":lock: Please do not name this customer to guests or outside the company.")
    return ""


def card_message(words: Words, shown: Shown, actions: Sequence[CardAction] = ()) -> Message:
    """`text` says in words what the blocks show."""
    customer = shown.customer
    parts = [_text(customer.name, 150)]
    where = [_text(value) for value in (customer.industry, customer.country) if value]
    if where:
        parts.append(", ".join(where))
    if customer.customer_since:
        parts.append(words.say("Customer since {year}", year=customer.customer_since.year))
    if shown.made:
        names = [_text(one.product.name, 60) for one in shown.made[:MOST_NAMES]]
        parts.append(words.say("Uses {products}", products=words.list(names)))
    if shown.manager:
        parts.append(words.say("Looked after by {name}", name=_text(shown.manager, 100)))
    return Message(text=f"{'. '.join(parts)}.", blocks=card(words, shown, actions))


def candidates_message(words: Words, typed: str, candidates: Sequence[CustomerCard]) -> Message:
    intro = words.say("Several customers fit “{typed}”. Which one?", typed=_text(typed, 60))
    return _choice(words, intro, candidates)


def nothing_found(words: Words, typed: str, closest: Sequence[CustomerCard] = ()) -> Message:
    """Said alike of a customer that does not exist and of one this person may not read about."""
    intro = words.say("I know no customer called “{typed}”.", typed=_text(typed, 60))
    if not closest:
        return kit.told(intro)
    return _choice(words, f"{intro} {words.say('Did you mean one of these?')}", closest)


def _choice(words: Words, intro: str, customers: Sequence[CustomerCard]) -> Message:
    rows = [
        kit.section(
            _line(customer),
            accessory=kit.button(words.say("Show"), action=SHOW, value=customer.id, label=_label(words, customer)),
        )
        for customer in customers[:10]
    ]
    names = words.list([_text(customer.name, 60) for customer in customers[:10]])
    return Message(text=f"{intro} {names}.", blocks=[kit.section(intro), *rows])


def _label(words: Words, customer: CustomerCard) -> str:
    return words.say("Show {name}", name=kit.shorten(customer.name, 60))


def _line(customer: CustomerCard) -> str:
    more = " · ".join(_text(value, 40) for value in (customer.industry, customer.country) if value)
    return f"*{_text(customer.name)}*" + (f"\n{more}" if more else "")


def gone(words: Words) -> Message:
    return kit.told(words.say("I cannot find that customer. It may have been removed since."))


def which_name(words: Words, example: str = "/customer find Orion") -> Message:
    return kit.told(words.say("Which customer? Type a name or the beginning of one: {example}", example=f"`{example}`"))


def customer_options(customers: Sequence[CustomerCard]) -> list[Element]:
    """For a search field: at most 100, the value is the customer's id."""
    return [
        kit.option(
            customer.name,
            customer.id,
            " · ".join(value for value in (customer.industry, customer.country) if value),
        )
        for customer in customers[:100]
    ]


def team_products(words: Words, team: str, products: Sequence[ProductCard], users: Mapping[str, Users]) -> list[Block]:
    """My team's products and who uses them. `team` is its name; `users` only has customers that the reader may see."""
    if not products:
        return []
    lines = _some(words, [_product_line(words, product, users.get(product.id, Users())) for product in products])
    title = words.say("What {team} makes, and for whom", team=kit.shorten(team, 80))
    return [kit.header(title), *_sections(lines)]


def _product_line(words: Words, product: ProductCard, users: Users) -> str:
    line = f"• *{_text(product.name)}*"
    names = [_text(customer.name, 40) for customer in users.first[:MOST_NAMES]]
    more = users.count - len(names)
    if more > 0:
        names.append(words.say_n("{n} more", "{n} more", more))
    if names:
        line = words.say("{product}: used by {customers}", product=line, customers=words.list(names))
    things = words.list([_text(thing, 40) for thing in product.ends_up_in[:MOST_NAMES]])
    return f"{line}\n   {words.say('ends up in {things}', things=things)}" if things else line


def imports(words: Words, last: Sequence[Imported]) -> list[Block]:
    """For admins: the last import of each kind, and how to make the next."""
    title = f"*{words.say('Imports')}*"
    how = words.say("Drop a CSV file into our direct message, and you see what it would do before anything changes.")
    lines = [_imported(words, one) for one in last[:MOST_ASKED]]
    return [kit.section("\n".join([title, *lines])) if lines else kit.section(title), kit.context(how)]


def _imported(words: Words, one: Imported) -> str:
    counts = [
        words.say_n("{n} added", "{n} added", one.added),
        words.say_n("{n} changed", "{n} changed", one.changed),
        words.say_n("{n} as before", "{n} as before", one.unchanged),
        *([words.say_n("{n} refused", "{n} refused", one.refused)] if one.refused else []),
    ]
    when = slack_time(one.at, "{date_short_pretty} {time}", words.moment(one.at))
    return words.say("{file}, {when}: {counts}", file=_text(one.file_name, 60), when=when, counts=words.list(counts))


def away(words: Words, *, count: int, deputies: Sequence[str], alone: int) -> list[Block]:
    """For an account manager: who is asked while they are away. `alone`: customers without a deputy."""
    lines = [words.say_n("You look after {n} customer.", "You look after {n} customers.", count)]
    if deputies:
        named = words.list([mention(user) for user in deputies[:MOST_NAMES]])
        lines.append(words.say("While you are away, {people} will be asked.", people=named))
    if alone:
        lines.append(
            words.say_n(
                "{n} has no deputy: meanwhile the editors are asked. An admin can name one.",
                "{n} have no deputy: meanwhile the editors are asked. An admin can name one.",
                alone,
            )
        )
    button = kit.button(words.say("I am away…"), action=WISHES, label=words.say("Say when you are away"))
    return [kit.section("\n".join(lines), accessory=button)]


def naming(words: Words, count: int, customers: Sequence[CustomerCard], *, own: bool = False) -> list[Block]:
    """May these customers be named? `customers` are the first of `count`. `own`: for whoever looks after them, one by
    one; admins may answer for all."""
    if not count:
        return []
    title = words.say_n("{n} customer: may it be named?", "{n} customers: may they be named?", count)
    if own:
        title = words.say_n(
            "{n} of your customers: may it be named?", "{n} of your customers: may they be named?", count
        )
    hint = words.say("Until you answer, the name stands in no channel, and no guest is shown it.")
    blocks = [kit.header(title), kit.context(hint)]
    for customer in customers[:MOST_ASKED]:
        yes = kit.button(
            words.say("Yes"),
            action=NAME_YES,
            value=customer.id,
            label=words.say("Yes, {name} may be named", name=kit.shorten(customer.name, 40)),
        )
        no = kit.button(
            words.say("No"),
            action=NAME_NO,
            value=customer.id,
            label=words.say("No, {name} may not be named", name=kit.shorten(customer.name, 40)),
        )
        blocks += [kit.section(_line(customer)), kit.actions(yes, no)]
    if count > 1 and not own:
        blocks.append(kit.actions(_all(words, count, yes=True), _all(words, count, yes=False)))
    return blocks


def _all(words: Words, count: int, *, yes: bool) -> Element:
    if yes:
        label = words.say("Yes to all")
        asked = words.say_n("{n} customer may be named.", "All {n} customers may be named.", count)
    else:
        label = words.say("No to all")
        asked = words.say_n("{n} customer may not be named.", "None of the {n} customers may be named.", count)
    return kit.button(
        label,
        action=ALL_YES if yes else ALL_NO,
        confirm=kit.confirm(words.say("Answer for all?"), asked, words.say("Yes"), words.say("Cancel"), danger=yes),
    )
