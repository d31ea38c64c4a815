"""Which of the languages that something is written in a reader gets."""

import pytest

from bot.core.languages import best_language


@pytest.mark.parametrize(
    ("available", "wanted", "best"),
    [
        (("en", "pt-PT", "pt-BR"), "pt-BR", "pt-BR"),
        (("en", "pt-PT"), "pt-BR", "pt-PT"),
        (("en", "pt-PT"), "de-DE", "en"),
        (("en", "de"), "en-GB", "en"),
    ],
)
def test_the_best_language(available: tuple[str, ...], wanted: str, best: str) -> None:
    assert best_language(available, wanted) == best
