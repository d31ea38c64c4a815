"""Settings from the environment and `.env`. A missing or malformed one stops the start, naming the key and the cure."""

import binascii
import re
from base64 import urlsafe_b64decode
from datetime import timedelta
from os import environ
from pathlib import Path
from typing import Annotated

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import UserMistakeError

DURATION = re.compile(r"^(?P<sign>[+-]?)(?P<number>\d+(\.\d+)?)(?P<unit>[smhd]?)$")
OFF = "off"  # instead of a first key: what is written stays plain
LONGEST = 100 * 366 * 86400
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
CURES = {
    "SLACK_BOT_TOKEN": "copy the Bot User OAuth Token (xoxb-...) from the app's page OAuth & Permissions",
    "SLACK_APP_TOKEN": "make an app-level token (xapp-...) with connections:write, or use SLACK_SIGNING_SECRET",
    "SLACK_SIGNING_SECRET": "copy the Signing Secret from the app's page Basic Information",
    "SLACK_API_URL": "leave it out for Slack itself, or give an address such as http://127.0.0.1:8123/api/",
    "DATABASE_URL": "such as sqlite:///var/canteen.db or postgresql://user:password@host/canteen",
    "CANTEEN_HTTP": "an address and port to listen on, such as 127.0.0.1:3000",
    "CANTEEN_ADMINS": "Slack ids (U012AB3CD) or e-mail addresses, separated by commas",
    "CANTEEN_PUBLIC_URL": "the https address under which CANTEEN_HTTP can be reached from outside",
    "CANTEEN_CLOCK_OFFSET": "a number with s, m, h or d, such as 3d or -90m",
    "CANTEEN_CLOCK_SKEW": "a number with s, m, h or d, such as 2s",
    "CANTEEN_LOG": "one of debug, info, warning, error",
    "CANTEEN_ENCRYPTION_KEYS": "keys as `canteen keys new` prints them, separated by commas",
}


