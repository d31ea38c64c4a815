"""What may be seen of the pulse: averages of rounds that have closed, with at least five answers. In the caller's
transaction."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.channels import service as channels_service
from bot.features.channels.service import Channel
from bot.features.members import service as members
from bot.features.members.service import Action, Person
from bot.features.pulse import rules, service, store
from bot.features.pulse.rules import Closed, Result, Round


async def of(session: AsyncSession, workspace_id: str, channels: Sequence[Channel], *, others: int = 1) -> list[Result]:
    """In the order given. `others`: of how many channels at least a comparison has to be made, so that who may see only
    their own channel cannot read another's out of it."""
    ids = {one.channel_id for one in channels}
    drawn = {one: await store.same_draw(session, workspace_id, one) for one in sorted(ids)}
    closed = await service.closed_rounds(session, workspace_id, ids.union(*drawn.values()))
    opened = await service.open_rounds(session, workspace_id, ids)
    return [
        _result(
            channel,
            closed.get(channel.channel_id, []),
            [closed.get(one, []) for one in sorted(drawn[channel.channel_id])],
            opened.get(channel.channel_id),
            others=others,
        )
        for channel in channels
    ]


def _result(
    channel: Channel,
    rounds: Sequence[Closed],
    neighbours: Sequence[Sequence[Closed]],
    opened: Round | None,
    *,
    others: int,
) -> Result:
    useful = [one for one in rounds if one.totals]
    open_until = opened.closes_at if opened else None
    if not useful:
        return Result(channel_id=channel.channel_id, too_few=bool(rounds), open_until=open_until)
    latest, baseline = useful[-1], rules.baseline_of(rounds)
    first = baseline is None or baseline.round.id == latest.round.id
    return Result(
        channel_id=channel.channel_id,
        latest=latest,
        is_baseline=first,
        change={} if first or baseline is None else rules.change(baseline.totals, latest.totals),
        elsewhere=rules.comparison(neighbours, until=latest.round.closes_at, least=others),
        too_few=not rounds[-1].totals,
        open_until=open_until,
    )


async def known_to(session: AsyncSession, person: Person) -> list[Channel]:
    """The channels whose results this person may see: editors and admins all, everybody else the public ones, those
    they are in, and those they own."""
    ws, user = person.workspace_id, person.user_id
    every = await channels_service.all(session, ws)
    if members.able(person, Action.SEE_EVERY_PULSE):
        return every
    mine = {one.channel_id for one in await channels_service.my_channels(session, ws, user)}
    return [one for one in every if not one.private or one.channel_id in mine or one.is_owned_by(user)]


def others_for(person: Person) -> int:
    """Editors and admins see every channel by itself, others not the private ones."""
    return 1 if members.able(person, Action.SEE_EVERY_PULSE) else 2
