"""Reading a configured channel from Slack: what it is and who is in it."""

from bot.features.channels import following, service
from bot.features.channels.facts import read_facts
from bot.features.edge import Edge
from bot.slack.errors import Fault, SlackFault

PAGE = 1000


async def refresh(edge: Edge, workspace_id: str, channel_id: str) -> None:
    """Read one channel's facts and people, join it where that is missing, and store what is true now.

    A channel that takes nothing any more is paused and its owner told; other faults of Slack are raised.
    """
    try:
        answer = await edge.gateway.call(workspace_id, "conversations.info", channel=channel_id)
        facts = read_facts(answer)
        if not facts.archived and not facts.private and not facts.member:
            await edge.gateway.call(workspace_id, "conversations.join", channel=channel_id)
        people = () if facts.archived else await members_of(edge, workspace_id, channel_id)
    except SlackFault as fault:
        if fault.fault is not Fault.PLACE:
            raise
        code = fault.code
        await edge.sessions.run(
            lambda session: service.place_failed(
                session, workspace_id, channel_id, code, new_id=edge.new_id, now=edge.clock.now()
            )
        )
        return
    await edge.sessions.run(
        lambda session: following.learned(
            session, workspace_id, channel_id, facts, people, new_id=edge.new_id, now=edge.clock.now()
        )
    )


async def members_of(edge: Edge, workspace_id: str, channel_id: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = await edge.gateway.call(
            workspace_id, "conversations.members", channel=channel_id, limit=PAGE, cursor=cursor or None
        )
        found += [user for user in page.get("members", ()) if isinstance(user, str)]
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return found
