"""How stories and news look: posts, the reading of a whole story, parts of Home, and what editors are told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.features.stories import markdown
from bot.features.stories.rules import NEWS, Post, Product, Shot, Story, Why, Wording
from bot.slack import kit, text
from bot.slack.kit import Block, Element, Message, View
from bot.slack.words import Words

READ, RECALL = "stories:read", "stories:recall"
MOST_PRODUCTS = 3
MOST_BODY_BLOCKS = 88  # of a modal's 100; the rest is around it
FALLBACK = 3800
CorrectButton = Callable[[Words, str], Element]
"""With the words and a story's id."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """A story as one place shows it. `read` is what *Read the whole story* carries; `ask` the button next to it,
    `more` those after it."""

    story: Story
    wording: Wording
    why: Why | None = None
    shot: Shot | None = None
    read: str = ""
    ask: Element | None = None
    more: Sequence[Element] = ()


def post(words: Words, look: Look) -> Message:
    """The post in a channel: read in ten seconds, with one thing to do."""
    blocks = [*_above(words, look), *_told(look), *_below(words, look), *_why(words, look)]
    elements = [kit.button(words.say("Read the whole story"), action=READ, value=look.read)]
    if look.ask is not None:
        elements.append(look.ask)
    return Message(text=fallback(words, look), blocks=[*blocks, kit.actions(*elements, *look.more)])


def corrected(words: Words, message: Message) -> Message:
    """A post as it is shown after a correction, which it says. The line is rich text and stands first, as Slack lets no
    post with rich text become one that does not begin with it (`block_mismatch` of chat.update)."""
    note = words.say("Corrected")
    line = {"type": "text", "text": note, "style": {"italic": True}}
    first: Block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [line]}]}
    return Message(text=f"{note}: {message.text}", blocks=[first, *message.blocks])


def test(words: Words, look: Look, channel_name: str) -> Message:
    """The post as a DM, with a line that says what it is."""
    note = words.say("A test, only for you: this would come next in #{channel}.", channel=channel_name)
    posted = post(words, look)
    return Message(text=f"{text.escape(note)} {posted.text}"[:4000], blocks=[_small(note), *posted.blocks])


def reading(words: Words, look: Look) -> View:
    """The whole story in a modal."""
    blocks = [*_picture(look), kit.header(look.wording.headline), *markdown.blocks(look.wording.body)]
    blocks += [*_quote(look), *_below(words, look)]
    buttons = [*([look.ask] if look.ask is not None else []), *look.more]
    if buttons:
        blocks.append(kit.actions(*buttons))
    title = words.say("Customer news") if look.story.kind == NEWS else words.say("The whole story")
    return View(type="modal", title=title, close=words.say("Close"), blocks=blocks)


def too_much(body: str) -> bool:
    """Whether a modal could not show all of a story's whole text."""
    try:
        return len(markdown.blocks(body)) > MOST_BODY_BLOCKS
    except markdown.TooMuchError:
        return True


def without_pictures(view: View) -> View:
    """For when Slack cannot fetch one of them: a story reads well without."""
    kept = [block for block in view.blocks if block["type"] != "image"]
    return View(type=view.type, title=view.title, close=view.close, blocks=kept)


def fallback(words: Words, look: Look) -> str:
    """What is read aloud and shown in notifications: the whole meaning without the looks."""
    said = [look.wording.headline if look.wording.headline[-1:] in ".!?…" else f"{look.wording.headline}."]
    if look.story.kind == NEWS:
        said.insert(0, words.say("Customer news:"))
    said.append(look.wording.snippet)
    if look.wording.quote:
        said.append(f"“{look.wording.quote}” {_speaker(look.story)}.")
    if look.story.credit:
        said.append(words.say("With thanks to {name}.", name=look.story.credit))
    if look.why is not None:
        said.append(why_line(words, look.why))
    spoken = ""
    for part in said:
        if len(spoken) + len(part_safe := text.escape(part)) < FALLBACK:
            spoken = f"{spoken} {part_safe}".strip()
    return spoken


