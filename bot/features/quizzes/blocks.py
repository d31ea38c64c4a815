"""How a quiz looks: asked, closed, answered, with its standings. What one person alone is told is in `answers`.

Nothing of an open quiz depends on which option is right: `asked` and `shut` are not even handed it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.features.quizzes import rules
from bot.features.quizzes.rules import Content, Post, Quiz, Result
from bot.features.quizzes.standings import BATCH, COUNTING, Standings
from bot.slack import kit, text
from bot.slack.kit import Block, Element, Message
from bot.slack.words import Words

ANSWER, MINE, NAME_ME = "quizzes:answer", "quizzes:mine", "quizzes:name_me"
BAR = 10
FALLBACK = 3800


@dataclass(frozen=True, kw_only=True)
class Shot:
    """Where Slack finds the picture: an https `url`, or an uploaded `file`'s id; `alt` says what is to be seen."""

    alt: str
    url: str | None = None
    file: str | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An open quiz as anybody may see it. `options`: id and words, in the order shown. `post`: what buttons begin with.
    `until`: when this channel's time ends; `answer_at`: when the answer comes, where that is later."""

    post: str
    question: str
    options: Sequence[tuple[str, str]]
    answered: int
    until: datetime
    answer_at: datetime
    shot: Shot | None = None


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A revealed quiz. `order`: the options as they stood while it was open."""

    post: str
    content: Content
    order: Sequence[int]
    result: Result
    winner: str | None = None
    shot: Shot | None = None
    scores: bool = True
    more: Sequence[Element] = ()


def asked(words: Words, quiz: Asked) -> Message:
    """One press answers."""
    buttons = [
        kit.actions(
            kit.button(text.clean(said), action=ANSWER, value=rules.button_value(quiz.post, option), label=said[:75])
        )
        for option, said in quiz.options
    ]
    below = f"{_so_far(words, quiz.answered)} · {words.say('open until {time}', time=_when(words, quiz.until))}"
    blocks = [*_top(quiz.question, quiz.shot), *buttons, kit.context(below)]
    blocks.append(kit.context(text.escape(words.say("Only you see what you choose."))))
    return Message(text=_aloud(words, quiz), blocks=blocks)


def shut(words: Words, quiz: Asked) -> Message:
    """This channel's time is over, and the round still runs elsewhere."""
    told = f"{_so_far(words, quiz.answered)} · {_closed(words, _when(words, quiz.answer_at))}"
    spoken = words.say("Quiz: {question}", question=_asked(quiz.question))
    return Message(
        text=_fit(spoken, _closed(words, words.moment(quiz.answer_at))),
        blocks=[*_top(quiz.question, quiz.shot), _listed(quiz), kit.context(told)],
    )


def _listed(quiz: Asked) -> Block:
    return kit.section("\n".join(f"• {text.escape(said)}" for _, said in quiz.options))


def without_pressing(words: Words, quiz: Asked) -> Message:
    """`asked` for where its buttons are left out: with its options as a list."""
    shown = asked(words, quiz)
    first = next(number for number, block in enumerate(shown.blocks) if block["type"] == "actions")
    return replace(shown, blocks=[*shown.blocks[:first], _listed(quiz), *shown.blocks[first:]])


def as_it_stands(words: Words, post: Post, quiz: Quiz, shot: Shot | None) -> Message:
    """For one who corrects it: asked, or with its answer where that is out."""
    if quiz.result is None:
        looks = Asked(
            post=rules.ONLY_A_TEST,
            question=quiz.content.wording(words.locale).text,
            options=quiz.shown_options(words.locale),
            answered=post.shown,
            until=post.closes_at,
            answer_at=quiz.closes_at,
            shot=shot,
        )
        return without_pressing(words, looks)
    order = rules.order_of(quiz.secret, quiz.content.size)
    return answered(
        words, Answered(post=post.id, content=quiz.content, order=order, result=quiz.result, shot=shot, scores=False)
    )


def _closed(words: Words, when: str) -> str:
    return words.say("Closed. The answer comes {time}, when every channel has had its time.", time=when)


def test(words: Words, quiz: Asked, channel_name: str) -> Message:
    """What would come next, as a DM."""
    note = words.say("A test, only for you: this would come next in #{channel}.", channel=channel_name)
    shown = asked(words, quiz)
    return Message(text=f"{text.escape(note)} {shown.text}", blocks=[_small(note), *shown.blocks])


