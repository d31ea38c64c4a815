"""What a file may hold: refused with line, key, limit and count; never later."""

import time
from datetime import date
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.features.stories import blocks, reading
from bot.features.stories.blocks import Look
from bot.features.stories.reading import Problem, StoryFile
from bot.features.stories.rules import Shot, Story
from bot.slack import pictures
from bot.slack.pictures import PictureError
from bot.slack.words import Words
from sandbox.kit import check_blocks, check_view
from tests.features.stories.given import png
from tests.features.stories.given import story as file


def read(text: str) -> tuple[StoryFile | None, list[Problem]]:
    return reading.read("orion.md", text.encode())


def refused(text: str) -> Problem:
    found, problems = read(text)
    assert found is None
    wrong = [problem for problem in problems if not problem.warning]
    assert len(wrong) == 1
    return wrong[0]


def test_a_file_as_it_should_be() -> None:
    found, problems = read(file())
    assert problems == []
    assert found is not None
    assert (found.kind, found.customer, found.products, found.language) == ("story", "NL-001", ("PB-7",), "en")
    assert found.wording.quote == "It simply never fails."
    assert (found.quote_name, found.quote_role) == ("Ines Falk", "Head of product")
    assert found.variants["pt-PT"].headline == "O novo televisor"
    assert found.variants["pt-PT"].body == "Tudo em **português**."
    assert found.variants["pt-PT"].quote == found.wording.quote
    assert str(found.published) == "2026-11-01"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    plain, _ = read(file())
    other, _ = reading.read("orion.md", b"\xef\xbb\xbf" + file().replace("\n", "\r\n").encode())
    assert plain is not None
    assert other is not None
    assert other.wording == plain.wording


@pytest.mark.parametrize(
    ("values", "line", "column", "why"),
    [
        ({"kind": "poem"}, 2, "kind", "possible values"),
        ({"headline": "x" * 151}, 5, "headline", "151 characters; 150"),
        ({"headline": "😀" * 76}, 5, "headline", "152 characters; 150"),
        ({"headline": "''"}, 5, "headline", "missing"),
        ({"headline": "[a]"}, 5, "headline", "not text"),
        ({"snippet": "word " * 61}, 6, "snippet", "61 words; 60"),
        ({"snippet": "x" * 501}, 6, "snippet", "501 characters; 500"),
        ({"quote": "x" * 501}, 8, "quote.text", "501 characters; 500"),
        ({"consent": "maybe"}, 11, "consent", "possible values"),
        ({"published": "soon"}, 12, "published", "not a date"),
        ({"headline": '"a' + "\\u0301" * 9 + '"'}, 5, "headline", "eight marks"),
        ({"headline": '"a\\0b"'}, 5, "headline", "NUL"),
        ({"headline": '"a\\ud800b"'}, 5, "headline", "surrogate"),
    ],
)
def test_what_is_wrong_is_named(values: dict[str, str], line: int, column: str, why: str) -> None:
    problem = refused(file(**values))
    assert (problem.line, problem.column) == (line, column)
    assert why in problem.why
    assert problem.cure


def with_key(lines: str) -> str:
    return file().replace("kind: story\n", f"kind: story\n{lines}\n")


@pytest.mark.parametrize(
    ("lines", "column", "why"),
    [
        ("picture: {file: a.png}", "picture.alt", "missing"),
        ("picture: {file: a.png, url: 'https://a.example/x.png', alt: x}", "picture", "either"),
        ("picture: {url: 'http://a.example/x.png', alt: x}", "picture.url", "https"),
        ("picture: {url: 'javascript:alert(1)', alt: x}", "picture.url", "https"),
        (f"picture: {{file: a.png, alt: {'x' * 2001}}}", "picture.alt", "2001 characters; 2000"),
        ("video: http://a.example", "video", "https"),
        ("video: 'https://a@b.example'", "video", "https"),
        ("language: portuguese", "language", "language tag"),
        ("quote: soon", "quote", "twice"),
        ("kind: news", "kind", "twice"),
        ("a: &a [1]\nb: *a", "", "alias"),
        ("a: [[[[[[[[[[]]]]]]]]]]", "", "nested"),
        ("a: 'b", "", "not YAML"),
    ],
)
def test_what_keys_may_hold(lines: str, column: str, why: str) -> None:
    problem = refused(with_key(lines))
    assert problem.column == column
    assert why in problem.why


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"just text", "no front matter"),
        (b"---\nkind: story\n", "does not end"),
        (b"---\n- a\n---\n", "list of keys"),
        (b"---\n\xff\xfe\n---\n", "not UTF-8"),
        (b"---\n---\n" + b"x" * 300_000, "bytes"),
        (b"---\na: " + b"x" * 40_000 + b"\n---\n", "bytes"),
        (b"---\n!!python/object/apply:os.system [ls]\n---\n", "YAML"),
    ],
)
def test_what_is_no_story_at_all(raw: bytes, why: str) -> None:
    found, problems = reading.read("x.md", raw)
    assert found is None
    assert why in problems[0].why


def with_body(body: str) -> str:
    return file().split("# From the bench")[0] + body


def test_what_is_not_utf_8_is_named_behind_a_byte_order_mark_too() -> None:
    _, [problem] = reading.read("orion.md", b"\xef\xbb\xbf---\nheadline: Caf\xc3\xa9bb\xff\n---\n")
    assert (problem.line, problem.column) == (2, "headline")
    assert "not UTF-8" in problem.why


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("x" * 3001, "3001; 3000"),
        ("😀" * 1501, "3002; 3000"),
        ("\n\n".join("a" for _ in range(89)), "89 paragraphs"),
        ("\n\n".join("word " * 500 for _ in range(13)), "characters; 30000"),
        ("*a* " * 700 + "\n\n" + "\n\n".join("*a* " * 700 for _ in range(8)), "bytes; 200000"),
        ("", "missing"),
    ],
)
def test_a_body_that_does_not_fit(body: str, why: str) -> None:
    assert why in refused(with_body(body)).why


