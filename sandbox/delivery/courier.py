"""Brings parcels to apps by whichever transport each app uses."""

from sandbox.clock import Clock
from sandbox.delivery.http import HttpDelivery
from sandbox.delivery.parcel import Parcel, Reply
from sandbox.delivery.socket import Sockets
from sandbox.world import App


class Courier:
    def __init__(self, clock: Clock) -> None:
        self.sockets = Sockets(clock)
        self.http = HttpDelivery(clock)

    async def deliver(self, app: App, parcel: Parcel, *, avoid: str = "") -> Reply:
        if app.delivery == "http":
            return await self.http.deliver(app, parcel)
        return await self.sockets.deliver(app.id, parcel, avoid=avoid)
