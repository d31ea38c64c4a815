"""A process must not become heavier unnoticed: compared with what is kept, and renewed on purpose by
`python -m benchmarks idle --keep`."""

import json

from benchmarks import idle
from benchmarks.weighing import KEPT, MORE


async def test_a_process_weighs_no_tenth_more_than_what_is_kept() -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    found = idle.ratios(await idle.weighed("canteen"), await idle.weighed("bare"))
    assert found.keys() == kept.keys()
    assert all(found[name] <= kept[name] * MORE for name in kept), f"{found}, kept: {kept}"
