"""Settings: a missing or malformed one stops the start, names the key and the cure, and shows no secret."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import UserMistakeError
from bot.defaults import FILE, load_defaults
from bot.settings import CURES, Settings, check_for_run, load

CANARY = "canary-7f3a"
KEY, OTHER = "canarycanarycanarycanarycanarycanarycanary0=", "canarycanarycanarycanarycanarycanarycanary1="
EXAMPLE = Path(__file__).parents[1] / ".env.example"
KEYS = {str(field.validation_alias) for field in Settings.model_fields.values()}


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)


def env(folder: Path, text: str) -> Settings:
    (folder / ".env").write_text(text, encoding="utf-8")
    return load(folder / ".env")


MALFORMED = [
    ("SLACK_BOT_TOKEN", CANARY),
    ("SLACK_BOT_TOKEN", f"xapp-{CANARY}"),
    ("SLACK_BOT_TOKEN", f"xoxb-{CANARY} and more"),
    ("SLACK_APP_TOKEN", f"xoxb-{CANARY}"),
    ("SLACK_SIGNING_SECRET", "short"),
    ("SLACK_SIGNING_SECRET", f"{CANARY} with spaces"),
    ("SLACK_API_URL", "http://slack.example/api/"),
    ("SLACK_API_URL", "http://127.0.0.1.evil.example/api/"),
    ("SLACK_API_URL", "https://"),
    ("SLACK_API_URL", "slack.com"),
    ("DATABASE_URL", f"mysql://canteen:{CANARY}@host/canteen"),
    ("DATABASE_URL", f"postgresql://canteen@host:{CANARY}/canteen"),
    ("DATABASE_URL", "canteen.db"),
    ("DATABASE_URL", "sqlite:///"),
    ("CANTEEN_HTTP", "3000"),
    ("CANTEEN_HTTP", "127.0.0.1:"),
    ("CANTEEN_HTTP", "127.0.0.1:0"),
    ("CANTEEN_HTTP", "127.0.0.1:65536"),
    ("CANTEEN_HTTP", "http://127.0.0.1:3000"),
    ("CANTEEN_ADMINS", "Dana"),
    ("CANTEEN_ADMINS", "dana@example.com, @sam"),
    ("CANTEEN_PUBLIC_URL", "http://canteen.example"),
    ("CANTEEN_PUBLIC_URL", "https://"),
    ("CANTEEN_CLOCK_OFFSET", "tomorrow"),
    ("CANTEEN_CLOCK_OFFSET", "999999999999999999999d"),
    ("CANTEEN_CLOCK_SKEW", "3 weeks"),
    ("CANTEEN_LOG", "loud"),
    ("CANTEEN_ENCRYPTION_KEYS", CANARY),
    ("CANTEEN_ENCRYPTION_KEYS", f"{KEY},{CANARY}"),
    ("CANTEEN_ENCRYPTION_KEYS", f"{KEY},off"),
    ("CANTEEN_ENCRYPTION_KEYS", f"{KEY[:-1]}é"),
]


def test_each_key_is_tried() -> None:
    assert {key for key, _ in MALFORMED} == KEYS == set(CURES)


@pytest.mark.parametrize(("key", "value"), MALFORMED)
def test_a_malformed_one_is_named_with_its_cure(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(UserMistakeError) as refused:
        env(tmp_path, f'{key}="{value}"\n')
    assert str(refused.value).startswith(f"{key}: ")
    assert "\n" not in str(refused.value)
    assert refused.value.cure == CURES[key]
    assert CANARY not in f"{refused.value} {refused.value.cure} {refused.value.__context__ or ''}"


@pytest.mark.parametrize("key", sorted(KEYS))
def test_an_empty_one_is_left_out(tmp_path: Path, key: str) -> None:
    assert env(tmp_path, f"{key}=\n") == env(tmp_path, "")


def test_what_run_needs(tmp_path: Path) -> None:
    with pytest.raises(UserMistakeError, match="SLACK_APP_TOKEN and SLACK_SIGNING_SECRET"):
        check_for_run(env(tmp_path, ""))
    with pytest.raises(UserMistakeError, match="CANTEEN_HTTP"):
        check_for_run(env(tmp_path, "SLACK_SIGNING_SECRET=0123456789abcdef\n"))
    check_for_run(env(tmp_path, "SLACK_SIGNING_SECRET=0123456789abcdef\nCANTEEN_HTTP=[::1]:3000\n"))
    check_for_run(env(tmp_path, "SLACK_APP_TOKEN=xapp-1-a\n"))


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANTEEN_LOG", "debug")
    assert env(tmp_path, "CANTEEN_LOG=error\n").log == "debug"


def test_values_are_read(tmp_path: Path) -> None:
    found = env(
        tmp_path,
        "CANTEEN_ADMINS='U012AB3CD, dana@example.com'\nCANTEEN_CLOCK_OFFSET=-1.5h\nCANTEEN_HTTP=[::1]:3000\n"
        "SLACK_API_URL=http://localhost:8123/api\nCANTEEN_PUBLIC_URL=https://canteen.example/\nCANTEEN_LOG=WARNING\n",
    )
    assert found.admins == ("U012AB3CD", "dana@example.com")
    assert found.clock_offset == timedelta(minutes=-90)
    assert found.listen == ("::1", 3000)
    assert (found.api_url, found.public_url) == ("http://localhost:8123/api/", "https://canteen.example")
    assert found.log == "warning"


@pytest.mark.parametrize(
    ("given", "keys", "writes"),
    [
        ("", [], True),
        (f"{KEY}, {OTHER}", [KEY, OTHER], True),
        (f"off,{KEY}", [KEY], False),
        ("off", [], False),
    ],
)
def test_the_first_key_enciphers_unless_it_is_off(tmp_path: Path, given: str, keys: list[str], writes: bool) -> None:
    assert env(tmp_path, f"CANTEEN_ENCRYPTION_KEYS='{given}'\n").ciphers == (keys, writes)


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    found = env(
        tmp_path,
        f"SLACK_BOT_TOKEN=xoxb-{CANARY}\nSLACK_APP_TOKEN=xapp-{CANARY}\nSLACK_SIGNING_SECRET=0123{CANARY}\n"
        f"DATABASE_URL=postgresql://canteen:{CANARY}@host/canteen\nCANTEEN_ENCRYPTION_KEYS={KEY}\n",
    )
    assert "canarycanary" not in f"{found!r} {found} {found.model_dump()} {found.model_dump_json()}"
    assert CANARY not in f"{found!r} {found} {found.model_dump()} {found.model_dump_json()}"


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SLACK_BOT_TOKEN=\xff\xfe\xfa")
    with pytest.raises(UserMistakeError, match="cannot be read"):
        load(tmp_path / ".env")


def test_the_example_explains_every_key() -> None:
    text = EXAMPLE.read_text("utf-8")
    assert {key for key in KEYS if f"{key}=" in text} == KEYS


# -- config/defaults.toml ---------------------------------------------------------------------------------------------


def test_the_defaults_are_read() -> None:
    found = load_defaults(FILE)
    hours = timedelta(hours=4)
    assert found.lateness == {"story": hours, "news": hours, "quiz": timedelta(minutes=30)}
    assert found.channels.warn_below_weeks == 4
    assert found.stories.not_again_within == timedelta(days=90)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[channels\ntick = 3", "is not TOML"),
        ("[chanels]\ntick = '3s'", "chanels is not known"),
        ("channels = 3", "channels is not known"),
        ("[channels]\ntock = '3s'", "[channels] tock is not known"),
        ("[channels]\ntick = '3 s'", "[channels] tick is not a length of time"),
        ("[channels]\ntick = 3", "[channels] tick is not a length of time"),
        ("[channels]\nnext_posts = '5m'", "[channels] next_posts is not a number"),
        ("[channels]\nnext_posts = -5", "[channels] next_posts is not a number"),
        ("[channels]\nnext_posts = true", "[channels] next_posts is not a number"),
        ("[lateness]\nstory = []", "[lateness] story is not a length of time"),
        ("[stories]\nnot_again_within = '9999999999999d'", "[stories] not_again_within is not a length of time"),
    ],
)
def test_a_wrong_default_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "defaults.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserMistakeError) as refused:
        load_defaults(path)
    assert named in str(refused.value)
    assert refused.value.cure
    assert "\n" not in str(refused.value)


def test_defaults_that_are_missing(tmp_path: Path) -> None:
    with pytest.raises(UserMistakeError, match="cannot be read"):
        load_defaults(tmp_path / "nowhere.toml")
