"""A story's file, read and checked: whatever Slack or a reader could not take is refused here, never at send."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.core.texts import Text, worded
from bot.features.stories import frontmatter, markdown
from bot.features.stories.frontmatter import Document, FrontMatterError
from bot.features.stories.markdown import TooMuchError, units
from bot.features.stories.rules import USUAL, Limits, Wording
from bot.slack import text

HEADLINE, SNIPPET, QUOTE, NAME, ALT = 150, 500, 500, 80, 2000
BODY_BLOCKS = 100 - 12  # the modal around it: headline, picture, quote, made-with, video, buttons
BODY = 30_000
BODY_BYTES = 200_000  # as blocks; Slack takes views of 250 kB
MOST_VARIANTS, MOST_PRODUCTS = 20, 10
KEYS = frozenset(
    {"kind", "customer", "products", "headline", "snippet", "quote", "picture", "video", "consent", "expires"}
    | {"published", "language", "variants"}
)
PARTS = {
    "quote": frozenset({"text", "name", "role"}),
    "picture": frozenset({"file", "url", "alt"}),
    "variant": frozenset({"headline", "snippet", "quote", "body", "alt"}),
}
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?")
UNUSABLE = {
    "nul": worded("it holds a NUL character"),
    "surrogate": worded("it holds half of a character (a lone surrogate)"),
    "combining": worded("it stacks more than eight marks on one letter"),
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """`column` is the key, such as `quote.text`. A warning does not keep the story out."""

    line: int
    column: str
    why: Text
    cure: Text
    warning: bool = False


@dataclass(frozen=True, kw_only=True)
class StoryFile:
    """One valid file. `customer` and `products` are ids or names as written; `published` is None where not given."""

    source: str
    kind: str
    customer: str | None
    products: tuple[str, ...]
    language: str
    wording: Wording
    variants: Mapping[str, Wording]
    quote_name: str | None
    quote_role: str | None
    picture_file: str | None
    picture_url: str | None
    video_url: str | None
    consent: str
    published: date | None
    expires: date | None
    hash: str
    lines: Mapping[str, int] = field(default_factory=dict)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Everything that readers see, with the key under which it stands."""
        yield "quote.name", f"{self.quote_name or ''} {self.quote_role or ''}"
        for prefix, wording in (("", self.wording), *((f"variants.{tag}.", it) for tag, it in self.variants.items())):
            for key in ("headline", "snippet", "quote", "body", "alt"):
                yield f"{prefix}{key}", getattr(wording, key) or ""


def read(source: str, raw: bytes, limits: Limits = USUAL) -> tuple[StoryFile | None, list[Problem]]:
    """The story, unless one of the problems is more than a warning. `source` is the path below the imported folder."""
    try:
        document = frontmatter.read(raw)
    except FrontMatterError as error:
        return None, [Problem(line=error.line, column=error.key, why=error.why, cure=error.cure)]
    reader = _Reader(document, limits)
    story = reader.story(source, sha256(raw).hexdigest())
    refused = any(not problem.warning for problem in reader.problems)
    return (None if refused else story), reader.problems


def read_file(root: Path, path: Path, limits: Limits = USUAL) -> tuple[StoryFile | None, list[Problem]]:
    source = path.relative_to(root).as_posix()
    if units(source) > 255:
        why, cure = worded("the path has over 255 characters"), worded("give it a shorter name")
        return None, [Problem(line=0, column="", why=why, cure=cure)]
    try:
        with path.open("rb") as file:
            raw = file.read(frontmatter.LARGEST_FILE + 1)
    except OSError:
        why, cure = worded("the file cannot be read"), worded("check who may read it")
        return None, [Problem(line=0, column="", why=why, cure=cure)]
    return read(source, raw, limits)


