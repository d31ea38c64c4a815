"""The three questions as people see them, and what editors, owners and admins see of the answers. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.features.pulse.rules import (
    FEWEST_DRAWN,
    HIGHEST,
    LEAST,
    LOWEST,
    MOST_WEEKS,
    QUESTIONS,
    Draw,
    Result,
    Tally,
)
from bot.slack import kit
from bot.slack.kit import Block, Element, Message, View
from bot.slack.text import slack_time
from bot.slack.words import Words

OPEN, ANSWER = "pulse:open", "pulse:answer"
RESULTS, ASK_NOW, SWITCH = "pulse:results", "pulse:ask_now", "pulse:switch"
STAGGER, DRAW = "pulse:stagger", "pulse:draw"
CHANNELS_BLOCK, WEEKS_BLOCK = "channels", "weeks"
OFF, ON = "off", "on"
RATHER_NOT = "0"
MOST_SHOWN, MOST_DRAWN = 20, 100


def question_text(words: Words, question: str) -> str:
    return {
        "who": words.say("Do you know who our customers are?"),
        "why": words.say("Do you know why they buy from us?"),
        "what": words.say("Do you know what your work does for them?"),
    }[question]


def scale(words: Words) -> list[str]:
    """From 1 to 5."""
    return [
        words.say("1: not at all"),
        words.say("2: a little"),
        words.say("3: somewhat"),
        words.say("4: well"),
        words.say("5: very well"),
    ]


# -- in the channel ---------------------------------------------------------------------------------------------------


def ask(words: Words, round_id: str, closes_at: datetime) -> Message:
    """The one message that offers the questions to everybody in the channel. `words` are the channel's."""
    title = words.say("Three questions, one minute")
    about = words.say("Do you know who our customers are, why they buy, and what your work does for them?")
    private = _private(words)
    until = words.moment(closes_at)
    shown = slack_time(closes_at, "{date_short_pretty} {time}", until)
    return Message(
        text=f"{title}. {about} {private} {words.say('Open until {when}.', when=until)}",
        blocks=[
            kit.section(f"*{title}*\n{about}"),
            kit.actions(kit.button(words.say("Answer"), action=OPEN, value=round_id, style="primary")),
            kit.context(f"{private} {words.say('Open until {when}.', when=shown)}"),
        ],
    )


def _private(words: Words) -> str:
    return words.say_n(
        "Anonymous: only averages are kept, and shown from {n} answer on.",
        "Anonymous: only averages are kept, and shown from {n} answers on.",
        LEAST,
    )


def closed(words: Words, answers: int, channel_id: str) -> Message:
    """`answers`: how many, 0 where they were too few to say. What they gave is shown to each who asks."""
    text = words.say("The three questions are closed. Thank you!")
    if answers >= LEAST:
        text += " " + words.say_n("{n} person answered.", "{n} people answered.", answers)
        seen = kit.button(words.say("See the averages"), action=RESULTS, value=channel_id)
        return Message(text=text, blocks=[kit.section(text), kit.actions(seen)])
    return Message(text=text, blocks=[kit.section(text)])


# -- answering --------------------------------------------------------------------------------------------------------


def questions(words: Words, round_id: str) -> View:
    """Nothing is chosen before, and nothing has to be."""
    once = words.say("Who answered and what was answered are not kept together, so you cannot change it afterwards.")
    return View(
        type="modal",
        title=words.say("Three questions"),
        callback_id=ANSWER,
        submit=words.say("Send"),
        close=words.say("Not now"),
        private=round_id,
        blocks=[
            kit.section(words.say("Leave out what you would rather not answer.")),
            *(_question(words, question) for question in QUESTIONS),
            kit.context(f"{_private(words)} {once}"),
        ],
    )


def _question(words: Words, question: str) -> Block:
    options = [kit.option(text, str(value)) for value, text in enumerate(scale(words), start=LOWEST)]
    options.append(kit.option(words.say("I would rather not say"), RATHER_NOT))
    radio: Element = {"type": "radio_buttons", "action_id": f"pulse:{question}", "options": options}
    return kit.entry(question_text(words, question), radio, block_id=question, optional=True)


def nothing_chosen(words: Words) -> str:
    return words.say("Nothing is chosen. Choose an answer to at least one question, or press Not now.")


def thanks(words: Words) -> View:
    """The same for the first time and for every other: nothing is kept that could tell them apart."""
    text = words.say("*Thank you!* Your answers count once.")
    when = words.say(
        "The averages are shown when the questions have closed, and nobody can tell which answer is whose."
    )
    return _window(words, words.say("Three questions"), [kit.section(f"{text}\n{when}")])


def already(words: Words) -> View:
    return _note(words, words.say("You have answered these questions. Thank you! Each of us answers once."))


def over(words: Words) -> View:
    return _note(words, words.say("These questions are closed. They come again in a few months."))


