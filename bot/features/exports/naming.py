"""What a file is called."""

import re
from datetime import date

from bot.features.exports.rules import CUSTOMER, OWN

UNFIT = re.compile(r"[^\w]+")
LONGEST = 60


def file_name(what: str, day: date, customer: str = "") -> str:
    if what == OWN:
        return f"canteen-my-data-{day.isoformat()}.zip"
    if what == CUSTOMER:
        called = UNFIT.sub("-", customer)[:LONGEST].strip("-_").lower() or "customer"
        return f"canteen-{called}-{day.isoformat()}.zip"
    return f"canteen-totals-{day.isoformat()}.csv"
