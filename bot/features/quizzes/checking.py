"""A question as somebody wrote it, checked: whatever Slack, a reader or the ballot's secrecy could not take is refused
when it is written or imported, with the limit and the count, never when it is sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.strings import https_url, why_unusable
from bot.core.texts import Text, worded
from bot.features.quizzes.rules import LEAST_OPTIONS, MOST_OPTIONS, Content, Wording
from bot.slack.text import clean

QUESTION, OPTION, WHY, ALT, SOURCE, NAME = 150, 75, 500, 2000, 300, 255
KEY = 128
MOST_VARIANTS = 20
KEYS = frozenset(
    {"id", "question", "options", "right", "why", "picture", "customer", "product", "language", "consent", "source"}
    | {"variants"}
)
PICTURE = frozenset({"file", "url", "alt"})
VARIANT = frozenset({"question", "options", "why", "alt"})
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?")
NAMES_IT = worded("it names the right answer")
SHORTEN = worded("shorten it")
WORD = re.compile(r"[^\W_]+")
UNUSABLE = {
    "nul": worded("it holds a NUL character"),
    "surrogate": worded("it holds half of a character (a lone surrogate)"),
    "combining": worded("it stacks more than eight marks on one letter"),
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """`column` is the key, such as `options.3`. A warning does not keep the question out."""

    column: str
    why: Text
    cure: Text
    warning: bool = False


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A sound question. `key` is "" where none was given; `customer` and `product` are ids or names as written."""

    key: str
    content: Content
    customer: str | None
    product: str | None
    consent: str
    picture_file: str | None


