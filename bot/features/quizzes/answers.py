"""What one person alone is told about a quiz: privately beneath it, and on their own Home."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from bot.core.times import local_day
from bot.features.inbox import blocks as inbox_blocks
from bot.features.quizzes.blocks import NAME_ME
from bot.features.quizzes.rules import KIND, Past, Quiz, Record, Told
from bot.slack import kit, text
from bot.slack.kit import Block, Element, Message
from bot.slack.words import Words

SCORES, WITHDRAW = "quizzes:scores", "quizzes:withdraw"


def private(said: str) -> Message:
    safe = text.escape(said)
    return Message(text=safe, blocks=[kit.section(safe)])


def receipt(words: Words, option: str | None, until: datetime, now: datetime) -> Message:
    """`option` None: receipts are turned off, so only that it counted is said. Today's time stands without its day."""
    minute = now.replace(second=0, microsecond=0)
    return _receipt_of(words, option, until, _day(until, words.zone) == _day(minute, words.zone))


_day = lru_cache(maxsize=4096)(local_day)


@lru_cache(maxsize=1024)
def _receipt_of(words: Words, option: str | None, until: datetime, today: bool) -> Message:
    """Thousands are told the same."""
    if today:
        times = text.slack_time(until, "{time}", words.time(until)), words.time(until)
    else:
        times = _shown(words, until), words.moment(until)
    shown, aloud = (_receipt(words, option, when) for when in times)
    return Message(text=aloud, blocks=[kit.section(shown)])


def _receipt(words: Words, option: str | None, when: str) -> str:
    if option is None:
        return words.say("Your answer counts. You can change it until {time}.", time=when)
    return words.say("You chose {option}. You can change it until {time}.", option=text.escape(option), time=when)


def refused(words: Words, told: Told, quiz: Quiz | None = None) -> Message:
    """Why a press did not count, to the person who pressed."""
    if told is Told.CLOSED and quiz is not None:
        at = quiz.closes_at
        shown, aloud = (_too_late(words, when) for when in (_shown(words, at), words.moment(at)))
        return Message(text=aloud, blocks=[kit.section(shown)])
    return private(why_not(words, told))


def _too_late(words: Words, when: str) -> str:
    return words.say("This quiz has closed here, so this press does not count. The answer comes {time}.", time=when)


def why_not(words: Words, told: Told) -> str:
    match told:
        case Told.REVEALED | Told.CLOSED:
            return words.say("This quiz is over, so this press does not count. Its message shows the answer.")
        case Told.COPY:
            return words.say("This is a copy of the quiz. Please answer where it was asked: there it counts.")
        case Told.OUTSIDER:
            return words.say("This quiz is for people of the company it was asked in, so your answer is not counted.")
        case Told.GUEST:
            return words.say("In this channel the answers of guests are not counted. Thank you for playing along!")
        case Told.KNEW:
            return words.say(
                "You wrote or approved this question, or were shown its right answer: yours is not counted."
            )
        case Told.NOT_A_PERSON:
            return words.say("Only people of this workspace can answer, so this press is not counted.")
        case _:
            return words.say("This quiz is no longer there, so this press does not count.")


def knows_now(words: Words, *, answered: bool) -> str:
    """Above a form in which the right answer of a question stands that is not revealed. `answered`: they had."""
    told = words.say("The right answer stands here, so your own answer to this question does not count.")
    return f"{told} {words.say('You had answered it: that answer is deleted.')}" if answered else told


def only_a_test(words: Words) -> str:
    return words.say("This is only a test: nothing was counted.")


def how_i_did(
    words: Words,
    past: Past | None,
    record: Record,
    *,
    locale: str,
    source: str | None = None,
    more: Sequence[Element] = (),
) -> Message:
    """Privately, after the reveal. `locale`: the channel's, so that options are named as they stood there. `source` and
    `more`: where to read more."""
    if past is None:
        said = words.say("You did not answer this one.")
    else:
        options = past.content.wording(locale).options
        chosen, right = options[past.option], options[past.content.right]
        said = (
            words.say("You were right: {answer}.", answer=right)
            if past.was_right
            else words.say("You chose {option}; it was {answer}.", option=chosen, answer=right)
        )
        said = f"{said} {past.content.wording(locale).why}"
    if source:
        said = f"{said}\n{words.say('Where this comes from: {source}', source=source)}"
    message = private(f"{said}\n{_so_far_right(words, record)}")
    return replace(message, blocks=[*message.blocks, kit.actions(*more)]) if more else message


def _so_far_right(words: Words, record: Record) -> str:
    if record.answered == 0:
        return words.say("This quarter you have not answered a quiz yet.")
    return words.say(
        "This quarter: {right} right of {all}.", right=words.number(record.right), all=words.number(record.answered)
    )


def scores_are_off(words: Words) -> str:
    return words.say(
        "Scores are off in this workspace, so there is none to show. While they are off, answers are deleted at each "
        "reveal. Any from before are kept, and nobody is shown them."
    )


