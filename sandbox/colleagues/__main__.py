"""`python -m sandbox.colleagues http://127.0.0.1:8123 plan.yaml`: colleagues in a local Slack that runs already."""

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from sandbox.colleagues import plan
from sandbox.colleagues.living import live


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.colleagues", description="People who act by themselves.")
    parser.add_argument("url", help="of the local Slack")
    parser.add_argument("plan", type=Path, help="what they do, in YAML")
    options = parser.parse_args()
    try:
        wanted = plan.load(options.plan)
    except (OSError, plan.PlanError) as error:
        print(f"The colleagues cannot begin: {error}", file=sys.stderr)  # noqa: T201
        return 2
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(live(options.url.rstrip("/"), wanted))
    return 0


if __name__ == "__main__":
    sys.exit(main())
