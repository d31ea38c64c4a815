"""What is said to somebody who wants a file, and above the file."""

from collections.abc import Sequence
from datetime import date

from bot.features.customers.rules import CustomerCard
from bot.features.exports.rules import CUSTOMER, ENOUGH, OWN, TOTALS, Asked
from bot.features.members.forget_blocks import GET_DATA
from bot.slack import kit
from bot.slack.kit import Block, Element, Message, View
from bot.slack.text import clean, escape, slack_time, spoken
from bot.slack.words import Words

GET_OWN, GET_CUSTOMER, GET_TOTALS = GET_DATA, "exports:customer", "exports:totals"
OPTIONS = 100  # Slack's limit for a menu


def customer_button(words: Words, customer_id: str) -> Element:
    """On a customer's card, for whoever looks after it."""
    return kit.button(words.say("Get its data"), action=GET_CUSTOMER, value=customer_id)


def customers_section(words: Words, mine: Sequence[CustomerCard]) -> list[Block]:
    """On Home, for whoever looks after customers."""
    about = words.say("The data of a customer that you look after, for a spreadsheet.")
    if len(mine) > OPTIONS:
        how = words.say("{command}, then *Get its data*.", command="`/customer find NAME`")
        return [kit.section(f"{about} {how}")]
    options = [kit.option(clean(one.name) or one.id, one.id) for one in mine]
    menu = kit.select(action=GET_CUSTOMER, options=options, placeholder=words.say("Choose a customer"))
    return [kit.section(about, accessory=menu)]


def totals_section(words: Words, *, all_channels: bool) -> list[Block]:
    """On Home."""
    button = kit.button(words.say("Get the totals"), action=GET_TOTALS)
    about = (
        words.say("Posts, reads and answers by channel and month, for a spreadsheet.")
        if all_channels
        else words.say("Posts, reads and answers of your channels by month, for a spreadsheet.")
    )
    return [kit.section(about, accessory=button)]


def answer(words: Words, asked: Asked) -> str:
    if asked.before is None:
        return words.say("It is on its way to your messages with Canteen. It may take a minute or two.")
    again = asked.again or asked.before
    when = slack_time(asked.before, "{time}", words.moment(asked.before))
    until = slack_time(again, "{time}", words.moment(again))
    if asked.sent:
        said = words.say("I sent it to you at {time}: it is in your messages with Canteen.", time=when)
    else:
        said = words.say("You asked for it at {time}: it is on its way to your messages with Canteen.", time=when)
    return f"{said} {words.say('From {time} on I can make a new one.', time=until)}"


def window(words: Words, text: str) -> View:
    return View(type="modal", title=words.say("Your file"), close=words.say("Close"), blocks=[kit.section(text)])


def not_yours(words: Words) -> str:
    return words.say("Only whoever looks after a customer gets its data.")


def no_totals(words: Words) -> str:
    return words.say("Totals are for editors, admins and those who own a channel.")


def handed_over(words: Words, what: str, *, day: date, customer: str = "") -> Message:
    """Above the file. A file's words are plain text."""
    if what == OWN:
        said = words.say(
            "Here is what I keep about you, as of {day}: an archive of tables that any spreadsheet opens. Nobody else"
            " got it, and I keep no copy.",
            day=words.date(day),
        )
    elif what == CUSTOMER:
        said = words.say(
            "Here is what I have about {customer}, as of {day}: an archive of tables that any spreadsheet opens. It has"
            " what you may read here; please treat it as you would treat that.",
            customer=escape(clean(customer)),
            day=words.date(day),
        )
    else:
        said = words.say(
            "Here are the totals by channel and month, as of {day}. Totals of fewer than {n} are left open, and nobody"
            " is named.",
            day=words.date(day),
            n=words.number(ENOUGH),
        )
    return Message(text=spoken(said), blocks=[kit.section(said)])


def not_sent(words: Words, what: str, *, too_large: bool) -> Message:
    which = {
        OWN: words.say("The file with your data could not be made."),
        CUSTOMER: words.say("The file with a customer's data could not be made."),
        TOTALS: words.say("The file with the totals could not be made."),
    }[what]
    if too_large:
        command = f"`canteen export {'person' if what == OWN else what}`"
        cure = words.say(
            "There is too much for one file here. Whoever runs Canteen can make it: {command}", command=command
        )
    else:
        cure = words.say("Please ask for it again.")
    return kit.told(f"{which} {cure}")