def example(content: Content, secret: str, locale: str, until: datetime, shot: Shot | None) -> Asked:
    """A question as it would be asked; what is pressed in it is not counted."""
    options = content.wording(locale).options
    shown = [(rules.option_id(secret, one), options[one]) for one in rules.order_of(secret, content.size)]
    return Asked(
        post=rules.ONLY_A_TEST,
        question=content.wording(locale).text,
        options=shown,
        answered=0,
        until=until,
        answer_at=until,
        shot=shot,
    )


def answered(words: Words, quiz: Answered) -> Message:
    """The same message, after the reveal."""
    wording = quiz.content.wording(words.locale)
    right = wording.options[quiz.content.right]
    said = words.say("The right answer: {answer}", answer=right)
    blocks = [*_top(wording.text, quiz.shot), kit.section(f"*{text.escape(said)}*\n{text.escape(wording.why)}")]
    if quiz.result.shows_spread:
        blocks.append(kit.section(_spread(words, quiz)))
    blocks.append(kit.context(_how_many(words, quiz)))
    if quiz.content.source:
        blocks.append(_small(words.say("Where this comes from: {source}", source=quiz.content.source)))
    buttons = [*([_mine_button(words, quiz.post)] if quiz.scores else []), *quiz.more]
    if buttons:
        blocks.append(kit.actions(*buttons))
    return Message(text=_answer_aloud(words, quiz), blocks=blocks)


def over(words: Words) -> Message:
    """In place of an answer that must not stand there any more."""
    said = text.escape(words.say("This quiz is over. Its answer cannot be shown here any more."))
    return Message(text=said, blocks=[kit.section(said)])


def out(words: Words, question: str, right: str, answered_by: int, *, thread: bool) -> Message:
    """A new message, so that the answer shows as unread."""
    said = [words.say("The answer is out: {question} It was {answer}.", question=_asked(question), answer=right)]
    said.append(_so_far(words, answered_by) + ".")
    if thread:
        said.append(words.say("The standings are in the thread."))
    return Message(text=_fit(*said), blocks=[kit.section(text.escape(" ".join(said)))])


def story_button(words: Words, story_id: str, action: str) -> Element:
    return kit.button(words.say("Read the story"), action=action, value=f"story:{story_id}")


def _mine_button(words: Words, post: str) -> Element:
    return kit.button(words.say("How did I do?"), action=MINE, value=post)


def _top(question: str, shot: Shot | None) -> Iterator[Block]:
    if shot is not None:
        yield kit.image(alt=text.clean(shot.alt), url=shot.url, file=shot.file)
    yield kit.header(text.clean(question))


def _small(said: str) -> Block:
    """A line in small print, in which nothing is parsed."""
    return {"type": "context", "elements": [kit.plain(kit.shorten(text.clean(said), 2000))]}


def _asked(question: str) -> str:
    return question if question[-1:] in "?!.…" else f"{question}?"


def _so_far(words: Words, answered_by: int) -> str:
    if answered_by == 0:
        return words.say("Nobody has answered yet")
    return words.say_n("One has answered", "{n} have answered", answered_by)


def _when(words: Words, moment: datetime) -> str:
    return text.slack_time(moment, "{date_short_pretty} {time}", words.moment(moment))


def _aloud(words: Words, quiz: Asked) -> str:
    """The whole quiz without its looks. Without the number of answers: it would be read again at every change."""
    said = words.say(
        "Quiz: {question} Choose one of: {options}.",
        question=_asked(quiz.question),
        options=words.list([said for _, said in quiz.options]),
    )
    return _fit(said, words.say("Open until {time}.", time=words.moment(quiz.until)))


def _fit(*parts: str) -> str:
    """Escaped, as many of the parts as a message's text takes: it counts bytes."""
    said = ""
    for part in parts:
        longer = f"{said} {text.escape(part)}".strip()
        if len(longer.encode()) <= FALLBACK:
            said = longer
    return said


def _bar(share: int) -> str:
    full = (share * BAR + 50) // 100
    return "▰" * full + "▱" * (BAR - full)


