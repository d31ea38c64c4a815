"""How much of an offered text fits a post."""

from hypothesis import example, given
from hypothesis import strategies as st

from bot.features.inbox.rules import HEADLINE, POST_WORDS, SNIPPET, headline_of, leading, others_among, units

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=900)


@given(TEXT)
@example("One. " * 100)
@example("no end " * 90)
@example("🎉" * 400)
def test_what_leads_a_text_fits_a_post_and_is_its_beginning(text: str) -> None:
    kept = leading(text)
    assert len(kept.split()) <= POST_WORDS
    assert units(kept) <= SNIPPET
    assert "".join(text.split()).startswith("".join(kept.split()))


@given(TEXT)
def test_a_text_that_fits_is_kept_whole(text: str) -> None:
    if len(text.split()) <= POST_WORDS and units(" ".join(text.split())) <= SNIPPET - 50:
        assert "".join(leading(text).split()) == "".join(text.split())


@given(TEXT, TEXT)
@example("", "🎉" * 300)
def test_a_headline_fits_slacks_header(headline: str, text: str) -> None:
    made = headline_of(headline, text)
    assert units(made) <= HEADLINE
    given_one = " ".join(headline.split())
    if given_one and units(given_one) <= HEADLINE:
        assert made == given_one


def test_alone_means_that_nobody_else_could_approve() -> None:
    assert not others_among(["U1"], "U1")
    assert not others_among([], "U1")
    assert others_among(["U1", "U2"], "U1")
