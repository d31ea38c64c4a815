"""What people see of questions and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.features.questions.rules import Answer, File, Question
from bot.slack import kit
from bot.slack.kit import Block, Element, Message
from bot.slack.text import clean, escape
from bot.slack.words import Words

ASK, ANSWER_IT, PASS_ON = "questions:ask", "questions:answer", "questions:pass_on"
WHICH, CHOSEN = "questions:which", "questions:chosen"
PIECE = 2800  # of a long text in one section
PIECES = 12
ALOUD = 300


def ask_button(words: Words, customer_id: str, post_id: str = "") -> Element:
    """For a story, a card: leads to the modal *Ask about a customer*."""
    return kit.button(words.say("Ask about this customer"), action=ASK, value=f"{customer_id}:{post_id}")


def answer_button(words: Words, question_id: str, label: str = "") -> Element:
    """`label` is what a screen reader says where several stand below one another."""
    return kit.button(words.say("Answer"), action=ANSWER_IT, value=question_id, style="primary", label=label)


def said(text: str) -> list[Block]:
    """People's text as it was written: Slack reads nothing into plain text."""
    whole = clean(text).strip()
    pieces = [whole[start : start + PIECE] for start in range(0, len(whole), PIECE)][:PIECES]
    return [{"type": "section", "text": kit.plain(piece)} for piece in pieces if piece.strip()]


def aloud(text: str) -> str:
    """A beginning for the message's `text`, which notifications show and screen readers read."""
    return escape(kit.shorten(" ".join(clean(text).split()), ALOUD))


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What came with a text. `pictures`: Slack's id of our copy, by the shared file's id."""

    by: str
    files: Sequence[File]
    pictures: Mapping[str, str]


def shared(words: Words, what: Shared) -> list[Block]:
    blocks: list[Block] = []
    for file in what.files:
        copy = what.pictures.get(file.id)
        if copy:
            alt = words.say("A picture from {name}", name=clean(what.by)) if what.by else words.say("A picture")
            blocks.append(kit.image(alt=alt, file=copy))
        elif not file.is_picture:
            line = words.say("{name} attached {file}; ask {name} for it.", name=escape(what.by), file=escape(file.name))
            blocks.append(kit.context(line))
        else:
            blocks.append(kit.context(words.say("{name} sent a picture.", name=escape(what.by))))
    return blocks


def somebody(words: Words, name: str) -> str:
    return name or words.say("Somebody")


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A question as one of those who may answer it sees it. `status` is one line in our words, "" where it is open."""

    question: Question
    asker: str
    team: str
    customer: str
    shared: Shared
    status: str = ""
    can_answer: bool = True
    can_pass: bool = True


def to_answer(words: Words, asking: Asking) -> Message:
    who = f"*{escape(asking.asker)}*" + (f" ({escape(asking.team)})" if asking.team else "")
    intro = words.say("{who} asks about *{customer}*:", who=who, customer=escape(asking.customer))
    spoken = words.say("{who} asks about {customer}:", who=escape(asking.asker), customer=escape(asking.customer))
    blocks = [kit.section(intro), *said(asking.question.text), *shared(words, asking.shared)]
    if asking.status:
        blocks.append(kit.context(asking.status))
    if asking.can_answer:
        how = words.say(
            "Write your answer in this thread, or press *Answer*. It goes to {name}.", name=escape(asking.asker)
        )
        blocks.append(kit.context(how))
        buttons = [answer_button(words, asking.question.id)]
        if asking.can_pass:
            buttons.append(kit.button(words.say("Pass to the editors"), action=PASS_ON, value=asking.question.id))
        blocks.append(kit.actions(*buttons))
    return Message(text=f"{spoken} {aloud(asking.question.text)}".strip(), blocks=blocks)


def for_admin(words: Words, asking: Asking) -> Message:
    """Admins cannot answer for a customer they do not look after; they can name somebody who can."""
    shown = to_answer(words, asking)
    cure = words.say("Nobody can answer it: make somebody an editor, or give the customer an account manager.")
    return Message(text=shown.text, blocks=[*shown.blocks, kit.section(cure)])


def taken_back(words: Words, asker: str) -> Message:
    return kit.told(words.say("{name} took this question back.", name=escape(asker)))


@dataclass(frozen=True, kw_only=True)
class Relayed:
    """One thing said, as the other side sees it. `quoted`: the question, where the message opens a thread."""

    answer: Answer
    author: str
    customer: str
    shared: Shared
    quoted: str | None = None


def relayed_answer(words: Words, relayed: Relayed) -> Message:
    name, customer = escape(relayed.author), escape(relayed.customer)
    intro = words.say("*{name}* answers your question about *{customer}*:", name=name, customer=customer)
    spoken = words.say("{name} answers your question about {customer}:", name=name, customer=customer)
    if relayed.answer.deleted:
        gone = words.say("{name} took the answer back.", name=name)
        return Message(text=gone, blocks=[*_quoted(words, relayed.quoted), kit.section(gone)])
    blocks = [kit.section(intro), *_quoted(words, relayed.quoted), *said(relayed.answer.text)]
    blocks += shared(words, relayed.shared)
    if relayed.quoted is not None:
        blocks.append(kit.context(words.say("Write in this thread to say or ask more.")))
    return Message(text=f"{spoken} {aloud(relayed.answer.text)}".strip(), blocks=blocks)


def _quoted(words: Words, question: str | None) -> list[Block]:
    if question is None:
        return []
    asked = words.say("You asked: {question}", question=aloud(question))
    return [kit.context(asked)]


def follow_up(words: Words, relayed: Relayed) -> Message:
    name = escape(relayed.author)
    intro = words.say("*{name}* writes:", name=name)
    spoken = words.say("{name} writes:", name=name)
    blocks = [kit.section(intro), *said(relayed.answer.text), *shared(words, relayed.shared)]
    return Message(text=f"{spoken} {aloud(relayed.answer.text)}".strip(), blocks=blocks)


def which_customer(words: Words, kept_id: str, text: str, refused: str = "", picture: Element | None = None) -> Message:
    """`refused`: why it could not be asked about the one that was chosen. `picture`: the button for a photo that is no
    question."""
    question = words.say("Which customer is this about?")
    blocks: list[Block] = [kit.section(f"*{question}*")]
    if text:
        blocks.append(kit.context(words.say("You wrote: {text}", text=aloud(text))))
    if refused:
        blocks.append(kit.section(refused))
    blocks.append(
        kit.actions(
            kit.search(action=WHICH, placeholder=words.say("Type a customer's name"), minimum=1),
            kit.button(words.say("Ask"), action=CHOSEN, value=kept_id, style="primary"),
            block_id=WHICH,
        )
    )
    if picture is None:
        return Message(text=question, blocks=blocks)
    other = words.say("Or is it a photo of our work that you saw somewhere?")
    blocks += [kit.section(other), kit.actions(picture)]
    return Message(text=f"{question} {other}", blocks=blocks)


def passed_to_editors(words: Words) -> str:
    return words.say("Passed to the editors.")
