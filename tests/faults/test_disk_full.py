"""A disk that is full, or takes no writes: nothing half-written, and everything goes on by itself once there is room.

A tmpfs of a few megabytes where one may be mounted; elsewhere the kernel's limit of file sizes (RLIMIT_FSIZE), put on the
running process from outside and taken off again. The page says which.
"""

import asyncio
import random
import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.faults.crowd import NOWHERE, Crowd, Pressed
from tests.faults.ground import Ground, Replica, ground
from tests.faults.proof import Proof
from tests.faults.test_database_away import becomes
from tests.flows import company, owing, voting

SIZE = 24  # MiB


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """None where nothing may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        yield None
        return
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


class Disk:
    """`fill` leaves so many bytes free; `refuse` takes away every write; `free` gives all of it back."""

    def __init__(self, folder: Path | None, it: Ground) -> None:
        self.folder, self.it = folder, it
        self.what = f"a tmpfs of {SIZE} MiB" if folder else "RLIMIT_FSIZE of the process"

    def fill(self, left: int, victim: Replica | None) -> None:
        if self.folder is None:
            assert victim is not None
            size = Path(self.it.env["DATABASE_URL"].removeprefix("sqlite:///")).stat().st_size
            self._limit(size + left, victim)
            return
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            piece = b"x" * 65536
            try:
                while True:
                    filler.write(piece)
            except OSError:
                pass
            filler.truncate(max(0, filler.tell() - left))

    def refuse(self, victim: Replica) -> None:
        """As a disk that has become read-only: one cannot be remounted so while a file on it is open for writing."""
        self._limit(1, victim)

    def _limit(self, size: int, victim: Replica) -> None:
        assert victim.process is not None
        hard = resource.prlimit(victim.process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(victim.process.pid, resource.RLIMIT_FSIZE, (size, hard))

    def free(self, victim: Replica | None) -> None:
        if self.folder is not None:
            (self.folder / "filler").unlink(missing_ok=True)
        if victim is not None:
            self._limit(resource.RLIM_INFINITY, victim)


def is_whole(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.row("E9")
@pytest.mark.timeout(240)
async def test_a_disk_that_fills_up_while_people_press_and_posts_are_made(
    tmp_path: Path, small_disk: Path | None, proof: Proof
) -> None:
    points, each = proof.at(small=(3, 20), full=(40, 40))
    people, chance = (points + 1) * each * 20, random.Random(2029)
    folder = small_disk or tmp_path
    async with ground(tmp_path, database=f"sqlite:///{folder / 'canteen.db'}", channels=4) as it, it.parts() as parts:
        await voting.set_up(it, people=people, stories=points // 3 + 4)
        (bot,) = await it.replicas(1)
        crowd = Crowd(it.port, await voting.open_quiz(it, people=people, respond_to=NOWHERE))
        disk, reds, back = Disk(small_disk, it), 0, [0.0]
        await owing.set_up(it, owing.lines(4)[1:])
        presses = iter(range(people))
        for point in range(points):
            if point % 3 == 0:  # owed while there is room, sent while there is none
                for place in owing.lines(4)[1:]:
                    await owe_one(it, place, point)
            disk.refuse(bot) if point % 5 == 4 else disk.fill(chance.choice((0, 4096, 16384, 65536)), bot)
            refused = await press_until(crowd, presses, lambda one: one.status != 200)
            assert refused.status in {0, 503}
            reds += (await bot.asks("/readyz"))[0] == 503
            assert (await bot.asks("/healthz"))[0] == 200
            disk.free(bot)
            back.append(await becomes(partial(works, bot, crowd, presses), within=30))
            is_whole(folder / "canteen.db")
        posts = sum((await owing.states(parts)).values())
        await owing.all_sent_once(it, parts, posts, within=240)
        stored = await crowd.none_lost(it)
    assert bot.starts == 1
    assert reds == points, "the disk was full and /readyz was green"
    proof.found(
        f"{points} times full or without writes: /readyz red each time, back within {max(back):.1f} s of room, no "
        f"restart; {len(crowd.acknowledged)} presses acknowledged, {stored} stored, none lost; {posts} posts made once; "
        "the file whole each time",
        injected=f"{disk.what}; every fifth time no write at all",
    )


async def press_until(crowd: Crowd, presses: Iterator[int], enough: Callable[[Pressed], bool]) -> Pressed:
    while True:
        batch = [crowd.press(next(presses)) for _ in range(10)]
        for one in await asyncio.gather(*batch):
            if enough(one):
                return one


async def works(bot: Replica, crowd: Crowd, presses: Iterator[int]) -> bool:
    return (await crowd.press(next(presses))).status == 200 and (await bot.asks("/readyz"))[0] == 200


async def owe_one(it: Ground, place: str, number: int) -> None:
    await owing.owe(it, [place], batch=str(number))


@pytest.mark.row("E9")
async def test_an_import_and_a_migration_onto_a_full_disk_leave_nothing_half_done(
    tmp_path: Path, small_disk: Path | None, proof: Proof
) -> None:
    """Room for ever more bytes is left, from none at all until it succeeds."""
    if small_disk is None:
        pytest.skip("no tmpfs may be mounted here")
    points = proof.at(small=3, full=10)
    async with ground(tmp_path, database=f"sqlite:///{small_disk / 'canteen.db'}", channels=1) as it:
        disk = Disk(small_disk, it)

        async def tried(words: list[str], left: int) -> bool:
            disk.fill(left, None)
            code, printed = await it.canteen(*words)
            disk.free(None)
            assert code == 0 or "Traceback" not in printed, printed
            if (small_disk / "canteen.db").exists():
                is_whole(small_disk / "canteen.db")
            return code == 0

        migrated = [await tried(["migrate"], 131_072 * n) for n in range(points)]
        assert not migrated[0]
        assert (await it.canteen("migrate"))[0] == 0
        await it.install(stories=1)
        files = company.write(tmp_path / "more", stories=120)
        before = await rows(it)
        imported = []
        for n in range(points):
            imported.append(await tried(["import", "stories", str(files / "stories")], 4096 * n))
            after = await rows(it)
            assert (after == before) is not imported[-1], "a part of an import stands there"
            if imported[-1]:
                break
        assert not imported[0]
        assert imported[-1] or (await it.canteen("import", "stories", str(files / "stories")))[0] == 0
        assert await rows(it) > before
    refused = migrated.count(False) + imported.count(False)
    proof.found(f"{refused} migrations and imports onto a full disk: refused whole, and done once there was room")


async def rows(it: Ground) -> int:
    async with it.parts() as parts:
        return await owing.count(parts, "stories", "true")


@pytest.mark.row("E9")
async def test_a_disk_that_is_read_only_at_the_start_is_said_and_waited_for(
    tmp_path: Path, small_disk: Path | None
) -> None:
    if small_disk is None:
        pytest.skip("no tmpfs may be mounted here")
    async with ground(tmp_path, database=f"sqlite:///{small_disk / 'canteen.db'}", channels=1) as it:
        await it.install(stories=1)
        await remount(small_disk, "ro")
        for words in (["stop"], ["run"]):
            code, printed = await it.canteen(*words)
            assert code == 1
            assert "Traceback" not in printed, printed
        await remount(small_disk, "rw")
        (bot,) = await it.replicas(1)
        assert (await bot.asks("/readyz"))[0] == 200


async def remount(folder: Path, how: str) -> None:
    process = await asyncio.create_subprocess_exec("mount", "-o", f"remount,{how}", str(folder))
    assert await process.wait() == 0
