"""What every kind of draft is asked alike before it may be published."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.strings import names_any
from bot.features.customers import service as customers
from bot.features.inbox import store
from bot.features.inbox.rules import Draft
from bot.slack.words import Words


async def picture_state(session: AsyncSession, draft: Draft, words: Words) -> str:
    """What has become of a picture that was sent with the form; "" where there is nothing to say."""
    for one in await store.pictures_of(session, draft.workspace_id, draft.id):
        if one.state == "failed":
            return words.say("A picture was sent that could not be used. Please choose another one.")
        if one.state == "wanted":
            return words.say("A picture was sent and is being fetched.")
    return ""


async def why_picture_unfinished(session: AsyncSession, draft: Draft, words: Words) -> str | None:
    if any(one.state == "wanted" for one in await store.pictures_of(session, draft.workspace_id, draft.id)):
        return words.say("Its picture is still being fetched. Please try again in a moment.")
    if draft.content.picture_hash and not draft.content.picture_alt:
        return words.say("Its picture needs words for those who cannot see it: press Edit.")
    return None


async def secrets(
    session: AsyncSession, ws: str, said_in: Mapping[str, str], customer_id: str | None, words: Words
) -> dict[str, str]:
    """Errors by field: of `said_in`, those that name a confidential customer in passing. What is about one waits
    anyway."""
    secret = await customers.confidential_names(session, ws)
    others = [name for name, whose in secret.items() if whose != customer_id]
    return {
        field: words.say("It names a customer that must not be named. Please take the name out.")
        for field, said in said_in.items()
        if names_any(said, others)
    }
