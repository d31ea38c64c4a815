"""The form of a story or a news item, and what stands in it once it is submitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel import Locale, UnknownLocaleError

from bot.core.strings import why_unusable
from bot.features.inbox import fields
from bot.features.inbox.rules import BODY, HEADLINE, MOST_PRODUCTS, SNIPPET, Content, units
from bot.features.stories import blocks as stories_blocks
from bot.slack import kit
from bot.slack.kit import Block, Element
from bot.slack.payloads import Submission
from bot.slack.text import clean
from bot.slack.words import Words

CUSTOMER, PRODUCT = "inbox:customer", "inbox:product"
QUOTE, NAME, ALT = 500, 80, 2000
INTERNAL, PUBLIC = "internal", "public"
LANGUAGES = (
    *("en", "cs", "da", "de", "el", "es", "es-419", "fi", "fr", "hu", "id", "it", "ja", "ko", "nb", "nl", "pl"),
    *("pt-BR", "pt-PT", "ro", "sv", "th", "tr", "uk", "vi", "zh-Hans", "zh-Hant"),
)
LEAVE_OUT = "leave_out"
TEXTS = {
    "headline": HEADLINE,
    "text": SNIPPET,
    "body": BODY,
    "quote_text": QUOTE,
    "quote_name": NAME,
    "quote_role": NAME,
    "picture_alt": ALT,
}


def language_name(tag: str) -> str:
    """In the language itself, so that whoever speaks it finds it."""
    try:
        return Locale.parse(tag, sep="-").get_display_name() or tag
    except (UnknownLocaleError, ValueError):
        return tag


@dataclass(frozen=True, kw_only=True)
class Names:
    """What stands in the menus: the customer and the products as options. `picture`: how the picture is doing."""

    customer: Element | None = None
    products: Sequence[Element] = ()
    picture: str = ""


def form(words: Words, content: Content, names: Names, *, post_words: int) -> list[Block]:
    return [*_told(words, content, post_words), *_about(words, names), *_more(words, content, names)]


def _told(words: Words, content: Content, post_words: int) -> list[Block]:
    hint = words.say_n(
        "At most {n} word: it is read in ten seconds.", "At most {n} words: it is read in ten seconds.", post_words
    )
    whole = words.say("For “Read the whole story”. Leave it empty and the text above is all there is.")
    if units(content.body) > BODY:
        whole = words.say("It is too long for this field and stays as it is, unless you write a new one.")
    return [
        fields.typed(words.say("Headline"), "headline", initial=content.headline, limit=HEADLINE, optional=False),
        fields.typed(
            words.say("Text of the post"),
            "text",
            initial=content.text,
            limit=3000,
            multiline=True,
            optional=False,
            hint=hint,
        ),
        fields.typed(
            words.say("The whole story"),
            "body",
            initial=content.body if content.body != content.text and units(content.body) <= BODY else "",
            limit=BODY,
            multiline=True,
            hint=whole,
        ),
    ]


def _about(words: Words, names: Names) -> list[Block]:
    return [
        fields.search(
            words.say("Customer"), "customer", CUSTOMER, [names.customer] if names.customer is not None else []
        ),
        fields.search(
            words.say("Products"),
            "products",
            PRODUCT,
            names.products,
            many=True,
            hint=words.say("Channels whose teams make them get it first."),
        ),
    ]


def _more(words: Words, content: Content, names: Names) -> list[Block]:
    blocks = [
        fields.typed(words.say("What the customer said"), "quote_text", initial=content.quote_text or "", limit=QUOTE),
        fields.typed(words.say("Who said it"), "quote_name", initial=content.quote_name or "", limit=NAME),
        fields.typed(words.say("Their role"), "quote_role", initial=content.quote_role or "", limit=NAME),
    ]
    if names.picture:
        blocks.append(kit.context(names.picture))
    if content.picture_hash:
        option = kit.option(words.say("Leave the picture out"), LEAVE_OUT)
        blocks.append(fields.tick(words.say("The picture that is there"), "leave_out", option))
    new = words.say("A picture") if not content.picture_hash else words.say("Another picture")
    blocks.append(fields.picture(new, "picture", words.say("PNG, JPEG or GIF. Where it was taken is removed from it.")))
    alt = words.say("For those who cannot see it; needed with a picture.")
    blocks += [
        fields.typed(
            words.say("What is on the picture"), "picture_alt", initial=content.picture_alt or "", limit=ALT, hint=alt
        ),
        language_field(words, content.language),
        fields.radio(words.say("Who may read it"), "consent", consents(words), content.consent),
        fields.day(
            words.say("Last day on which it may be posted"),
            "expires",
            initial=content.expires_on.isoformat() if content.expires_on else "",
        ),
    ]
    return blocks


def language_field(words: Words, tag: str) -> Block:
    tags = LANGUAGES if tag in LANGUAGES else (tag, *LANGUAGES)
    options = [kit.option(language_name(one), one) for one in tags]
    chosen = next(one for one in options if one["value"] == tag)
    menu = kit.select(action="language", options=options, initial=chosen)
    return kit.entry(words.say("Language"), menu, block_id="language")


def consents(words: Words) -> list[Element]:
    return [
        kit.option(words.say("Only our own people"), INTERNAL),
        kit.option(words.say("Everybody, guests too: the customer agreed to that"), PUBLIC),
    ]


# -- read ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Typed:
    """The form's texts and choices, not yet looked up. `errors` by block."""

    content: Content
    errors: Mapping[str, str]
    has_file: bool