class _Reader:
    """Reads key by key and goes on after a problem, so that one pass shows all of them."""

    def __init__(self, document: Document, limits: Limits) -> None:
        self.document = document
        self.limits = limits
        self.problems: list[Problem] = []

    def story(self, source: str, digest: str) -> StoryFile:
        front = self.document.front
        self._unknown(front, KEYS, "")
        kind = self._one_of("kind", ("story", "news"))
        quote, picture = self._map("quote"), self._map("picture")
        self._unknown(quote, PARTS["quote"], "quote.")
        self._unknown(picture, PARTS["picture"], "picture.")
        wording = self._wording(quote, picture)
        return StoryFile(
            source=source,
            kind=kind,
            customer=self._said("customer", 255) or None,
            products=self._products(),
            language=self._language("language", front.get("language", "en")),
            wording=wording,
            variants=self._variants(wording),
            quote_name=self._said("quote.name", NAME, needed=bool(quote)) or None,
            quote_role=self._said("quote.role", NAME) or None,
            picture_file=self._said("picture.file", 255) or None,
            picture_url=self._url("picture.url"),
            video_url=self._url("video"),
            consent=self._one_of("consent", ("public", "internal")),
            published=self._day("published"),
            expires=self._day("expires"),
            hash=digest,
            lines=self.document.lines,
        )

    def _refuse(self, key: str, why: Text, cure: Text, *, line: int | None = None, warning: bool = False) -> None:
        where = self.document.line(key) if line is None else line
        self.problems.append(Problem(line=where, column=key, why=why, cure=cure, warning=warning))

    def _unknown(self, given: Mapping[str, Any], known: frozenset[str], prefix: str) -> None:
        for key in given:
            if key not in known:
                names = ", ".join(sorted(known))
                cure = worded("use one of: {names}", names=names)
                self._refuse(f"{prefix}{key}", worded("this key is not known"), cure, warning=True)

    def _get(self, key: str) -> Any:
        value: Any = self.document.front
        for name in key.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def _map(self, key: str) -> Mapping[str, Any]:
        value = self._get(key)
        if value is None or isinstance(value, Mapping):
            return value or {}
        cure = worded("write them on the next lines, further in")
        self._refuse(key, worded("it needs keys of its own"), cure)
        return {}

    def _said(self, key: str, limit: int, *, needed: bool = False) -> str:
        return self._words(key, self._get(key), limit, needed=needed)

    def _words(self, key: str, value: Any, limit: int, *, needed: bool = False, lines: bool = False) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            self._refuse(key, worded("it is not text"), worded("put it in quotes"))
            return ""
        given = "" if value is None else str(value)
        if code := text.why_unusable(given):
            self._refuse(key, UNUSABLE[code], worded("type the text again"))
            return ""
        said = text.clean(given).strip() if lines else " ".join(text.clean(given).split())
        if needed and not said:
            self._refuse(key, worded("it is missing"), worded("add `{key}: ...`", key=key.rpartition(".")[2]))
        if units(said) > limit:
            why = worded("it has {count} characters; {limit} are allowed", count=units(said), limit=limit)
            self._refuse(key, why, worded("shorten it"))
        return said

    def _one_of(self, key: str, allowed: Sequence[str]) -> str:
        value = self._get(key)
        if value in allowed:
            return str(value)
        why = worded("it is missing") if value is None else worded("it is none of the possible values")
        self._refuse(key, why, worded("write one of: {names}", names=", ".join(allowed)))
        return allowed[0]

    def _products(self) -> tuple[str, ...]:
        value = self._get("products")
        given = value if isinstance(value, list) else [] if value is None else [value]
        if len(given) > MOST_PRODUCTS:
            self._refuse("products", _too_many(len(given), MOST_PRODUCTS), worded("name the main ones"))
        named = [self._words("products", one, 255) for one in given[:MOST_PRODUCTS]]
        return tuple(dict.fromkeys(name for name in named if name))

    def _language(self, key: str, value: Any) -> str:
        if isinstance(value, str) and LANGUAGE.fullmatch(value):
            return value
        self._refuse(key, worded("it is not a language tag"), worded("write one such as en, pt-PT or de"))
        return "en"

    def _url(self, key: str) -> str | None:
        value = self._get(key)
        if value is None:
            return None
        url = text.https_url(value if isinstance(value, str) else None)
        if url is None:
            cure = worded("write one that begins with https://")
            self._refuse(key, worded("it is not a plain https address"), cure)
        return url

    def _day(self, key: str) -> date | None:
        value = self._get(key)
        if isinstance(value, datetime):
            return value.date()
        if value is None or isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self._refuse(key, worded("it is not a date"), worded("write it like 2026-03-31"))
            return None

    def _wording(self, quote: Mapping[str, Any], picture: Mapping[str, Any]) -> Wording:
        if picture and bool(picture.get("file")) == bool(picture.get("url")):
            self._refuse("picture", worded("it needs either a file or a url"), worded("keep one of the two"))
        body = self.document.body
        return Wording(
            headline=self._headline("headline", self._get("headline")),
            snippet=self._snippet("snippet", self._get("snippet")),
            body=self._body("body", body, self.document.body_line),
            quote=self._said("quote.text", QUOTE, needed=bool(quote)) or None,
            alt=self._said("picture.alt", ALT, needed=bool(picture)) or None,
        )

    def _variants(self, original: Wording) -> dict[str, Wording]:
        given = self._map("variants")
        if len(given) > MOST_VARIANTS:
            self._refuse("variants", _too_many(len(given), MOST_VARIANTS), worded("keep fewer"))
        return {
            self._language(f"variants.{tag}", tag): self._variant(f"variants.{tag}", original)
            for tag in list(given)[:MOST_VARIANTS]
        }

    def _variant(self, key: str, original: Wording) -> Wording:
        """What a variant leaves out is said in the original's words."""
        given = self._map(key)
        self._unknown(given, PARTS["variant"], f"{key}.")
        body = given.get("body")
        return Wording(
            headline=self._headline(f"{key}.headline", given.get("headline")),
            snippet=self._snippet(f"{key}.snippet", given.get("snippet")),
            body=original.body if body is None else self._body(f"{key}.body", body),
            quote=self._words(f"{key}.quote", given.get("quote"), QUOTE) or original.quote,
            alt=self._words(f"{key}.alt", given.get("alt"), ALT) or original.alt,
        )

    def _headline(self, key: str, value: Any) -> str:
        headline = self._words(key, value, HEADLINE, needed=True)
        self._sentences(key, headline)
        return headline

    def _snippet(self, key: str, value: Any) -> str:
        snippet = self._words(key, value, SNIPPET, needed=True)
        words = len(snippet.split())
        if words > self.limits.post_words:
            why = worded("it has {count} words; {limit} are allowed", count=words, limit=self.limits.post_words)
            self._refuse(key, why, worded("shorten it"))
        self._sentences(key, snippet)
        return snippet

    def _body(self, key: str, value: Any, line: int | None = None) -> str:
        body = self._words(key, value, BODY, needed=True, lines=True)
        try:
            blocks = markdown.blocks(body)
        except TooMuchError as error:
            why = worded("{what}: {count}; {limit} are allowed", what=error.what, count=error.count, limit=error.limit)
            self._refuse(key, why, worded("split or shorten it"), line=line)
            return body
        if len(blocks) > BODY_BLOCKS:
            why = worded(
                "it has {count} paragraphs, headings, lists and pictures; {limit} are allowed",
                count=len(blocks),
                limit=BODY_BLOCKS,
            )
            self._refuse(key, why, worded("join or drop some"), line=line)
        if (size := len(json.dumps(blocks).encode())) > BODY_BYTES:
            why = worded("with its formatting it has {count} bytes; {limit} are allowed", count=size, limit=BODY_BYTES)
            self._refuse(key, why, worded("use less bold, italic and links"), line=line)
        for paragraph in paragraphs(blocks):
            self._sentences(key, paragraph, line)
        return body

    def _sentences(self, key: str, said: str, line: int | None = None) -> None:
        for sentence in re.split(r"(?<=[.!?…。])\s+", said):
            if (count := len(sentence.split())) > self.limits.sentence_words:
                start = " ".join(sentence.split()[:4])
                why = worded("a sentence has {count} words: “{start} …”", count=count, start=start)
                cure = worded("{count} are easy to read", count=self.limits.sentence_words)
                self._refuse(key, why, cure, line=line, warning=True)


def _too_many(count: int, limit: int) -> Text:
    return worded("there are {count}; {limit} are allowed", count=count, limit=limit)


def paragraphs(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """The words of each paragraph, list item and quote."""
    found: list[str] = []
    for block in blocks:
        for part in block.get("elements", ()):
            items = part["elements"] if part["type"] == "rich_text_list" else [part]
            found += ["".join(piece.get("text", "") for piece in item["elements"]) for item in items]
    return found
