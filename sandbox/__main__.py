"""`python -m sandbox`: run a local Slack until it is told to stop."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from sandbox import keeping
from sandbox.server import running_sandbox
from sandbox.world import World, WorldError, load_world


def main() -> int:
    options = _options()
    try:
        world = load_world(options.world)
    except (OSError, WorldError) as error:
        print(f"The local Slack cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 2
    try:
        asyncio.run(_run(world, options))
    except (ValueError, KeyError) as error:
        print(f"The local Slack cannot take up {options.keep}: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except OSError as error:
        print(f"The local Slack cannot start on port {options.port}: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A Slack that runs on this machine only.")
    parser.add_argument("--port", type=int, default=8123, help="0 takes any free one")
    parser.add_argument("--world", type=Path, required=True, help="who and what there is, in YAML")
    parser.add_argument("--retry-scale", type=float, default=1.0, help="shortens the pauses between event retries")
    parser.add_argument("--keep", type=Path, help="take up what this file holds, and write to it when stopping")
    return parser.parse_args()


async def _run(world: World, options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    async with running_sandbox(world, options.port, options.retry_scale) as slack:
        if options.keep and options.keep.is_file():
            keeping.load(slack, options.keep)
        print(f"Local Slack: {slack.url}", flush=True)  # noqa: T201
        await stop.wait()
        if options.keep:
            keeping.save(slack, options.keep)


if __name__ == "__main__":
    sys.exit(main())
