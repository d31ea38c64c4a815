"""The Home tab's frame: a greeting, my team, and what the features have to show."""

import re
from collections.abc import Sequence

from bot.features.home import rules
from bot.features.home.seams import TeamLike
from bot.slack import kit
from bot.slack.kit import Block, Element, Message, View
from bot.slack.text import clean, escape, spoken
from bot.slack.words import Words

CHOOSE_TEAM, NOT_NOW = "home:team", "home:team_not_now"
MESSAGE_BLOCKS, ALOUD = 49, 1_000
LABELLED = re.compile(r"<[^<>|]*\|([^<>]*)>")  # a date or a link, with what stands for it
OPTIONS = 100  # Slack's limit for a menu; with more teams the person types


def home_view(words: Words, *, name: str, team: Sequence[Block], sections: Sequence[Sequence[Block]]) -> View:
    """`team` is what `my_team` gave. `name` "" is someone not read from Slack yet."""
    hello = words.say("Hello {name}", name=clean(name)) if name else words.say("Hello")
    frame = [kit.header(kit.shorten(hello, 150)), *team]
    shown = [section for section in sections if section]
    if not shown:
        shown = [[kit.section(words.say("Nothing here yet. Stories about our customers will show up here."))]]
    more = kit.context(words.say("There is more than fits on this page."))
    return View(type="home", blocks=rules.fitting(frame, shown, kit.divider(), more))


def mine(words: Words, shown: Sequence[Block]) -> Message:
    """After `/customer mine`: what Home shows of my customers, as far as a message holds it."""
    if not shown:
        none = words.say(
            "You have no customer of your own yet. {command} shows whom you can adopt.", command="`/customer adopt`"
        )
        return kit.told(none)
    kept = list(shown[:MESSAGE_BLOCKS])
    if len(shown) > MESSAGE_BLOCKS:
        kept.append(kit.context(words.say("There is more on Home.")))
    said = [str(block["text"]["text"]) for block in kept if block["type"] in {"section", "header"} and "text" in block]
    aloud = spoken(LABELLED.sub(r"\1", "\n".join(said)))
    return Message(text=kit.shorten(aloud, ALOUD), blocks=kept)


def trouble(words: Words, *, uncertain: int, failed: int, days: int) -> list[Block]:
    """For admins: messages of the last days that did not arrive, and what to do about them."""
    if not uncertain and not failed:
        return []
    lines = [f"*{words.say('Messages in trouble')}*"]
    if failed:
        lines.append(
            words.say_n(
                "{n} message failed for good in the last {days} days.",
                "{n} messages failed for good in the last {days} days.",
                failed,
                days=words.number(days),
            )
        )
    if uncertain:
        lines.append(
            words.say_n(
                "{n} message may or may not have arrived: Slack gave no clear answer, so it is not sent again.",
                "{n} messages may or may not have arrived: Slack gave no clear answer, so they are not sent again.",
                uncertain,
            )
        )
    lines.append(
        words.say(
            "Whoever runs Canteen sees why with {command}, and settles each with {settle}.",
            command="`canteen deliveries`",
            settle="`canteen deliveries settle`",
        )
    )
    return [kit.section("\n".join(lines))]


def my_team(words: Words, *, team_id: str | None, teams: Sequence[TeamLike], ask: bool) -> list[Block]:
    """With a team: which, and how to change it. Without: the question, once (`ask`), then a quiet line."""
    if not teams:
        return []
    mine = next((team for team in teams if team.id == team_id), None)
    if mine is not None:
        text = words.say("Your team: *{team}*", team=escape(mine.name))
        return [kit.section(text, accessory=_menu(words, teams, mine), block_id=CHOOSE_TEAM)]
    if not ask:
        text = words.say("You have not chosen a team.")
        return [kit.section(text, accessory=_menu(words, teams, None), block_id=CHOOSE_TEAM)]
    question = words.say("Which team are you in?")
    why = words.say("Then you see here where your team's work ends up. You can change it at any time.")
    later = kit.button(words.say("Not now"), action=NOT_NOW)
    return [
        kit.section(f"*{question}*\n{why}"),
        kit.actions(_menu(words, teams, None), later, block_id=CHOOSE_TEAM),
    ]


def _menu(words: Words, teams: Sequence[TeamLike], mine: TeamLike | None) -> Element:
    initial = None if mine is None else _option(mine)
    if len(teams) > OPTIONS:
        return kit.search(action=CHOOSE_TEAM, placeholder=words.say("Type a team's name"), minimum=1, initial=initial)
    options = [_option(team) for team in teams]
    return kit.select(action=CHOOSE_TEAM, options=options, initial=initial, placeholder=words.say("Choose a team"))


def _option(team: TeamLike) -> Element:
    return kit.option(clean(team.name) or team.id, team.id)


def team_options(teams: Sequence[TeamLike], typed: str) -> list[Element]:
    """What fits as far as it is typed: names that begin so first."""
    key = typed.strip().casefold()
    fit = [team for team in teams if key in team.name.casefold()]
    fit.sort(key=lambda team: not team.name.casefold().startswith(key))
    return [_option(team) for team in fit[:OPTIONS]]