def named(words: Words, now_named: bool) -> str:
    if now_named:
        return words.say(
            "From the next standings on you are named in them where you answer. You can stop that on Home."
        )
    return words.say("You are no longer named in standings, and taken out of those of this quarter.")


# -- Home -------------------------------------------------------------------------------------------------------------


def record(words: Words, mine: Record) -> list[Block]:
    """Somebody's own, seen by nobody else."""
    lines = [text.escape(_so_far_right(words, mine))]
    for past in mine.recent:
        wording = past.content.wording(words.locale)
        mark = (
            words.say("right")
            if past.was_right
            else words.say("it was {answer}", answer=wording.options[past.content.right])
        )
        lines.append(text.escape(f"• {wording.text} {wording.options[past.option]}: {mark}"))
    label = words.say("Stop naming me") if mine.named else words.say("Name me in standings")
    button = kit.button(label, action=NAME_ME, value="no" if mine.named else "yes")
    shown = words.say("Standings name you.") if mine.named else words.say("Standings do not name you.")
    return [
        kit.header(words.say("My quiz record")),
        kit.section("\n".join(lines)),
        kit.section(
            text.escape(f"{shown} {words.say('Only you see this record.')}"), accessory=button, block_id="quizzes-named"
        ),
    ]


def setting(words: Words, scores: bool) -> list[Block]:
    """For admins: one switch for every score and receipt of a person."""
    if scores:
        said = words.say("Quizzes show people their own score, and name in standings who wants to be named.")
        button = kit.button(
            words.say("Turn scores off"),
            action=SCORES,
            value="off",
            confirm=kit.confirm(
                words.say("Turn scores off?"),
                words.say(
                    "Records, standings and receipts end, and answers are deleted at each reveal from now on. Those to "
                    "earlier quizzes are kept, and shown to nobody unless scores are turned on again."
                ),
                words.say("Turn off"),
                words.say("Keep them"),
            ),
        )
    else:
        said = words.say("Scores of people are off: quizzes show totals only.")
        button = kit.button(words.say("Turn scores on"), action=SCORES, value="on")
    return [kit.section(text.escape(said), accessory=button, block_id="quizzes-scores")]


def scores_set(words: Words, scores: bool) -> str:
    return words.say("Scores are on.") if scores else words.say("Scores are off: only totals are shown from now on.")


def may_not_set(words: Words) -> str:
    return words.say("Only admins can change this.")


@dataclass(frozen=True, kw_only=True)
class Item:
    """A quiz, as a line of Home. `post`: any of its posts. `is_open`: its answer is not out."""

    post: str
    question: str
    channels: Sequence[str]
    at: datetime
    is_open: bool = False


def recent(words: Words, items: Sequence[Item], *, correct: bool = False) -> list[Block]:
    """The newest quizzes with *Withdraw*, for those who may; `correct`: they may correct them too."""
    blocks = [kit.header(words.say("Recent quizzes"))]
    for item in items:
        button = kit.button(
            words.say("Withdraw"),
            action=WITHDRAW,
            value=item.post,
            style="danger",
            confirm=kit.confirm(
                words.say("Withdraw this quiz?"),
                words.say("It is deleted from every channel that was asked it, with its answers, and not asked again."),
                words.say("Withdraw it"),
                words.say("Keep it"),
            ),
        )
        places = words.list([f"#{name}" for name in item.channels[:5]]) + ("…" if len(item.channels) > 5 else "")
        line = f"{text.escape(item.question)}\n{text.escape(places)} · {_shown(words, item.at)}"
        block_id = f"quizzes-recent-{item.post}"
        if correct:
            blocks += [kit.section(line), kit.actions(_correct(words, item), button, block_id=block_id)]
        else:
            blocks.append(kit.section(line, accessory=button, block_id=block_id))
    return blocks


def _correct(words: Words, item: Item) -> Element:
    """While it is open, whoever opens the form gives up their own answer: asked first."""
    confirm = kit.confirm(
        words.say("Correct this quiz?"),
        words.say("The form shows the right answer: your own will not count, also one that you gave already."),
        words.say("Correct it"),
        words.say("Leave it"),
        danger=False,
    )
    return inbox_blocks.correct_button(words, f"{KIND}:{item.post}", confirm if item.is_open else None)


def withdrawn(words: Words, places: int) -> str:
    return words.say_n(
        "Withdrawn: it is being deleted from the one channel that was asked it.",
        "Withdrawn: it is being deleted from the {n} channels that were asked it.",
        places,
    )


def may_not_withdraw(words: Words) -> str:
    return words.say("This quiz is no longer there, or only editors, admins and its channel’s owner can withdraw it.")


def _shown(words: Words, moment: datetime) -> str:
    return text.slack_time(moment, "{date_short_pretty} {time}", words.moment(moment))