def not_there(words: Words) -> View:
    return _note(words, words.say("These questions are for the people who are in this channel."))


def _note(words: Words, text: str) -> View:
    return _window(words, words.say("Three questions"), [kit.section(text)])


def _window(words: Words, title: str, shown: Sequence[Block]) -> View:
    return View(type="modal", title=kit.shorten(title, 24), close=words.say("Close"), blocks=shown)


# -- results ----------------------------------------------------------------------------------------------------------


def results_button(words: Words, channel_id: str) -> Element:
    """In a channel's *More…*."""
    return kit.button(words.say("Pulse"), action=RESULTS, value=channel_id)


def results(words: Words, result: Result, *, may_ask: bool = False) -> View:
    """One channel's. `may_ask`: the reader may have the questions asked at once."""
    shown = [kit.section("\n".join([f"<#{result.channel_id}>", *_about(words, result)]))]
    if result.latest is not None:
        shown += [
            kit.section(_line(words, question, result.latest.totals[question], result))
            for question in QUESTIONS
            if question in result.latest.totals
        ]
    shown.append(kit.context(_private(words) + " " + words.say("The questions come again every quarter.")))
    if may_ask and result.open_until is None:
        shown.append(kit.actions(_ask_now(words, result.channel_id)))
    return _window(words, words.say("Pulse"), shown)


def _about(words: Words, result: Result) -> list[str]:
    lines = []
    if result.open_until is not None:
        when = slack_time(result.open_until, "{date_short_pretty} {time}", words.moment(result.open_until))
        lines.append(words.say("The questions are open until {when}. What is answered is shown after that.", when=when))
    if result.latest is not None:
        day = result.latest.round.opened_at.date()
        lines.append(words.say("Asked on {day}.", day=words.date(day)))
        if result.is_baseline:
            lines.append(words.say("This is the first time: later ones are compared with it."))
    if result.too_few:
        lines.append(
            words.say_n(
                "The last time fewer than {n} person answered, so nothing of it was kept.",
                "The last time fewer than {n} people answered, so nothing of it was kept.",
                LEAST,
            )
        )
    if not lines:
        lines.append(words.say("Nobody has been asked here yet."))
    return lines


def _line(words: Words, question: str, tally: Tally, result: Result) -> str:
    average = round(tally.average, 1)
    full = round(average)
    bar = "●" * full + "○" * (HIGHEST - full)
    count = words.say_n("{n} answer", "{n} answers", tally.answers)
    said = words.say("*{average} of {most}* ({count})", average=words.number(average), most=HIGHEST, count=count)
    lines = [question_text(words, question), f"{said} {bar}"]
    if question in result.change:
        lines.append(words.say("{change} since the first time", change=_signed(words, result.change[question])))
    if question in result.elsewhere:
        by = _signed(words, result.elsewhere[question])
        lines.append(words.say("{change} meanwhile in channels that had not started", change=by))
    return "\n".join(lines)


def _signed(words: Words, by: float) -> str:
    rounded = round(by, 1)
    if not rounded:
        return words.say("No change")
    shown = words.number(abs(rounded))
    return words.say("Up {by}", by=shown) if rounded > 0 else words.say("Down {by}", by=shown)


def _ask_now(words: Words, channel_id: str) -> Element:
    asked = kit.confirm(
        words.say("Ask now?"),
        words.say("One message goes to the channel. The next questions come a quarter later."),
        words.say("Ask"),
        words.say("Not yet"),
        danger=False,
    )
    return kit.button(words.say("Ask now"), action=ASK_NOW, value=channel_id, confirm=asked)


def asked_now(words: Words, why: str | None) -> str:
    """`why`: the code of what stood against it."""
    reasons = {
        "off": words.say("The pulse is switched off here."),
        "open": words.say("The questions are open already."),
        "removed": words.say("The channel is not set up any more."),
        "stopped": words.say("All posting is stopped, so nothing was asked."),
        "paused": words.say("The channel is paused, so nothing was asked."),
        "outsiders": words.say("People of another company can read there, so nothing was asked."),
    }
    if why is None:
        return words.say("The questions are on their way to the channel.")
    return reasons.get(why, words.say("Nothing was asked. Please try again in a moment."))


def told(words: Words, text: str) -> View:
    return _window(words, words.say("Pulse"), [kit.section(text)])


def refused(words: Words, message: Message) -> View:
    return _window(words, words.say("Pulse"), message.blocks)


# -- all channels -----------------------------------------------------------------------------------------------------


