"""Every setting of the product, typed, validated once at the start and passed down. Environment: ``RELATA_<NAME>``.

``RELATA_<NAME>_FILE`` names a file with the value instead, so that a secret need not be in the environment.
"""

import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting is wrong; the message is one line that names the variable."""


def _database_url(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql+psycopg2://", "postgresql://")):
        raise ValueError("must start with sqlite:/// or postgresql+psycopg2://")
    return url.replace("postgresql://", "postgresql+psycopg2://", 1)


def _bus_url(url: str) -> str:
    if url != "memory://" and not url.startswith(("amqp://", "amqps://")):
        raise ValueError("must be memory:// or start with amqp://")
    return url


def _cache_url(url: str) -> str:
    if url != "memory://" and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must be memory:// or start with redis://")
    return url


class Company(BaseModel):
    """Who runs this installation, as its documents name it. What is left out is left out there too."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field("", max_length=300)
    address: str = Field("", max_length=500)
    tax_code: str = Field("", max_length=20)
    phone: str = Field("", max_length=60)
    email: str = Field("", max_length=320)
    website: str = Field("", max_length=300)
    bank_account: str = Field("", max_length=300)


class Settings(BaseSettings):
    """Three URLs choose the mode (database, bus, cache); no code asks which mode it is in."""

    model_config = SettingsConfigDict(env_prefix="RELATA_", extra="ignore")

    # What stands for {password} in the URLs below.
    database_password: SecretStr | None = None
    bus_password: SecretStr | None = None
    cache_password: SecretStr | None = None
    database_url: Annotated[str, AfterValidator(_database_url)] = "sqlite:///{var}/{service}.db"
    bus_url: Annotated[str, AfterValidator(_bus_url)] = "memory://"
    cache_url: Annotated[str, AfterValidator(_cache_url)] = "memory://"
    var: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    # Where every face shows its metrics. Without a port, those that have no HTTP count theirs from `port`.
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(None, ge=0, le=65535)
    prefix: str = Field("relata", pattern=r"^[a-z0-9._-]{1,60}$")
    secret: SecretStr | None = None
    admin_email: str = "admin@example.com"
    admin_password: SecretStr | None = None
    demo: bool = True
    log_level: str = "INFO"
    http_pool: int = Field(6, ge=1, le=64)
    # Requests that may wait for each thread of the pool before new ones are told to come back.
    http_waiting: int = Field(25, ge=0, le=1000)
    worker_pool: int = Field(2, ge=1, le=64)
    batch: int = Field(100, ge=1, le=1000)
    # Where the gateway finds services, and on which ports they listen: {"sales": "http://sales:8000"}.
    upstreams: dict[str, str] = Field(default_factory=dict)
    # Our own name and address on documents: {"name": "Công ty …", "address": "…", "tax_code": "…"}.
    company: Company = Company()
    # Multiplies the retry schedule; tests compress days into seconds with it.
    retry_scale: float = Field(1.0, gt=0)

    # Calls to the outside may go to private addresses, by http and to any port: for development and tests.
    outside_allow_private: bool = False

    @field_validator("database_url", "bus_url", "cache_url")
    @classmethod
    def _with_password(cls, url: str, info: ValidationInfo) -> str:
        if "{password}" not in url:
            return url
        name = f"{(info.field_name or '').removesuffix('_url')}_password"
        password: SecretStr | None = info.data.get(name)
        if password is None:
            raise ValueError(f"has a {{password}}, and RELATA_{name.upper()} is not set")
        return url.replace("{password}", quote(password.get_secret_value(), safe=""))

    def database_url_of(self, service: str) -> str:
        """The database of one service: ``{service}`` in the setting is replaced, ``{var}`` by where our files are."""
        return self.database_url.replace("{service}", service).replace("{var}", str(self.var))


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment and its files; raises SettingsError, one line that names the variable."""
    try:
        return Settings(**(_from_files() | overrides))
    except ValidationError as error:
        first = error.errors()[0]
        name = "RELATA_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from error


def _from_files() -> dict[str, str]:
    """The contents of the files that ``RELATA_<NAME>_FILE`` name, without the line's end."""
    found = {}
    for field in Settings.model_fields:
        variable = f"RELATA_{field.upper()}"
        path = os.environ.get(f"{variable}_FILE")
        if not path:
            continue
        if variable in os.environ:
            raise SettingsError(f"{variable}: is set, and so is {variable}_FILE")
        try:
            found[field] = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is no text"
            raise SettingsError(f"{variable}_FILE: cannot read {path}: {reason}") from error
    return found
