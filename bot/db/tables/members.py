"""People, their roles and the audit trail."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables.base import SLACK_ID, Base, InWorkspace, personal

NOBODY = "nobody in Slack"
OPERATOR = "whoever runs Canteen"
DETAILS = "whoever runs Canteen; which role was given or taken also admins"
AUDITORS = "admins, and whoever runs Canteen"
AUDITED = "1095 days"
SELF = "the person"
COLLEAGUES = "colleagues, where it matters: who looks after a customer, who is an admin"
TURNS = "until another takes a turn eight days later"
DND = "until it is read again: before the next direct message"
DND_WANTED = text("dnd_wanted_at IS NOT NULL")
AS_IN_SLACK = "as in Slack, read again daily; of people who have left until erased"


class Member(InWorkspace, Base):
    """A person of Slack. `kind`: member, guest, single_channel_guest, external, bot, deactivated."""

    __tablename__ = "members"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID), primary_key=True, info=personal("Slack's id of the person: whose row this is", seen_by=NOBODY)
    )
    name: Mapped[str] = mapped_column(
        Text,
        info=personal("the name shown in Slack, for cards and lists of admins", seen_by=COLLEAGUES, kept=AS_IN_SLACK),
    )
    email: Mapped[str | None] = mapped_column(
        Text, info=personal("matches the person to the rows of imported files", seen_by=NOBODY, kept=AS_IN_SLACK)
    )
    kind: Mapped[str] = mapped_column(
        String(24),
        default="member",
        info=personal("member, guest, external or deactivated: decides what may be shown", seen_by=NOBODY),
    )
    zone: Mapped[str] = mapped_column(
        String(64), default="UTC", info=personal("the time zone, for quiet hours and times", seen_by=SELF)
    )
    locale: Mapped[str] = mapped_column(
        String(35), default="en", info=personal("the language Canteen answers in", seen_by=SELF)
    )
    team_id: Mapped[str | None] = mapped_column(
        String(32), info=personal("the team, so that Home shows its products", seen_by=SELF)
    )
    team_asked_at: Mapped[datetime | None] = mapped_column(
        info=personal("when the person chose a team or would not, so that they are asked once", seen_by=NOBODY)
    )
    home_opened_at: Mapped[datetime | None] = mapped_column(
        info=personal("the last time Home was opened, so that only open ones are kept fresh", seen_by=NOBODY)
    )
    dm_channel: Mapped[str | None] = mapped_column(
        String(SLACK_ID), info=personal("where direct messages to the person go", seen_by=NOBODY)
    )
    paused_until: Mapped[datetime | None] = mapped_column(
        info=personal("until when the person wants no direct messages", seen_by=SELF)
    )
    stopped_at: Mapped[datetime | None] = mapped_column(
        info=personal("when the person stopped direct messages", seen_by=SELF, kept="until they start them again")
    )
    dm_every: Mapped[str | None] = mapped_column(
        String(16), info=personal("how often direct messages may come: weekly, or daily where empty", seen_by=SELF)
    )
    quiet_from: Mapped[time | None] = mapped_column(info=personal("the person's own quiet hours", seen_by=SELF))
    quiet_until: Mapped[time | None] = mapped_column(info=personal("the person's own quiet hours", seen_by=SELF))
    quiet_days: Mapped[str | None] = mapped_column(
        String(7), info=personal("days of the week on which the person wants no direct messages", seen_by=SELF)
    )
    own_locale: Mapped[str | None] = mapped_column(
        String(35), info=personal("the language the person chose instead of Slack's", seen_by=SELF)
    )
    shows_name: Mapped[bool] = mapped_column(
        default=False,
        info=personal(
            "whether the person's name may stand in standings and results",
            seen_by="the person; where they allow it, their channels",
        ),
    )
    absent_from: Mapped[date | None] = mapped_column(
        info=personal("the first day on which an account manager is away, so that the deputy is asked", seen_by=SELF)
    )
    absent_until: Mapped[date | None] = mapped_column(
        info=personal("the last day on which an account manager is away", seen_by=SELF)
    )
    dnd_from: Mapped[datetime | None] = mapped_column(
        info=personal("when Slack's do-not-disturb begins next", seen_by=NOBODY, kept=DND)
    )
    dnd_until: Mapped[datetime | None] = mapped_column(
        info=personal("when Slack's do-not-disturb ends", seen_by=NOBODY, kept=DND)
    )
    dnd_read_at: Mapped[datetime | None] = mapped_column(
        info=personal("when do-not-disturb was last read from Slack", seen_by=NOBODY, kept=DND)
    )
    dnd_wanted_at: Mapped[datetime | None] = mapped_column(
        info=personal("when a direct message waited for do-not-disturb to be read", seen_by=NOBODY, kept=DND)
    )
    refreshed_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_members_workspace_id_email", "workspace_id", "email"),
        Index(
            "ix_members_dnd_wanted",
            "workspace_id",
            "dnd_wanted_at",
            postgresql_where=DND_WANTED,
            sqlite_where=DND_WANTED,
        ),
    )


class DmTurn(InWorkspace, Base):
    """Which direct message took somebody's turn of a day (of their own calendar): at most one goes unasked."""

    __tablename__ = "dm_turns"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID),
        primary_key=True,
        info=personal("who got a direct message on a day, so that there is one at most", seen_by=NOBODY, kept=TURNS),
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255))


