"""What every handler and job is handed: the parts of the edge, and nothing below it."""

from dataclasses import dataclass

from bot.core.clock import Clock
from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.slack.gateway import Gateway
from bot.slack.receipts import Receipts


@dataclass(frozen=True, kw_only=True)
class Edge:
    """`receipts` sends private answers from tracked tasks after the ack; `gateway` is for views and look-ups only:
    whatever must not get lost goes through `delivery.queue.enqueue`."""

    sessions: Sessions
    gateway: Gateway
    receipts: Receipts
    clock: Clock
    new_id: NewId