def read(words: Words, given: Submission, before: Content, *, today: date, post_words: int) -> Typed:
    """Everything that can be said without the database."""
    said: dict[str, str] = {}
    errors: dict[str, str] = {}
    for block, limit in TEXTS.items():
        said[block], wrong = _text(words, given.typed(block), limit, lines=block == "body")
        if wrong:
            errors[block] = wrong
    files = fields.files(given, "picture")
    picture = None if LEAVE_OUT in given.picked("leave_out") else before.picture_hash
    expires = given.typed("expires")
    consent = (given.picked("consent") or (INTERNAL,))[0]
    language = (given.picked("language") or (before.language,))[0]
    content = Content(
        headline=said["headline"],
        text=said["text"],
        body=said["body"] or (before.body if units(before.body) > BODY else said["text"]),
        customer_id=(given.picked("customer") or (None,))[0],
        product_ids=tuple(dict.fromkeys(given.picked("products"))),
        quote_text=said["quote_text"] or None,
        quote_name=said["quote_name"] or None,
        quote_role=said["quote_role"] or None,
        picture_hash=picture,
        picture_alt=said["picture_alt"] or None,
        language=language if language in LANGUAGES or language == before.language else "en",
        consent=consent if consent in {INTERNAL, PUBLIC} else INTERNAL,
        expires_on=_day(expires),
        details=before.details,
    )
    errors = {**_wrong(words, content, bool(files or picture), today, post_words), **errors}
    return Typed(content=content, errors=errors, has_file=bool(files))


def _text(words: Words, typed: str, limit: int, *, lines: bool) -> tuple[str, str]:
    if why_unusable(typed):
        return "", words.say("There are characters in it that cannot be shown. Please type it again.")
    said = clean(typed).strip() if lines else " ".join(clean(typed).split())
    if (count := units(said)) > limit:
        return said, words.say(
            "It has {count} characters; {limit} are allowed.", count=words.number(count), limit=words.number(limit)
        )
    return said, ""


def _wrong(words: Words, content: Content, picture: bool, today: date, post_words: int) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not content.headline:
        errors["headline"] = words.say("Please write a headline.")
    if not content.text:
        errors["text"] = words.say("Please write what the post says.")
    elif (count := len(content.text.split())) > post_words:
        errors["text"] = words.say(
            "It has {count} words; {limit} are allowed. The rest fits into the whole story.",
            count=words.number(count),
            limit=words.number(post_words),
        )
    if stories_blocks.too_much(content.body):
        errors["body"] = words.say(
            "There are more paragraphs, lists or links in it than fit. Please join or drop some."
        )
    if content.quote_text and not content.quote_name:
        errors["quote_name"] = words.say("Please say who said it.")
    if (content.quote_name or content.quote_role) and not content.quote_text:
        errors["quote_text"] = words.say("Please write what they said, or take the name out.")
    if picture and not content.picture_alt:
        errors["picture_alt"] = words.say("Please say what is on the picture, for those who cannot see it.")
    if len(content.product_ids) > MOST_PRODUCTS:
        errors["products"] = words.say("Please choose the main ones: {limit} fit.", limit=words.number(MOST_PRODUCTS))
    if content.expires_on and content.expires_on < today:
        errors["expires"] = words.say("This day is over. Please choose a later one.")
    return errors


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        return None
