"""What a channel may know of a quiz at this moment, and where its readers go on: the story, the customer."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.features.channels import service as channels
from bot.features.channels.seams import Audience
from bot.features.customers import blocks as customers_blocks
from bot.features.customers import service as customers
from bot.features.quizzes import bank, blocks, rules
from bot.features.quizzes.rules import Content, Post, Quiz, Record
from bot.features.stories import blocks as stories_blocks
from bot.features.stories import service as stories
from bot.slack.kit import Element
from bot.slack.words import Words

STORIES_TRIED = 5
GUEST = customers.Viewer(guest=True)


async def may_stand(session: AsyncSession, quiz: Quiz, audience: Audience) -> str | None:
    """Rights, consent and guests are read again at send; the code why it must not be asked there."""
    customer = None
    if quiz.content.customer_id is not None:
        customer = await customers.get(session, quiz.workspace_id, quiz.content.customer_id)
        if customer is None or customer.confidential or customer.may_be_named is not True:
            return "not_nameable"
    secret = await customers.confidential_names(session, quiz.workspace_id)
    if rules.mentions(quiz.content, [name for name, whose in secret.items() if whose != quiz.content.customer_id]):
        return "not_nameable"
    if audience.outsiders and (
        customer is not None or rules.mentions(quiz.content, await bank.customer_names(session, quiz.workspace_id))
    ):
        return "outsiders"
    question = await bank.question(session, quiz.workspace_id, quiz.question_id)
    if question is None or question.withdrawn_at is not None:
        return "gone"
    return "consent" if audience.public_only and question.consent != "public" else None


async def must_not_name(session: AsyncSession, post: Post, quiz: Quiz) -> str | None:
    """Since it was asked, people of another company or guests may have come into the channel, or the customer may have
    become confidential: then the answer does not name it there."""
    audience = await channels.audience(session, post.workspace_id, post.channel_id)
    why = await may_stand(session, quiz, audience) if audience else None
    return why if why in {"outsiders", "not_nameable", "consent"} else None


async def guests_may_read(session: AsyncSession, ws: str, content: Content) -> bool:
    """Of what they answered themselves as well: what was asked may have been taken back since."""
    if content.customer_id is None:
        return True
    customer = await customers.get(session, ws, content.customer_id)
    return customer is not None and customers.visible(customer, GUEST)


async def as_read_by(session: AsyncSession, ws: str, record: Record, *, guest: bool) -> Record:
    """Somebody's record with those of their answers that they may still read."""
    if not guest:
        return record
    recent = [past for past in record.recent if await guests_may_read(session, ws, past.content)]
    return replace(record, recent=tuple(recent))


async def about_the_customer(session: AsyncSession, words: Words, post: Post, quiz: Quiz) -> list[Element]:
    """*Read the story* and *Adopt this customer*, where there is one that the channel may know of."""
    customer_id = quiz.content.customer_id
    customer = await customers.get(session, post.workspace_id, customer_id) if customer_id else None
    audience = await channels.audience(session, post.workspace_id, post.channel_id)
    if customer is None or audience is None or await may_stand(session, quiz, audience):
        return []
    found = await stories_of(session, words, audience, customer.id)
    if customer.adoptable:
        found.append(customers_blocks.adopt_button(words, customer))
    return found


async def read_more(session: AsyncSession, words: Words, post: Post, quiz: Quiz) -> list[Element]:
    """*Read the story*, for one who asks how they did."""
    audience = await channels.audience(session, post.workspace_id, post.channel_id)
    if quiz.content.customer_id is None or audience is None or await may_stand(session, quiz, audience):
        return []
    return await stories_of(session, words, audience, quiz.content.customer_id)


async def stories_of(session: AsyncSession, words: Words, audience: Audience, customer_id: str) -> list[Element]:
    """The newest that the channel may read, if any."""
    now = await db_now(session)
    for story_id in await bank.stories_about(session, audience.workspace_id, customer_id, limit=STORIES_TRIED):
        sight = await stories.sight(session, audience, story_id, {}, now=now)
        if sight is not None and sight.refused is None:
            return [blocks.story_button(words, story_id, stories_blocks.READ)]
    return []
