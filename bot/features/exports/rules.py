"""What may be had as a file, how often, and from how many on a total is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.features.members.rights import Action

OWN, CUSTOMER, TOTALS = "own", "customer", "totals"
ACTION: Mapping[str, Action] = {
    OWN: Action.EXPORT_OWN,
    CUSTOMER: Action.EXPORT_CUSTOMER,
    TOTALS: Action.EXPORT_TOTALS,
}
EVERY = timedelta(hours=1)  # of one thing, for one person
LATE = timedelta(hours=1)  # what could not be sent by then may be asked for again
LARGEST = 20 * 1024 * 1024  # bytes as they are sent, packed; ten times as much unpacked
ENOUGH = 5  # a total of fewer could be about one person


@dataclass(frozen=True, kw_only=True)
class Wish:
    """`user` asks; `subject`: their own id, a customer's, or the workspace's. `channels`: of which totals are wanted;
    None for all."""

    workspace_id: str
    user: str
    what: str
    subject: str
    channels: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`before`: when the same was asked for within the last hour; then nothing new is on its way. `sent`: it has
    arrived."""

    before: datetime | None = None
    sent: bool = False

    @property
    def again(self) -> datetime | None:
        return None if self.before is None else self.before + EVERY