@dataclass
class Checker:
    """Goes on after a problem, so that one pass shows all of them."""

    given: Mapping[str, Any]
    right_by_number: bool = False  # as forms give it, so that an option that is a number is not taken for one
    problems: list[Problem] = field(default_factory=list)

    def check(self) -> Checked | None:
        """None where one of the problems is more than a warning."""
        self._unknown(self.given, KEYS, "")
        picture = self._map("picture")
        self._unknown(picture, PICTURE, "picture.")
        url, alt = self._picture(picture)
        original = Wording(
            text=self._said("question", self.given.get("question"), QUESTION, needed=True),
            options=self._options("options", self.given.get("options")),
            why=self._said("why", self.given.get("why"), WHY, needed=True),
            alt=alt,
        )
        right = self._right(original.options)
        language = self._language("language", self.given.get("language") or "en")
        wordings = {language: original, **self._variants(original)}
        content = Content(
            wordings=wordings,
            right=right,
            picture_url=url,
            source=self._said("source", self.given.get("source"), SOURCE) or None,
        )
        self._secret(content)
        checked = Checked(
            key=self._said("id", self.given.get("id"), KEY),
            content=content,
            customer=self._said("customer", self.given.get("customer"), NAME) or None,
            product=self._said("product", self.given.get("product"), NAME) or None,
            consent=self._consent(),
            picture_file=self._said("picture.file", picture.get("file"), NAME) or None,
        )
        return None if any(not problem.warning for problem in self.problems) else checked

    def _refuse(self, column: str, why: Text, cure: Text, *, warning: bool = False) -> None:
        self.problems.append(Problem(column=column, why=why, cure=cure, warning=warning))

    def _unknown(self, given: Mapping[str, Any], known: frozenset[str], prefix: str) -> None:
        for key in given:
            if key not in known:
                cure = worded("use one of: {keys}", keys=", ".join(sorted(known)))
                self._refuse(f"{prefix}{key}", worded("this key is not known"), cure, warning=True)

    def _map(self, key: str) -> Mapping[str, Any]:
        value = self.given.get(key)
        if value is None or isinstance(value, Mapping):
            return value or {}
        self._refuse(key, worded("it needs keys of its own"), worded("write them on the next lines, further in"))
        return {}

    def _said(self, column: str, value: Any, limit: int, *, needed: bool = False) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            self._refuse(column, worded("it is not text"), worded("put it in quotes"))
            return ""
        given = "" if value is None else str(value)
        if code := why_unusable(given):
            self._refuse(column, UNUSABLE[code], worded("type the text again"))
            return ""
        said = " ".join(clean(given).split())
        if needed and not said:
            self._refuse(column, worded("it is missing"), worded("add `{key}: ...`", key=column.rpartition(".")[2]))
        if (count := units(said)) > limit:
            self._refuse(
                column, worded("it has {count} characters; {limit} are allowed", count=count, limit=limit), SHORTEN
            )
            return ""  # what else is wrong with it would be said in all its length
        return said

    def _options(self, column: str, value: Any) -> tuple[str, ...]:
        given = value if isinstance(value, list | tuple) else []
        if not LEAST_OPTIONS <= len(given) <= MOST_OPTIONS:
            why = worded(
                "there are {count}; {least} to {most} are allowed",
                count=len(given),
                least=LEAST_OPTIONS,
                most=MOST_OPTIONS,
            )
            self._refuse(column, why, worded("write them as a list"))
        options = tuple(
            self._said(f"{column}.{number}", one, OPTION, needed=True)
            for number, one in enumerate(given[: MOST_OPTIONS + 1], start=1)
        )
        seen: set[str] = set()
        for number, option in enumerate(options, start=1):
            if option and option.casefold() in seen:
                self._refuse(
                    f"{column}.{number}",
                    worded("“{option}” stands there twice", option=option),
                    worded("keep one of them"),
                )
            seen.add(option.casefold())
        return options

    def _right(self, options: Sequence[str]) -> int:
        said = self._said("right", self.given.get("right"), OPTION, needed=True)
        for number, option in enumerate(() if self.right_by_number else options):
            if option.casefold() == said.casefold():
                return number
        if said.isascii() and said.isdigit() and 1 <= int(said) <= len(options):
            return int(said) - 1
        if said:
            self._refuse(
                "right",
                worded("“{said}” is none of the options", said=said),
                worded("write one of them, or its number"),
            )
        return 0

    def _variants(self, original: Wording) -> dict[str, Wording]:
        given = self._map("variants")
        if len(given) > MOST_VARIANTS:
            why = worded("there are {count}; {most} are allowed", count=len(given), most=MOST_VARIANTS)
            self._refuse("variants", why, worded("keep fewer"))
        found = {}
        for tag in list(given)[:MOST_VARIANTS]:
            found[self._language(f"variants.{tag}", tag)] = self._variant(f"variants.{tag}", given[tag], original)
        return found

    def _variant(self, column: str, value: Any, original: Wording) -> Wording:
        """Options and a description that a variant leaves out are the original's: names need no translation."""
        given = value if isinstance(value, Mapping) else {}
        if not given:
            self._refuse(column, worded("it needs keys of its own"), worded("write them on the next lines, further in"))
        self._unknown(given, VARIANT, f"{column}.")
        options = original.options
        if given.get("options") is not None:
            options = self._options(f"{column}.options", given["options"])
            if len(options) != len(original.options):
                why = worded(
                    "there are {count}, and {first} in the original", count=len(options), first=len(original.options)
                )
                self._refuse(f"{column}.options", why, worded("translate each, in the same order"))
        alt = self._said(f"{column}.alt", given.get("alt"), ALT) if original.alt else ""
        return Wording(
            text=self._said(f"{column}.question", given.get("question"), QUESTION, needed=True),
            options=options,
            why=self._said(f"{column}.why", given.get("why"), WHY, needed=True),
            alt=alt or original.alt,
        )

    def _language(self, column: str, value: Any) -> str:
        if isinstance(value, str) and LANGUAGE.fullmatch(value):
            return value
        self._refuse(column, worded("it is not a language tag"), worded("write one such as en, pt-PT or de"))
        return "en"

    def _consent(self) -> str:
        value = self.given.get("consent") or "internal"
        if value in ("public", "internal"):
            return str(value)
        self._refuse(
            "consent",
            worded("it is none of the possible values"),
            worded("write one of: {values}", values="public, internal"),
        )
        return "internal"

    def _picture(self, given: Mapping[str, Any]) -> tuple[str | None, str | None]:
        if not given:
            return None, None
        if bool(given.get("file")) == bool(given.get("url")):
            self._refuse("picture", worded("it needs either a file or a url"), worded("keep one of the two"))
        url = None
        if given.get("url"):
            url = https_url(given["url"] if isinstance(given["url"], str) else None)
            if url is None:
                self._refuse(
                    "picture.url",
                    worded("it is not a plain https address"),
                    worded("write one that begins with https://"),
                )
        return url, self._said("picture.alt", given.get("alt"), ALT, needed=True) or None

    def _secret(self, content: Content) -> None:
        """What everybody is sent before the reveal must not name the right answer, unless it names all of them."""
        if not 0 <= content.right < content.size:
            return
        for wording in content.wordings.values():
            if wording.alt and _singled_out(wording.alt, wording.options, content.right):
                self._refuse("picture.alt", NAMES_IT, worded("describe what is to be seen without it"))
            if _singled_out(wording.text, wording.options, content.right):
                self._refuse("question", NAMES_IT, worded("say it without"), warning=True)
            if content.picture_url and _singled_out(content.picture_url, wording.options, content.right):
                self._refuse("picture.url", NAMES_IT, worded("give the picture as a file"))


def _singled_out(said: str, options: Sequence[str], right: int) -> bool:
    """Whether the right option is mentioned while another is not."""
    if right >= len(options):
        return False
    mentioned = [_plain(option) in _plain(said) for option in options]
    return mentioned[right] and not all(mentioned)


def _plain(said: str) -> str:
    return f" {' '.join(WORD.findall(said.casefold()))} "


def units(said: str) -> int:
    """As Slack counts: what is beyond the basic plane counts twice."""
    return len(said.encode("utf-16-le", "surrogatepass")) // 2
