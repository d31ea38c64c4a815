"""Short-lived keys Slack hands to an app: trigger ids and response URLs."""

from dataclasses import dataclass

from sandbox.errors import SlackError

TRIGGER_LIFE = 3.0
RESPONSE_LIFE = 30 * 60.0
RESPONSE_USES = 5


@dataclass(kw_only=True)
class Trigger:
    id: str
    app_id: str
    team: str
    user: str
    made: float
    view: str | None = None
    used: bool = False


@dataclass(kw_only=True)
class ResponseUrl:
    id: str
    app_id: str
    team: str
    user: str
    channel: str
    made: float
    message_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0


class Tickets:
    def __init__(self) -> None:
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}

    def add_trigger(self, trigger: Trigger) -> str:
        self._triggers[trigger.id] = trigger
        return trigger.id

    def exchange(self, trigger_id: str, app_id: str, now: float) -> Trigger:
        """The interaction behind a trigger id: within 3 s, once, and only for the app it was given to."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None or trigger.app_id != app_id:
            raise SlackError("invalid_trigger_id")
        if now - trigger.made > TRIGGER_LIFE:
            raise SlackError("expired_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        trigger.used = True
        return trigger

    def add_url(self, url: ResponseUrl) -> str:
        self._urls[url.id] = url
        return url.id

    def use_url(self, key: str, now: float) -> ResponseUrl:
        url = self._urls.get(key)
        if url is None:
            raise SlackError("not_found")
        if now - url.made > RESPONSE_LIFE:
            raise SlackError("expired_url")
        if url.uses >= RESPONSE_USES:
            raise SlackError("used_url")
        url.uses += 1
        return url
