"""A prelude: PostgreSQL ends a share of all statements as deadlocked or not serialisable, from when a file is there."""

import random
from pathlib import Path
from typing import Any

# The server itself raises it, so that the transaction is really over.
RAISE = "DO $$ BEGIN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '{}'; END $$"
STATES = ("40001", "40P01")


def install(when: str, share: str, struck: str) -> None:
    """`struck`: a file that grows by a byte for each statement that was ended."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    chance, begun = random.Random(3), Path(when)

    def strike(cursor: Any, statement: str, parameters: Any, context: Any) -> None:
        if statement and begun.exists() and chance.random() < float(share):
            with Path(struck).open("ab") as file:
                file.write(b".")
            cursor.execute(RAISE.format(chance.choice(STATES)), ())

    event.listen(Engine, "do_execute", strike)
    event.listen(Engine, "do_executemany", strike)
