"""Erasing knows every column that is about a person, and speaks of none that is not there."""

from collections import Counter

from bot.db.tables import Base
from bot.erasure.rules import BELONGS, PERSON

TABLES = Base.metadata.tables


def test_every_personal_column_has_one_rule() -> None:
    """A new one is written into `bot/erasure/rules.py`: what becomes of it when the person is erased?"""
    personal = {
        (table.name, column.name) for table in TABLES.values() for column in table.c if "personal" in column.info
    }
    ruled = Counter((table, column) for table, rule in PERSON.items() for column, _ in rule.columns())
    assert personal == set(ruled)
    assert [place for place, times in ruled.items() if times > 1] == []


def test_columns_that_are_emptied_can_be() -> None:
    for table, rule in PERSON.items():
        assert all(TABLES[table].c[name].nullable for name in f"{rule.nobody} {rule.given}".split())
        assert all(TABLES[table].c[name] is not None for name in rule.words)


def test_what_belongs_to_a_row_points_at_it() -> None:
    assert all(TABLES[table].c[column].foreign_keys for table, column in BELONGS)