class Settings(BaseSettings):
    """Secrets are `SecretStr`: printing the settings never shows them."""

    model_config = SettingsConfigDict(extra="ignore", case_sensitive=True, hide_input_in_errors=True)

    bot_token: SecretStr | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    app_token: SecretStr | None = Field(None, validation_alias="SLACK_APP_TOKEN")
    signing_secret: SecretStr | None = Field(None, validation_alias="SLACK_SIGNING_SECRET")
    api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")
    database_url: SecretStr = Field(SecretStr("sqlite:///var/canteen.db"), validation_alias="DATABASE_URL")
    http: str | None = Field(None, validation_alias="CANTEEN_HTTP")
    admins: Annotated[tuple[str, ...], NoDecode] = Field((), validation_alias="CANTEEN_ADMINS")
    public_url: str | None = Field(None, validation_alias="CANTEEN_PUBLIC_URL")
    clock_offset: timedelta = Field(timedelta(0), validation_alias="CANTEEN_CLOCK_OFFSET")
    clock_skew: timedelta = Field(timedelta(0), validation_alias="CANTEEN_CLOCK_SKEW")
    log: str = Field("info", validation_alias="CANTEEN_LOG")
    encryption_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field((), validation_alias="CANTEEN_ENCRYPTION_KEYS")

    @field_validator("bot_token", "app_token", "signing_secret", "http", "public_url", mode="before")
    @classmethod
    def _empty_is_absent(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("api_url", "database_url", "log", mode="before")
    @classmethod
    def _empty_is_the_default(cls, value: object, info: ValidationInfo) -> object:
        return cls.model_fields[info.field_name or ""].default if value == "" else value

    @field_validator("bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _shaped(value, r"xox[be][.-][\w.-]+")

    @field_validator("app_token")
    @classmethod
    def _app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _shaped(value, r"xapp-[\w-]+")

    @field_validator("signing_secret")
    @classmethod
    def _secret(cls, value: SecretStr | None) -> SecretStr | None:
        return _shaped(value, r"\S{8,}")

    @field_validator("api_url")
    @classmethod
    def _api(cls, value: str) -> str:
        if not re.match(r"^(https://[^\s/]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?(/|$))", value):
            raise ValueError("not an https address (plain http is for this machine only)")
        return value if value.endswith("/") else value + "/"

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        try:
            make_url(value.get_secret_value())  # its own refusal may quote a part of the password
        except (ValueError, SQLAlchemyError):
            raise ValueError("not of the expected form") from None
        return _shaped(value, r"(sqlite:///.+|postgres(ql)?(\+asyncpg)?://.+)") or value

    @field_validator("http")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        found = re.fullmatch(r"(?:\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})", value or ":")
        if value is not None and not (found and 1 <= int(found[1]) <= 65535):
            raise ValueError("not host:port")
        return value

    @field_validator("admins", mode="before")
    @classmethod
    def _admins(cls, value: object) -> object:
        return tuple(filter(None, re.split(r"[,\s]+", value))) if isinstance(value, str) else value

    @field_validator("admins")
    @classmethod
    def _who(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[UW][A-Z0-9]{2,}|[^@\s]+@[^@\s]+", one) for one in value):
            raise ValueError("neither ids nor e-mail addresses")
        return value

    @field_validator("encryption_keys", mode="before")
    @classmethod
    def _keys(cls, value: object) -> object:
        return tuple(filter(None, re.split(r"[,\s]+", value))) if isinstance(value, str) else value

    @field_validator("encryption_keys")
    @classmethod
    def _each_a_key(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, key in enumerate(value, 1):
            if not (_is_key(key.get_secret_value()) or (number == 1 and key.get_secret_value() == OFF)):
                raise ValueError(f"number {number} of {len(value)} is not a key")
        return value

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https://[^\s/]+", value):
            raise ValueError("not an https address")
        return value.rstrip("/") if value else None

    @field_validator("clock_offset", "clock_skew", mode="before")
    @classmethod
    def _duration(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found = DURATION.match(value.strip() or "0")
        if found is None:
            raise ValueError("not a length of time")
        seconds = float(found["number"]) * SECONDS[found["unit"]]
        if seconds > LONGEST:
            raise ValueError("more than a hundred years")
        return timedelta(seconds=-seconds if found["sign"] == "-" else seconds)

    @field_validator("log")
    @classmethod
    def _log(cls, value: str) -> str:
        if value.lower() not in {"debug", "info", "warning", "error"}:
            raise ValueError("not a level")
        return value.lower()

    @property
    def ciphers(self) -> tuple[list[str], bool]:
        """The keys, and whether the first of them enciphers what is written."""
        keys = [key.get_secret_value() for key in self.encryption_keys]
        return [key for key in keys if key != OFF], keys[:1] != [OFF]

    @property
    def listen(self) -> tuple[str, int] | None:
        if self.http is None:
            return None
        host, _, port = self.http.rpartition(":")
        return host.strip("[]"), int(port)


def _is_key(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"[\w-]{43}=", value, re.ASCII)) and len(urlsafe_b64decode(value)) == 32
    except binascii.Error:
        return False


def _shaped(value: SecretStr | None, pattern: str) -> SecretStr | None:
    if value is not None and not re.fullmatch(pattern, value.get_secret_value()):
        raise ValueError("not of the expected form")
    return value


def load(env_file: Path | None = None) -> Settings:
    """The environment wins over the file. Raises `UserMistakeError` naming the key; a secret's value is never shown."""
    path = env_file or Path(".env")
    try:
        given = {key: value for key, value in dotenv_values(path).items() if value is not None}
    except (OSError, UnicodeDecodeError):
        raise UserMistakeError(f"{path} cannot be read", "it is a text file in UTF-8 with KEY=value lines") from None
    try:
        return Settings.model_validate({**given, **environ})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = str(first["loc"][0])
        what = str(first["msg"]).removeprefix("Value error, ")
        raise UserMistakeError(f"{key}: {what}", CURES.get(key, "see .env.example")) from None


def check_for_run(settings: Settings) -> None:
    """What `run` needs beyond the other commands."""
    if settings.app_token is None and settings.signing_secret is None:
        raise UserMistakeError(
            "SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both missing",
            f"for Socket Mode {CURES['SLACK_APP_TOKEN']}; for HTTP {CURES['SLACK_SIGNING_SECRET']}",
        )
    if settings.app_token is None and settings.http is None:
        raise UserMistakeError(
            "CANTEEN_HTTP is missing, and without SLACK_APP_TOKEN Slack comes over HTTP", CURES["CANTEEN_HTTP"]
        )
