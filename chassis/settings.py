"""Every setting of the product, typed, validated once at the start and passed down. Environment: ``RELATA_<NAME>``."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
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

    database_url: Annotated[str, AfterValidator(_database_url)] = "sqlite:///var/{service}.db"
    bus_url: Annotated[str, AfterValidator(_bus_url)] = "memory://"
    cache_url: Annotated[str, AfterValidator(_cache_url)] = "memory://"
    var: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
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
    # Where the gateway finds services that do not run beside it: {"sales": "http://sales:8000"}.
    upstreams: dict[str, str] = Field(default_factory=dict)
    # Our own name and address on documents: {"name": "Công ty …", "address": "…", "tax_code": "…"}.
    company: Company = Company()
    # Multiplies the retry schedule; tests compress days into seconds with it.
    retry_scale: float = Field(1.0, gt=0)

    # Calls to the outside may go to private addresses, by http and to any port: for development and tests.
    outside_allow_private: bool = False

    def database_url_of(self, service: str) -> str:
        """The database of one service: ``{service}`` in the setting is replaced."""
        return self.database_url.replace("{service}", service)


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment; raises SettingsError, one line that names the variable."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = "RELATA_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from error
