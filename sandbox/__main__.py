"""`python -m sandbox`: run a local Slack until it is told to stop."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from sandbox import keeping
from sandbox.colleagues import plan
from sandbox.colleagues.living import live
from sandbox.server import running_sandbox
from sandbox.world import World, WorldError, load_world


def main() -> int:
    options = _options()
    try:
        world = load_world(options.world)
        colleagues = plan.load(options.colleagues) if options.colleagues else None
    except (OSError, WorldError, plan.PlanError) as error:
        print(f"The local Slack cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 2
    try:
        asyncio.run(_run(world, options, colleagues))
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
    parser.add_argument("--colleagues", type=Path, help="people who act by themselves do what this plan says")
    return parser.parse_args()


async def _run(world: World, options: argparse.Namespace, colleagues: plan.Plan | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    async with running_sandbox(world, options.port, options.retry_scale) as slack:
        if options.keep and options.keep.is_file():
            keeping.load(slack, options.keep)
        print(f"Local Slack: {slack.url}", flush=True)  # noqa: T201
        if colleagues:
            slack.spawn(live(slack.url, colleagues, since=slack.clock.now())).add_done_callback(_say_if_broken)
        await stop.wait()
        if options.keep:
            keeping.save(slack, options.keep)


def _say_if_broken(work: "asyncio.Task[None]") -> None:
    """The local Slack goes on without them."""
    if not work.cancelled() and (error := work.exception()):
        print(f"The colleagues have stopped: {error!r}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
