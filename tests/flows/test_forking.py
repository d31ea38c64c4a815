"""A fork is as good as a program that was started by itself: what the other flows take for granted."""

import signal
from pathlib import Path

from tests.flows.company import APP_TOKEN, BOT_TOKEN
from tests.flows.forking import Forked, fork


async def printed(process: Forked) -> tuple[int, str]:
    out = (await process.out.read()).decode()
    return await process.wait(), out


async def test_it_has_the_words_the_environment_and_the_folder_that_were_asked_for(tmp_path: Path) -> None:
    code, out = await printed(await fork(["no-such-word"], env={}, folder=tmp_path))
    assert code == 2
    assert "no-such-word" in out
    code, out = await printed(await fork(["stop"], env={"CANTEEN_LOG": "loud"}, folder=tmp_path))
    assert (code, out.split()[:2]) == (1, ["canteen:", "CANTEEN_LOG:"])
    (tmp_path / ".env").write_text("CANTEEN_HTTP=nowhere\n", encoding="utf-8")
    code, out = await printed(await fork(["stop"], env={}, folder=tmp_path))
    assert (code, out.split()[:2]) == (1, ["canteen:", "CANTEEN_HTTP:"])


async def test_it_complains_into_its_own_file_and_tells_which_signal_ended_it(tmp_path: Path) -> None:
    env = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": "http://127.0.0.1:9/api/"}
    with (tmp_path / "log").open("ab") as log:
        code, out = await printed(await fork(["run"], env=env, folder=tmp_path, errors=log.fileno()))
    assert (code, out) == (1, "")
    assert "Slack cannot be asked" in (tmp_path / "log").read_text(encoding="utf-8")
    process = await fork(["workspace", "add"], env={}, folder=tmp_path)
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
