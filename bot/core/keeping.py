"""How long things are kept that nobody needs for ever."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Keep:
    """`deliveries`: sent and skipped. `events`: which press or event has had its effect. `audit`: entries of the trail.
    `answers`: who answered what in a quiz; totals stay. `questions`: answered or closed, with all that was said.
    `texts`: what somebody wrote to the app outside any thread. `exchanges`: since the last word. `drafts`: turned
    down or taken back. `reminders`: of customers without news. `pictures`: that nothing shows any more."""

    deliveries: timedelta = timedelta(days=400)  # recall reaches back a year
    events: timedelta = timedelta(days=2)  # Slack retries an event for up to a day
    audit: timedelta = timedelta(days=1095)
    answers: timedelta = timedelta(days=400)
    questions: timedelta = timedelta(days=730)
    texts: timedelta = timedelta(days=30)
    exchanges: timedelta = timedelta(days=730)
    drafts: timedelta = timedelta(days=400)
    reminders: timedelta = timedelta(days=400)
    pictures: timedelta = timedelta(days=30)