def why_line(words: Words, why: Why) -> str:
    """Why it came here, in plain words; people's names in it are not escaped."""
    if why.code == "team_makes_product" and why.team and why.product:
        return words.say("Here because {team} makes the {product} in it.", team=why.team, product=why.product)
    if why.code == "customer_of_team" and why.team and why.product and why.customer:
        return words.say(
            "Here because {customer} uses the {product} that {team} makes.",
            customer=why.customer,
            product=why.product,
            team=why.team,
        )
    if why.code == "fresh_news":
        return words.say("Here because it is fresh news.")
    if why.code == "chosen":
        return words.say("Here because the editors chose it for this channel.")
    if why.customer:
        return words.say("Here because it was {customer}’s turn in this channel.", customer=why.customer)
    return words.say("Here because this channel has not had it yet.")


def _small(said: str) -> Block:
    """A line in small print, in which nothing is parsed."""
    return {"type": "context", "elements": [kit.plain(kit.shorten(text.clean(said), 2000))]}


def _above(words: Words, look: Look) -> Iterator[Block]:
    if look.story.kind == NEWS:
        yield _small(words.say("Customer news"))
    yield from _picture(look)


def _picture(look: Look) -> Iterator[Block]:
    if look.shot is not None and look.wording.alt:
        yield kit.image(alt=text.clean(look.wording.alt), url=look.shot.url, file=look.shot.file)


def _told(look: Look) -> Iterator[Block]:
    yield kit.header(text.clean(look.wording.headline))
    yield _rich("rich_text_section", look.wording.snippet)
    yield from _quote(look)


def _quote(look: Look) -> Iterator[Block]:
    if look.wording.quote:
        yield _rich("rich_text_quote", f"“{look.wording.quote}”", f"\n{_speaker(look.story)}")


def _rich(part: str, said: str, quiet: str = "") -> Block:
    pieces: list[Element] = [{"type": "text", "text": text.clean(said)}]
    if quiet:
        pieces.append({"type": "text", "text": text.clean(quiet), "style": {"italic": True}})
    return {"type": "rich_text", "elements": [{"type": part, "elements": pieces}]}


def _speaker(story: Story) -> str:
    return ", ".join(part for part in (story.quote_name, story.quote_role) if part)


def _below(words: Words, look: Look) -> Iterator[Block]:
    if look.story.products:
        yield _small(made_with(words, look.story.products))
    if look.story.video_url:
        yield kit.context(text.link(look.story.video_url, words.say("Watch the video")))
    if look.story.credit:
        yield _small(words.say("With thanks to {name}", name=look.story.credit))


def _why(words: Words, look: Look) -> Iterator[Block]:
    if look.why is not None:
        yield _small(why_line(words, look.why))


def made_with(words: Words, products: Sequence[Product]) -> str:
    """Which products, and who makes them."""
    shown = products[:MOST_PRODUCTS]
    names = [kit.shorten(product.name, 80) for product in shown]
    if len(products) > len(shown):
        names.append(words.say_n("one more", "{n} more", len(products) - len(shown)))
    teams = [kit.shorten(team, 80) for team in dict.fromkeys(product.team for product in shown if product.team)]
    if not teams:
        return words.say("Made with: {products}", products=words.list(names))
    return words.say("Made with: {products} · made by {teams}", products=words.list(names), teams=words.list(teams))


# -- when a story cannot be read --------------------------------------------------------------------------------------


def cannot_read(words: Words, code: str) -> str:
    """One sentence for the person who pressed."""
    if code == "recalled":
        return words.say("This story was taken back and can no longer be read.")
    if code == "expired":
        return words.say("This story is over: it was only to be shown until a certain day.")
    if code in {"outsiders", "consent", "not_nameable"}:
        return words.say("This story is only for people of the company it was written in.")
    return words.say("This story is no longer there.")


