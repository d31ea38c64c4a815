"""`python -m tests.gallery --out DIR`."""

import argparse
import asyncio
import sys
from pathlib import Path

from tests.gallery import pages
from tests.gallery.everything import everything


def main() -> None:
    parser = argparse.ArgumentParser(description="Every message, modal and view the bot can show.")
    parser.add_argument("--out", type=Path, default=Path("build/gallery"))
    folder = parser.parse_args().out
    pieces = everything().pieces
    page = pages.write(folder, pieces)
    taken = asyncio.run(pages.take(page.resolve()))
    sys.stdout.write(f"{len(pieces)} pieces: {page}\n")
    for picture in taken:
        sys.stdout.write(f"{picture}\n")
    if not taken:
        sys.stdout.write("No Chromium here, so no pictures: apt-get install chromium, or set CHROMIUM to one.\n")


if __name__ == "__main__":
    main()