def test_the_longest_body_that_fits_opens() -> None:
    found, problems = read(with_body("\n\n".join("a b c" for _ in range(88))))
    assert problems == []
    assert found is not None
    shown = blocks.reading(Words(), look(found)).payload()
    assert check_view(shown) == []


def test_long_sentences_are_pointed_out_and_let_in() -> None:
    found, problems = read(file(snippet="word " * 21 + "end. Short one."))
    assert found is not None
    assert [(problem.warning, problem.column) for problem in problems] == [(True, "snippet")]
    assert "22 words" in problems[0].why


def test_everything_wrong_is_said_at_once() -> None:
    _, problems = read(file(kind="poem", headline="x" * 151, consent="perhaps"))
    assert {problem.column for problem in problems} == {"kind", "headline", "consent"}


def test_a_bomb_is_refused_quickly() -> None:
    bomb = "---\na: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in pairwise("abcdefghi")
    )
    began = time.perf_counter()
    found, problems = reading.read("x.md", f"{bomb}---\nx".encode())
    assert found is None
    assert "alias" in problems[0].why
    assert time.perf_counter() - began < 0.5


def test_a_megabyte_of_marks_is_refused_quickly() -> None:
    began = time.perf_counter()
    found, _ = reading.read("x.md", ("---\nkind: story\n---\n" + "\u0301" * 500_000).encode())
    assert found is None
    assert time.perf_counter() - began < 0.05


def look(found: StoryFile, **values: object) -> Look:
    story = Story(
        id="s1",
        kind=found.kind,
        customer_id="c1",
        customer=found.customer,
        nameable=True,
        wordings={found.language: found.wording},
        quote_name=found.quote_name,
        quote_role=found.quote_role,
        video_url=found.video_url,
        published_on=found.published or date(2026, 1, 1),
    )
    return Look(story=story, wording=found.wording, shot=Shot(file="F0123456789"), read="p1", **values)  # type: ignore[arg-type]


quoted = st.text(max_size=170).map(lambda text: "'" + text.replace("'", "''").replace("\n", " ") + "'")


@given(quoted, quoted, quoted)
def test_whatever_is_let_in_can_be_posted_and_read(headline: str, snippet: str, quote: str) -> None:
    found, _ = read(file(headline=headline, snippet=snippet, quote=quote))
    if found is not None:
        message = blocks.post(Words(), look(found))
        assert check_blocks(list(message.blocks), "message") == []
        assert 0 < len(message.text) <= 4000
        assert check_view(blocks.reading(Words(), look(found)).payload()) == []


# -- pictures ---------------------------------------------------------------------------------------------------------


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.row("F6")
def test_where_a_photo_was_taken_is_gone() -> None:
    photo = Image.new("RGB", (60, 40), "red")
    exif = photo.getexif()
    exif[0x010F] = "Camera of Amara"
    exif.get_ifd(0x8825)[2] = (38.0, 42.0, 0.0)
    exif[0x0112] = 6  # turned
    raw = BytesIO()
    photo.save(raw, "JPEG", exif=exif, comment=b"secret")
    assert b"Amara" in raw.getvalue()
    kept = pictures.encode(raw.getvalue())
    assert b"Amara" not in kept.data
    assert b"secret" not in kept.data
    assert not opened(kept.data).getexif()
    assert opened(kept.data).size == (40, 60)  # upright before the note about it goes


def test_transparency_stays_and_movement_does_not() -> None:
    clear = BytesIO()
    Image.new("RGBA", (10, 10), (1, 2, 3, 0)).save(clear, "PNG")
    assert pictures.encode(clear.getvalue()).mimetype == "image/png"
    moving = BytesIO()
    frames = [Image.new("RGB", (10, 10), color) for color in ("red", "blue")]
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:])
    assert getattr(opened(pictures.encode(moving.getvalue()).data), "n_frames", 1) == 1


def test_a_large_picture_becomes_small_enough() -> None:
    noise = Image.frombytes("RGB", (1700, 340), Random(0).randbytes(3 * 1700 * 340))  # nothing can make it shorter
    noise.putalpha(128)
    raw = BytesIO()
    noise.save(raw, "PNG", compress_level=1)
    kept = pictures.encode(raw.getvalue())
    assert opened(kept.data).width < pictures.LONGEST_SIDE  # once is not enough
    assert len(kept.data) <= pictures.LARGEST_RESULT
    assert kept.mimetype == "image/png"


def test_the_same_picture_has_the_same_name() -> None:
    assert pictures.encode(png()).hash == pictures.encode(png()).hash


def bomb() -> bytes:
    data = BytesIO()
    Image.new("1", (20_000, 20_000)).save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
        (b"<?xml version='1.0'?><SVG/>", "SVG"),
        (b"not a picture", "not a PNG"),
        (b"", "not a PNG"),
        (png()[:60], "broken"),
        (bomb(), "pixels"),
        (b"BM" + b"\x00" * 60, "not a PNG"),
    ],
)
@pytest.mark.row("F6")
def test_pictures_that_are_refused(raw: bytes, why: str) -> None:
    with pytest.raises(PictureError) as caught:
        pictures.encode(raw)
    assert why in caught.value.why
    assert caught.value.cure


def test_a_file_that_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    with path.open("wb") as file:
        file.truncate(pictures.LARGEST_FILE + 1)
    with pytest.raises(PictureError, match="bytes"):
        pictures.read(path)
