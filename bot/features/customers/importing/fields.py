"""One cell each: text in, value out, or `CellError` with why and how to mend it."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from bot.core.strings import CONTROL, INVISIBLE, https_url, why_unusable
from bot.core.texts import Text, worded

UNUSABLE = {
    "nul": (worded("it holds a NUL byte"), worded("remove the byte; the file may be binary or cut from one")),
    "surrogate": (worded("it holds bytes that are not text"), worded("save the file as UTF-8 and import it again")),
    "combining": (worded("it holds a letter with far too many accents piled on it"), worded("type the text again")),
}
YES = frozenset(
    [
        "yes",
        "y",
        "true",
        "t",
        "1",
        "x",
        "on",
        "✓",
        "ja",
        "j",
        "oui",
        "o",
        "si",
        "sí",
        "s",
        "sim",
        "sì",
        "tak",
        "da",
        "wahr",
        "vrai",
        "verdadero",
        "verdadeiro",
        "vero",
    ]
)
NO = frozenset(
    ["no", "n", "false", "f", "0", "off", "nein", "non", "não", "nao", "nee", "nej", "nie", "falsch", "faux", "falso"]
)
MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ],
        start=1,
    )
    for name in names.split()
}
BANDS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)  # millions
SLACK_ID = re.compile(r"[UW][A-Z0-9]{4,30}")
EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>()]+")


class CellError(ValueError):
    """`why` it is wrong, `cure` how to mend it."""

    def __init__(self, why: Text, cure: Text) -> None:
        super().__init__(why)
        self.why, self.cure = why, cure


def text(cell: str, limit: int) -> str | None:
    """None where there is nothing; invisible and control characters are dropped."""
    if cell.isascii() and cell.isprintable():  # nearly every cell: nothing to look for
        kept = cell.strip()
    else:
        bad = why_unusable(cell)
        if bad:
            raise CellError(*UNUSABLE[bad])
        kept = CONTROL.sub("", INVISIBLE.sub("", cell)).strip()
    if len(kept) > limit:
        raise CellError(
            worded("it has {count} characters; {limit} are allowed", count=len(kept), limit=limit),
            worded("shorten it"),
        )
    return kept or None


def needed(cell: str, limit: int, empty: Text) -> str:
    """`empty` says that there is nothing."""
    found = text(cell, limit)
    if found is None:
        raise CellError(empty, worded("fill it in, or delete the row"))
    return found


def line(cell: str, limit: int) -> str | None:
    """Text on one line."""
    found = text(cell, limit)
    return " ".join(found.split()) if found else None


def yes_no(cell: str) -> bool | None:
    """None where there is nothing."""
    found = text(cell, 40)
    if found is None:
        return None
    word = found.casefold().rstrip(".")
    if word in YES:
        return True
    if word in NO:
        return False
    raise CellError(
        worded("“{found}” is neither yes nor no", found=found), worded("write yes or no, or leave it empty")
    )


def whole_number(cell: str, lowest: int, highest: int) -> int | None:
    found = text(cell, 40)
    if found is None:
        return None
    digits = re.fullmatch(r"(\d{1,9})(?:[.,]0+)?", found)
    if not digits or not lowest <= int(digits[1]) <= highest:
        raise CellError(
            worded(
                "“{found}” is not a whole number from {lowest} to {highest}",
                found=found,
                lowest=lowest,
                highest=highest,
            ),
            worded("write such a number"),
        )
    return int(digits[1])


def day(cell: str, today: date) -> date | None:
    """ISO, or another form that has one meaning only. A year, or a year and a month, begins with its first day."""
    found = text(cell, 60)
    if found is None:
        return None
    value = _day(found)
    if value is None:
        raise CellError(
            worded("“{found}” is not a date", found=found), worded("write it as year-month-day, such as 2019-03-04")
        )
    if not date(1700, 1, 1) <= value <= today:
        raise CellError(
            worded("{day} is not a day on which a customer can have begun", day=value.isoformat()),
            worded("correct the date"),
        )
    return value


def _day(found: str) -> date | None:
    bare = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", found).strip()
    if parts := re.fullmatch(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?", bare):
        return _date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
    if parts := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", bare):  # with dots the day always comes first
        return _date(int(parts[3]), int(parts[2]), int(parts[1]))
    if parts := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", bare):
        return _either_order(int(parts[1]), int(parts[2]), int(parts[3]), bare)
    if parts := re.fullmatch(r"(\d{1,2})[\s.-]+([A-Za-z]{3,9})\.?[\s,-]+(\d{4})", bare):
        return _date(int(parts[3]), MONTHS.get(parts[2].casefold(), 0), int(parts[1]))
    if parts := re.fullmatch(r"([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", bare):
        return _date(int(parts[3]), MONTHS.get(parts[1].casefold(), 0), int(parts[2]))
    return None


def _either_order(first: int, second: int, year: int, shown: str) -> date | None:
    day_first, month_first = _date(year, second, first), _date(year, first, second)
    if day_first and month_first and day_first != month_first:
        raise CellError(
            worded(
                "“{shown}” may be {one} or {other}",
                shown=shown,
                one=day_first.isoformat(),
                other=month_first.isoformat(),
            ),
            worded("write it as year-month-day: in a spreadsheet, format the column as yyyy-mm-dd"),
        )
    return day_first or month_first


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def website(cell: str) -> str | None:
    """A bare domain, and what a CRM kept as http, become https."""
    found = text(cell, 500)
    if found is None:
        return None
    address = re.sub(r"^http://", "https://", found, flags=re.IGNORECASE)
    if "://" not in address and re.fullmatch(r"[\w.-]+\.[^\W\d_][\w-]+(?:[/?#]\S*)?", address):
        address = f"https://{address}"
    usable = https_url(address)
    if usable is None:
        raise CellError(
            worded("“{found}” is not a web address", found=found[:80]),
            worded("write it like {example}", example="https://example.com"),
        )
    return usable


def revenue_band(cell: str) -> str | None:
    """A band as it is written; an amount becomes its band."""
    found = line(cell, 60)
    if found is None:
        return None
    bare = re.sub(r"[^\d.,]", "", found)
    if not bare or re.search(r"\d\s*[-–]\s*\d|[kKmMbB<>+]", re.sub(r"\b[A-Z]{3}\b", "", found)):
        return found
    amount = _amount(bare)
    return found if amount is None else band(amount)


def band(amount: Decimal) -> str:
    millions = amount / 1_000_000
    below = 0
    for limit in BANDS:
        if millions < limit:
            return f"{below}M-{limit}M" if below else f"under {limit}M"
        below = limit
    return f"over {below}M"


def _amount(bare: str) -> Decimal | None:
    """`12,500,000.00`, `12.500.000,00` and `12500000`."""
    last = max(bare.rfind("."), bare.rfind(","))
    cents = last >= 0 and len(bare) - last - 1 in (1, 2)
    whole, fraction = (bare[:last], bare[last + 1 :]) if cents else (bare, "0")
    try:
        return Decimal(f"{re.sub('[.,]', '', whole) or 0}.{fraction}")
    except InvalidOperation:
        return None


def person(cell: str) -> str | None:
    """An e-mail in small letters, a Slack id, or a name, which is how CRMs export owners."""
    found = line(cell, 255)
    if found is None:
        return None
    email = EMAIL.search(found)
    if email:
        return email.group().casefold()
    return found.upper() if SLACK_ID.fullmatch(found.upper()) and any(sign.isdigit() for sign in found) else found


def is_person_key(found: str) -> bool:
    """An e-mail or a Slack id, rather than a name."""
    return "@" in found or bool(SLACK_ID.fullmatch(found))
