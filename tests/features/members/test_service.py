"""Who is who, on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.tables.customers import GivenTeam
from bot.db.tables.members import AuditEntry, LookUp
from bot.features.members import service
from bot.features.members.service import ADMIN, EDITOR, Action, RoleChange
from tests.features.members.people import NOW, WS, team, user, workspace


async def queued(sessions: Sessions) -> list[str]:
    async with sessions.begin() as session:
        return sorted(await session.scalars(select(LookUp.user_id)))


async def test_saved_people_are_read_back(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await workspace(session)
        assert await service.save(
            session, WS, [user("U0AMARA", name="Amara Okafor", email="Amara@Northlight.example")], NOW
        )
    async with sessions.begin() as session:
        amara = await service.get(session, WS, "U0AMARA", now=NOW)
        found = await service.by_email(session, WS, " AMARA@northlight.example ")
    assert (amara.name, amara.zone, amara.locale, amara.kind) == ("Amara Okafor", "Europe/Lisbon", "en-GB", "member")
    assert found == amara
    assert await queued(sessions) == []


async def test_someone_unknown_is_a_member_in_utc_and_queued_once(sessions: Sessions) -> None:
    for _ in range(3):
        async with sessions.begin() as session:
            if await service.known(session, WS, "U0NEW") is None and not await queued_in(session):
                await workspace(session)
            person = await service.get(session, WS, "U0NEW", now=NOW)
        assert (person.kind, person.zone, person.locale, person.name) == ("member", "UTC", "en-GB", "")
    assert await queued(sessions) == ["U0NEW"]


async def queued_in(session: object) -> list[str]:
    return list(await session.scalars(select(LookUp.user_id)))  # type: ignore[attr-defined]


async def test_someone_not_read_for_a_day_is_queued(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await workspace(session)
        await service.save(session, WS, [user("U0AMARA")], NOW)
        await service.get(session, WS, "U0AMARA", now=NOW + timedelta(hours=24))
        assert await queued_in(session) == []
        await service.get(session, WS, "U0AMARA", now=NOW + timedelta(hours=24, seconds=1))
    assert await queued(sessions) == ["U0AMARA"]
    async with sessions.begin() as session:
        await service.save(session, WS, [user("U0AMARA")], NOW + timedelta(days=2))
    assert await queued(sessions) == []


async def test_what_slack_leaves_out_stays(sessions: Sessions) -> None:
    gone = {"id": "U0AMARA", "team_id": WS, "deleted": True, "profile": {}}
    async with sessions.begin() as session:
        await workspace(session)
        await service.save(session, WS, [user("U0AMARA", name="Amara")], NOW)
        await service.home_opened(session, WS, "U0AMARA", NOW)
        await service.save(session, WS, [gone], NOW)
        person = await service.get(session, WS, "U0AMARA", now=NOW)
    assert (person.kind, person.name, person.zone) == ("deactivated", "Amara", "Europe/Lisbon")
    assert person.home_opened_at == NOW
    assert not person.is_person


async def test_broken_objects_are_left_out_and_the_others_saved(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await workspace(session)
        hostile = user("U0BAD", name="a\x00b\ud800c\n<!channel>", locale=7, tz="Mars/Olympus", profile=None)
        assert await service.save(session, WS, [{}, {"id": None}, {"id": "U" * 40}, hostile, user("U0AMARA")], NOW) == 2
        person = await service.get(session, WS, "U0BAD", now=NOW)
    assert person.zone == "UTC"
    assert person.name == "abc<!channel>"


async def test_an_import_gives_a_team_as_soon_as_the_person_is_known(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await workspace(session)
        line2 = await team(session)
        other = await team(session, "team-line1", "Line 1")
        session.add(GivenTeam(workspace_id=WS, person="amara@northlight.example", team_id=line2))
        session.add(GivenTeam(workspace_id=WS, person="u0joao", team_id=line2))
        session.add(GivenTeam(workspace_id=WS, person="u0ines", team_id=line2))
        people = [user("U0AMARA", email="Amara@northlight.example"), user("U0JOAO"), user("U0SAM")]
        await service.save(session, WS, people, NOW)
        assert await service.set_team(session, WS, "U0INES", other, NOW)
        await service.save(session, WS, [user("U0INES")], NOW)
        found = await service.people(session, WS, ["U0AMARA", "U0JOAO", "U0SAM", "U0INES", "U0NOBODY"])
    assert {who: person.team_id for who, person in found.items()} == {
        "U0AMARA": line2,
        "U0JOAO": line2,
        "U0SAM": None,
        "U0INES": other,
    }


async def test_a_chosen_team_outlasts_the_next_reading(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await workspace(session)
        line2, line1 = await team(session), await team(session, "team-line1", "Line 1")
        session.add(GivenTeam(workspace_id=WS, person="u0amara", team_id=line2))
        await service.save(session, WS, [user("U0AMARA")], NOW)
        assert await service.set_team(session, WS, "U0AMARA", line1, NOW)
        await service.save(session, WS, [user("U0AMARA")], NOW)
        assert [person.user_id for person in await service.in_team(session, WS, line1)] == ["U0AMARA"]


async def test_a_team_of_another_workspace_is_no_team(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await workspace(session)
        theirs = await team(session, "team-theirs", "Theirs", ws="T0OTHER")
        await service.save(session, WS, [user("U0AMARA")], NOW)
        assert not await service.set_team(session, WS, "U0AMARA", theirs, NOW)
        assert (await service.get(session, WS, "U0AMARA", now=NOW)).team_id is None


async def test_guests_are_told_apart_and_the_unknown_count_as_guests(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await workspace(session)
        people = [
            user("U0AMARA"),
            user("U0GRETA", is_restricted=True),
            user("U0ONE", is_restricted=True, is_ultra_restricted=True),
            user("U0OSKAR", team_id="T0ORION"),
            user("U0ROTA", is_bot=True),
            user("U0BRUNO", deleted=True),
        ]
        await service.save(session, WS, people, NOW)
        ids = [one["id"] for one in people] + ["U0NEW"]
        assert await service.guests_among(session, WS, ids) == {"U0GRETA", "U0ONE", "U0OSKAR", "U0NEW"}
    assert await queued(sessions) == ["U0NEW"]


async def test_admins_of_the_settings_by_id_and_by_email(sessions: Sessions) -> None:
    given = ["U0CLARA", " Luiza@northlight.example", "U0GRETA", ""]
    async with sessions.begin() as session:
        await workspace(session)
        await service.bootstrap_admins(session, WS, given, NOW)
        assert (await service.get(session, WS, "U0CLARA", now=NOW)).roles == {ADMIN}
        assert await service.with_role(session, WS, ADMIN) == []
        people = [
            user("U0CLARA"),
            user("U0LUIZA", email="luiza@northlight.example"),
            user("U0GRETA", is_restricted=True),
        ]
        await service.save(session, WS, people, NOW)
        for _ in range(2):
            await service.bootstrap_admins(session, WS, given, NOW)
        assert [person.user_id for person in await service.with_role(session, WS, ADMIN)] == ["U0CLARA", "U0LUIZA"]
        assert not await service.may(session, WS, "U0GRETA", Action.SET_UP_CHANNEL)
        assert await service.may(session, WS, "U0CLARA", Action.SET_UP_CHANNEL)


async def test_one_admin_remains(sessions: Sessions, new_id: NewId) -> None:
    async with sessions.begin() as session:
        await workspace(session)
        await service.save(session, WS, [user("U0CLARA"), user("U0LUIZA"), user("U0GRETA", is_restricted=True)], NOW)
        await service.bootstrap_admins(session, WS, ["U0CLARA"], NOW)

        async def change(who: str, role: str, give: bool) -> RoleChange:
            return await service.change_role(session, WS, who, role, give=give, by="U0CLARA", now=NOW, new_id=new_id)

        assert await change("U0CLARA", ADMIN, False) is RoleChange.LAST_ADMIN
        assert await change("U0GRETA", EDITOR, True) is RoleChange.NOT_A_MEMBER
        assert await change("U0LUIZA", ADMIN, True) is RoleChange.DONE
        assert await change("U0LUIZA", ADMIN, True) is RoleChange.ALREADY
        assert await change("U0CLARA", ADMIN, False) is RoleChange.DONE
        assert await change("U0CLARA", ADMIN, False) is RoleChange.ALREADY
        entries = list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
    assert [(entry.action, entry.subject, entry.detail, entry.role) for entry in entries] == [
        ("role.given", "U0LUIZA", {"role": ADMIN}, ADMIN),
        ("role.taken", "U0CLARA", {"role": ADMIN}, ADMIN),  # as they were when they took it from themselves
    ]


async def test_two_admins_who_remove_each_other_leave_one(sessions: Sessions, new_id: NewId) -> None:
    both = ["U0CLARA", "U0LUIZA"]
    async with sessions.begin() as session:
        await workspace(session)
        await service.save(session, WS, [user(one) for one in both], NOW)

    async def remove(who: str, by: str) -> RoleChange:
        async with sessions.begin() as session:
            return await service.change_role(session, WS, who, ADMIN, give=False, by=by, now=NOW, new_id=new_id)

    for _ in range(5):
        async with sessions.begin() as session:
            await service.bootstrap_admins(session, WS, both, NOW)
        outcomes = await asyncio.gather(remove(*both), remove(*reversed(both)))
        assert sorted(outcome.value for outcome in outcomes) == ["done", "last_admin"]
        async with sessions.begin() as session:
            assert len(await service.with_role(session, WS, ADMIN)) == 1


@pytest.mark.parametrize("size", [0, 12_000])
async def test_many_people_at_once(sessions: Sessions, size: int) -> None:
    people = [user(f"U{number:06}") for number in range(size)]
    async with sessions.begin() as session:
        await workspace(session)
        assert await service.save(session, WS, people, NOW) == size
        found = await service.people(session, WS, [one["id"] for one in people])
        assert len(found) == size
        assert await service.guests_among(session, WS, found) == set()
