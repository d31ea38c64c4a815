"""Pictures that nothing shows any more."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Base
from bot.db.tables.quizzes import Quiz
from bot.db.tables.stories import Picture
from bot.erasure.rules import HASHES

# Whatever shows one: of which workspace, and which.
POINTING: list[tuple[ColumnElement[str], ColumnElement[str]]] = [
    (table.c.workspace_id, column)
    for table in Base.metadata.sorted_tables
    for column in table.c
    if column.name in HASHES and table.name != "pictures"
]
POINTING += [(Quiz.__table__.c.workspace_id, Quiz.content["picture"].as_string())]


async def shown(session: AsyncSession, ws: str, digest: str) -> bool:
    """By any row, also of another kind than brought it."""
    for whose, picture in POINTING:
        mine = select(picture).where(whose == ws, picture == digest).limit(1)
        if (await session.execute(mine)).first() is not None:
            return True
    return False


async def drop(session: AsyncSession, ws: str, digests: Collection[str]) -> list[str | None]:
    """Those that nothing shows: Slack's ids of their uploads, None where it was not uploaded."""
    unseen = [digest for digest in sorted(digests) if not await shown(session, ws, digest)]
    if not unseen:
        return []
    gone = delete(Picture).where(Picture.workspace_id == ws, or_(*(Picture.hash == one for one in unseen)))
    return list((await session.execute(gone.returning(Picture.slack_file))).scalars())