class LookUp(InWorkspace, Base):
    """Somebody to be read from Slack with users.info: seen for the first time, or not read for a day."""

    __tablename__ = "look_ups"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID),
        primary_key=True,
        info=personal("somebody to be read from Slack", seen_by=NOBODY, kept="until read, mostly seconds"),
    )
    due_at: Mapped[datetime] = mapped_column(index=True)


class Role(InWorkspace, Base):
    """`role`: admin or editor; account managers come from the catalogue."""

    __tablename__ = "roles"
    workspace_id: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        String(SLACK_ID),
        primary_key=True,
        info=personal(
            "who is an admin or editor",
            seen_by="everybody who is told whom to ask",
            kept="until the role is taken away",
        ),
    )
    role: Mapped[str] = mapped_column(
        String(16),
        primary_key=True,
        info=personal(
            "which of the two", seen_by="everybody who is told whom to ask", kept="until the role is taken away"
        ),
    )
    given_at: Mapped[datetime]


class AuditEntry(InWorkspace, Base):
    """Who changed what. `detail` holds ids and settings, never customer text."""

    __tablename__ = "audit"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    actor: Mapped[str] = mapped_column(
        String(SLACK_ID),
        info=personal("who changed something, or tried what they may not do", seen_by=AUDITORS, kept=AUDITED),
    )
    role: Mapped[str | None] = mapped_column(
        String(64),
        info=personal(
            "the roles they had at that moment, with commas; cli for the command line", seen_by=AUDITORS, kept=AUDITED
        ),
    )
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(
        String(128), info=personal("what was changed; for roles the person's id", seen_by=AUDITORS, kept=AUDITED)
    )
    detail: Mapped[dict[str, Any]] = mapped_column(
        info=personal("ids and settings before and after, of people too", seen_by=DETAILS, kept=AUDITED)
    )
    at: Mapped[datetime]

    __table_args__ = (
        Index("ix_audit_workspace_id_at", "workspace_id", "at"),
        Index("ix_audit_workspace_id_subject_at", "workspace_id", "subject", "at", "id"),
    )


class AuditAbout(InWorkspace, Base):
    """A customer or channel that an entry concerns besides its subject, by its id. `at` is the entry's: what is newest
    about somebody's customers and channels is read from the end of an index."""

    __tablename__ = "audit_about"
    entry_id: Mapped[str] = mapped_column(ForeignKey("audit.id", ondelete="CASCADE"), primary_key=True)
    thing: Mapped[str] = mapped_column(String(SLACK_ID), primary_key=True)
    at: Mapped[datetime]

    __table_args__ = (Index("ix_audit_about_workspace_id_thing_at", "workspace_id", "thing", "at", "entry_id"),)