def notice(words: Words, said: str) -> View:
    return View(
        type="modal", title=words.say("Stories"), close=words.say("Close"), blocks=[kit.section(text.escape(said))]
    )


def private(said: str) -> Message:
    safe = text.escape(said)
    return Message(text=safe, blocks=[kit.section(safe)])


# -- Home -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Item:
    """A post as a line of Home."""

    post: Post
    story: Story
    channel: str


def latest(words: Words, items: Sequence[Item]) -> list[Block]:
    """The newest stories of somebody's channels."""
    blocks = [kit.header(words.say("Latest stories in your channels"))]
    for item in items:
        button = kit.button(
            words.say("Read"),
            action=READ,
            value=item.post.id,
            label=words.say("Read: {headline}", headline=item.story.wording(words.locale).headline)[:75],
        )
        blocks.append(kit.section(_line(words, item), accessory=button, block_id=f"stories-latest-{item.post.id}"))
    return blocks


def recent(words: Words, items: Sequence[Item], correct: CorrectButton | None = None) -> list[Block]:
    """The newest posts with *Recall this post*, for those who may; `correct` makes the button beside it."""
    blocks = [kit.header(words.say("Recent posts"))]
    for item in items:
        button = kit.button(
            words.say("Recall this post"),
            action=RECALL,
            value=item.post.id,
            style="danger",
            confirm=kit.confirm(
                words.say("Recall this post?"),
                words.say("It is deleted from every channel it went to, and is not posted again."),
                words.say("Recall it"),
                words.say("Keep it"),
            ),
        )
        block_id = f"stories-recent-{item.post.id}"
        if correct is None:
            blocks.append(kit.section(_line(words, item), accessory=button, block_id=block_id))
        else:
            blocks += [
                kit.section(_line(words, item)),
                kit.actions(correct(words, item.story.id), button, block_id=block_id),
            ]
    return blocks


def _line(words: Words, item: Item) -> str:
    headline = text.escape(item.story.wording(words.locale).headline)
    moment = item.post.posted_at or item.post.due_at
    return f"{headline}\n#{text.escape(item.channel)} · {_when(words, moment)}"


def _when(words: Words, moment: datetime) -> str:
    return text.slack_time(moment, "{date_short_pretty} {time}", words.moment(moment))


def recalled(words: Words, places: int) -> str:
    if places == 0:
        return words.say("This post had been taken back already.")
    return words.say_n(
        "Taken back: it is being deleted from the one place it went to.",
        "Taken back: it is being deleted from the {n} places it went to.",
        places,
    )


def may_not_recall(words: Words) -> str:
    return words.say("Only editors, admins and the customer’s account manager can take a post back.")


# -- what editors are told --------------------------------------------------------------------------------------------


def nothing_left(words: Words, *, channel_name: str, kind: str) -> Message:
    what = words.say("news") if kind == NEWS else words.say("stories")
    return private(
        words.say(
            "#{channel} has had all the {what} it may get, so its time passed without a post. "
            "Import more, or check which customers may be named. I’ll say so at most once a week.",
            channel=channel_name,
            what=what,
        )
    )


def failed(words: Words, *, headline: str, channel_name: str, error: str) -> Message:
    if error == "uncertain":
        said = words.say(
            "I can’t tell whether “{headline}” was posted in #{channel}: Slack’s answer got lost. "
            "Please look there. It is not posted again.",
            headline=headline,
            channel=channel_name,
        )
    elif error == "not_corrected":
        said = words.say(
            "“{headline}” could not be corrected in #{channel}: Slack refused it. Please look there, and recall it "
            "if it must not stay as it is.",
            headline=headline,
            channel=channel_name,
        )
    elif error == "late":
        said = words.say(
            "“{headline}” was not posted in #{channel}: Slack could not be reached in time.",
            headline=headline,
            channel=channel_name,
        )
    else:
        said = words.say(
            "“{headline}” was not posted in #{channel}: Slack refused it ({error}).",
            headline=headline,
            channel=channel_name,
            error=error,
        )
    return private(said)
