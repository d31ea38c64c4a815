"""A picture that somebody shared in Slack, fetched and made safe."""

import asyncio
from dataclasses import dataclass

from bot.slack.errors import LATER, SlackFault
from bot.slack.gateway import Gateway
from bot.slack.pictures import Picture, PictureError, encode


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A `picture`, or `why` there is none: Slack's code or `PictureError`'s. `again`: it may come later."""

    picture: Picture | None = None
    again: bool = False
    why: str = ""


async def fetch(gateway: Gateway, workspace_id: str, url: str) -> Fetched:
    try:
        raw = await gateway.download(workspace_id, url)
        return Fetched(picture=await asyncio.to_thread(encode, raw))
    except SlackFault as fault:
        return Fetched(again=fault.fault in LATER, why=fault.code)
    except PictureError as error:
        return Fetched(why=error.why)
