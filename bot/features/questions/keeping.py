"""What somebody wrote to the app outside any thread, as other features may take it up. In the caller's transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import saying
from bot.features.questions import store, threads
from bot.features.questions.rules import KeptText


async def kept(session: AsyncSession, ws: str, user: str, kept_id: str) -> KeptText | None:
    """Theirs, and not yet taken up by anything; locked until the transaction ends."""
    found = await store.kept_text(session, ws, kept_id, lock=True)
    if found is None or found.user_id != user or found.question_id is not None or found.became is not None:
        return None
    return found


async def became(session: AsyncSession, taken: KeptText, what: str, *, now: datetime) -> None:
    """Another feature has made `what` of it: the message below it says so and asks no more."""
    await store.change_kept(session, taken.workspace_id, taken.id, became=what[:64])
    await saying.show_key_again(session, taken.workspace_id, threads.which_key(taken.id), now=now)
