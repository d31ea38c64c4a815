"""A file made for one person: its bytes go to Slack first, where nobody sees them, and are then handed over.

Slack shares a file after it has said yes, and says nothing about the message (`files.completeUploadExternal`). So the
file's own id says whether it has been handed over already: asked again, it is not handed over twice.
"""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.queue import Owed
from bot.delivery.rendering import Document, TooLargeError
from bot.slack.errors import Fault, SlackFault
from bot.slack.gateway import Gateway
from bot.slack.kit import Message

log = logging.getLogger(__name__)
LONGEST = 300.0  # s, to make it
LEASE = timedelta(seconds=LONGEST + 90)  # as another upload's after that; who asked waits so long after a crash
LOOKS, LOOK_EVERY = 10, 0.5  # s
TOO_LARGE, TOO_LONG = "too_large", "too_long"


async def prepare(gateway: Gateway, owed: Owed, document: Document) -> str:
    """The id of a file whose bytes Slack has, and which it shows nobody until it is completed."""
    data = await _made(owed, document)
    given = await gateway.call(
        owed.workspace_id, "files.getUploadURLExternal", filename=document.name, length=len(data)
    )
    await gateway.upload(owed.workspace_id, str(given["upload_url"]), data)
    return str(given["file_id"])


async def _made(owed: Owed, document: Document) -> bytes:
    try:
        async with asyncio.timeout(LONGEST):
            return await document.make()
    except TooLargeError as error:
        raise SlackFault(TOO_LARGE, Fault.CONTENT) from error
    except TimeoutError as error:
        raise SlackFault(TOO_LONG, Fault.CONTENT) from error
    except (SQLAlchemyError, OSError) as error:
        raise SlackFault("database", Fault.WAIT, detail=type(error).__name__) from error
    except Exception as error:
        log.exception("delivery %d: its file could not be made", owed.id)
        raise SlackFault("internal", Fault.CONTENT) from error


async def share(gateway: Gateway, owed: Owed, message: Message, *, not_after: float) -> str:
    """The direct message in which it stands now, with the words of `message` above it."""
    ws, file = owed.workspace_id, str(owed.ts)
    opened = await gateway.call(ws, "conversations.open", users=owed.target)
    channel = str(opened["channel"]["id"])
    if not (owed.attempts and await _handed_over(gateway, ws, file)):
        await gateway.call(
            ws,
            "files.completeUploadExternal",
            not_after=not_after,
            files=[{"id": file}],
            channel_id=channel,
            initial_comment=message.text,
        )
    return channel


async def _handed_over(gateway: Gateway, ws: str, file: str) -> bool:
    """By a call whose answer was lost: a file that is just being processed says so a little later."""
    for _ in range(LOOKS):
        try:
            found = (await gateway.call(ws, "files.info", file=file))["file"]
        except SlackFault as fault:
            if fault.code == "file_not_found":
                return False
            raise
        if found.get("shares") or found.get("ims"):
            return True
        await asyncio.sleep(LOOK_EVERY)
    return False
