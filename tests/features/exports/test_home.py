"""The part of Home about files: for whom it shows what."""

import json

from bot.features.exports.sections import FilesSection
from bot.features.home.seams import viewer_of
from bot.features.members import service as members
from bot.slack.words import Words
from tests.features.exports.conftest import ADMIN, EDITOR, GUEST, MAX, OUTSIDER, OWNER, SAM, WORLD, Desk, on_sqlite
from tests.features.members.people import WS
from tests.rights.world import put

CUSTOMERS, ALL, THEIRS = "The data of a customer", "by channel and month", "of your channels"


@on_sqlite
async def test_each_sees_what_they_may_have(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        for who in (SAM, GUEST):
            await put(
                session,
                WORLD,
                "customers",
                id=f"of-{who}",
                external_id=who,
                name=f"Of {who}",
                name_key=who,
                account_manager=who,
            )
        await put(
            session,
            WORLD,
            "channels",
            channel_id="C0LINE",
            name="line",
            zone="UTC",
            locale="en",
            state="active",
            added_by=ADMIN,
        )
        for who in (OWNER, GUEST, OUTSIDER):
            await put(session, WORLD, "channel_owners", channel_id="C0LINE", user_id=who)
        shown = {}
        for who in (ADMIN, EDITOR, MAX, SAM, OWNER, GUEST, OUTSIDER):
            viewer = viewer_of(await members.get(session, WS, who))
            shown[who] = json.dumps(await FilesSection().render(session, viewer, Words()))
    found = {who: [one for one in (CUSTOMERS, ALL, THEIRS) if one in text] for who, text in shown.items()}
    assert found == {
        ADMIN: [ALL], EDITOR: [ALL], MAX: [], SAM: [CUSTOMERS], OWNER: [THEIRS], GUEST: [], OUTSIDER: [],
    }  # fmt: skip
    assert f"of-{SAM}" in shown[SAM]
    assert GUEST not in shown[SAM]