def overview(
    words: Words, found: Sequence[Result], *, total: int, off: bool, admin: bool, draws: Sequence[Draw] = ()
) -> View:
    """`found`: at most 20 of the `total` channels that the reader may see."""
    about = words.say("Do people know who our customers are · why they buy · what their own work does for them?")
    shown: list[Block] = [kit.section(about), kit.context(words.say("Averages from 1 to 5, by channel"))]
    if off:
        shown.append(kit.section(words.say("*The pulse is switched off.* Nobody is asked.")))
    shown += [_row(words, one) for one in found]
    if not found:
        shown.append(kit.section(words.say("No channel is set up yet.")))
    if total > len(found):
        more = words.say_n(
            "and {n} more channel: see its menu", "and {n} more channels: see their menus", total - len(found)
        )
        shown.append(kit.context(more))
    for draw in draws:
        days = words.say_n("{n} channel", "{n} channels", len(draw.channels))
        text = words.say(
            "Draw {id}: {channels}, from {day}.", id=f"`{draw.id}`", channels=days, day=words.date(draw.first_day)
        )
        shown.append(kit.context(text))
    if admin:
        stagger = kit.button(words.say("Start channels one by one"), action=STAGGER)
        shown.append(kit.actions(stagger, _switch(words, off=off)))
    return _window(words, words.say("Pulse"), shown)


def _row(words: Words, result: Result) -> Block:
    line = f"<#{result.channel_id}>"
    if result.latest is not None:
        totals = result.latest.totals
        averages = [words.number(round(totals[one].average, 1)) if one in totals else "–" for one in QUESTIONS]
        line += "  " + " · ".join(averages)
    else:
        line += "  " + _about(words, result)[0]
    button = kit.button(words.say("Details"), action=RESULTS, value=result.channel_id)
    return kit.section(line, accessory=button)


def _switch(words: Words, *, off: bool) -> Element:
    if off:
        return kit.button(words.say("Switch the pulse on"), action=SWITCH, value=ON)
    asked = kit.confirm(
        words.say("Switch the pulse off?"),
        words.say("Nobody is asked any more. What has been answered stays."),
        words.say("Switch off"),
        words.say("Cancel"),
    )
    return kit.button(words.say("Switch the pulse off"), action=SWITCH, value=OFF, confirm=asked)


def switched(words: Words, *, off: bool) -> str:
    if off:
        return words.say("The pulse is switched off. Questions that are open stay open until their end.")
    return words.say("The pulse is switched on.")


# -- one after the other ----------------------------------------------------------------------------------------------


def stagger(words: Words, channels: Sequence[tuple[str, str]]) -> View:
    """`channels`: (id, name) of those that have had no post yet, at most 100."""
    about = words.say(
        "Chance decides which channel starts first, so that those that start later can be compared with it. All of them"
        " are asked the three questions before the first one starts. The draw is recorded and can be repeated."
    )
    if len(channels) < FEWEST_DRAWN:
        few = words.say_n(
            "For this at least {n} channel that has had no post yet is needed.",
            "For this at least {n} channels that have had no post yet are needed.",
            FEWEST_DRAWN,
        )
        return _window(words, words.say("Start one by one"), [kit.section(about), kit.section(few)])
    chooser: Element = {
        "type": "multi_static_select",
        "action_id": "pulse:channels",
        "placeholder": kit.plain(words.say("Choose channels"), 150),
        "options": [kit.option(f"#{name}", channel) for channel, name in channels[:MOST_DRAWN]],
    }
    weeks = [
        kit.option(words.say_n("{n} week", "{n} weeks", number), str(number)) for number in range(2, MOST_WEEKS + 1)
    ]
    over_weeks = kit.select(action="pulse:weeks", options=weeks, initial=weeks[10])
    return View(
        type="modal",
        title=words.say("Start one by one"),
        callback_id=DRAW,
        submit=words.say("Draw"),
        close=words.say("Cancel"),
        blocks=[
            kit.section(about),
            kit.entry(words.say("Channels without a post so far"), chooser, block_id=CHANNELS_BLOCK),
            kit.entry(words.say("Spread over"), over_weeks, block_id=WEEKS_BLOCK),
        ],
    )


def too_few_channels(words: Words) -> str:
    return words.say_n("Choose at least {n} channel.", "Choose at least {n} channels.", FEWEST_DRAWN)


def begun_meanwhile(words: Words, names: Sequence[str]) -> str:
    shown = words.list([f"#{name}" for name in names])
    return words.say("These have had posts already, or are gone: {channels}.", channels=shown)


def no_weeks(words: Words) -> str:
    return words.say("Choose over how many weeks.")


def drawn(words: Words, draw_id: str, days: Mapping[str, date]) -> View:
    """`days`: the first day of each channel, by id."""
    lines = [
        words.say("{channel} starts on {day}", channel=f"<#{channel}>", day=words.date(day))
        for channel, day in sorted(days.items(), key=lambda one: (one[1], one[0]))
    ]
    shown = [kit.section("\n".join(lines[start : start + 20])) for start in range(0, len(lines), 20)]
    again = words.say("Draw {id}. `canteen pulse verify {id}` draws it once more from what was recorded.", id=draw_id)
    return _window(words, words.say("Drawn"), [*shown, kit.context(again)])