def _spread(words: Words, quiz: Answered) -> str:
    """Numbers first, so that whoever listens may skip the bar; the right one is marked by a word."""
    options = quiz.content.wording(words.locale).options
    shares = rules.shares(quiz.result.counts)
    lines = []
    for one in quiz.order:
        line = words.say(
            "{option}: {count} of {all}, {share}%",
            option=options[one],
            count=words.number(quiz.result.counts[one]),
            all=words.number(quiz.result.answered),
            share=words.number(shares[one]),
        )
        mark = f" ({words.say('right')})" if one == quiz.content.right else ""
        lines.append(f"{text.escape(line)}{mark}\n{_bar(shares[one])}")
    return "\n".join(lines)


def _how_many(words: Words, quiz: Answered) -> str:
    said = [_so_far(words, quiz.result.answered)]
    if quiz.result.answered and not quiz.result.shows_spread:
        said.append(words.say("how they chose is shown from five answers on"))
    if quiz.winner:
        said.append(words.say("{team} knew best", team=quiz.winner))
    return text.escape(" · ".join(said))


def _answer_aloud(words: Words, quiz: Answered) -> str:
    wording = quiz.content.wording(words.locale)
    said = [
        words.say(
            "The answer to “{question}” is {answer}.", question=wording.text, answer=wording.options[quiz.content.right]
        ),
        wording.why,
        _so_far(words, quiz.result.answered) + ".",
    ]
    if quiz.result.shows_spread:
        shares = rules.shares(quiz.result.counts)
        parts = [
            words.say("{option} {share}%", option=wording.options[one], share=words.number(shares[one]))
            for one in quiz.order
        ]
        said.append(words.list(parts) + ".")
    return _fit(*said)


# -- standings --------------------------------------------------------------------------------------------------------


def standings(words: Words, table: Standings, names: Mapping[str, str], teams: Sequence[tuple[str, int]]) -> Message:
    """In the thread of the answer. Only those who want it are named."""
    title = words.say("Standings of this channel, this quarter")
    said = []
    if teams:
        knew = [
            words.say_n("{team} once", "{team} {n} times", times, team=kit.shorten(team, 80))
            for team, times in teams[:5]
        ]
        said.append(words.say("Knew best: {teams}", teams=words.list(knew)))
    said += [_line(words, line.place, kit.shorten(names[line.user_id], 80), line.points) for line in table.lines]
    if table.more:
        said.append(
            words.say_n("…and one more shares the last place", "…and {n} more share the last place", table.more)
        )
    if table.rounds and not table.lines:
        said.append(words.say("Nobody who answered here lets themselves be named yet."))
    rule = _rule(words, table)
    blocks = [kit.header(title), *([_plain("\n".join(said))] if said else []), kit.context(rule)]
    button = kit.button(words.say("Name me in standings"), action=NAME_ME, value="yes")
    return Message(text=_fit(f"{title}.", *said, rule), blocks=[*blocks, kit.actions(button)])


def _plain(said: str) -> Block:
    """People's names, in which nothing is parsed."""
    return {"type": "section", "text": kit.plain(text.clean(said))}


def _line(words: Words, place: int, name: str, points: int) -> str:
    return words.say_n(
        "{place}. {name}, one point", "{place}. {name}, {n} points", points, place=words.number(place), name=name
    )


def _rule(words: Words, table: Standings) -> str:
    rule = words.say(
        "The best {best} of every {batch} quizzes count, so that standings never tell how anybody answered one.",
        best=words.number(COUNTING),
        batch=words.number(BATCH),
    )
    if not table.rounds:
        coming = words.say_n("They begin after one more quiz.", "They begin after {n} more quizzes.", table.until_next)
        return f"{rule} {coming}"
    coming = words.say_n("They change after one more quiz.", "They change after {n} more quizzes.", table.until_next)
    return f"{rule} {coming}"


# -- what editors are told --------------------------------------------------------------------------------------------


def nothing_left(words: Words, *, channel_name: str) -> Message:
    said = text.escape(
        words.say(
            "#{channel} has had every question it may get, so its time passed without a quiz. Import more, or write "
            "one in the inbox. I’ll say so at most once a week.",
            channel=channel_name,
        )
    )
    return Message(text=said, blocks=[kit.section(said)])
