"""Settings come from the environment, or from files that it names; a wrong one is a line that names the variable."""

from pathlib import Path

import pytest

from chassis.settings import Settings, SettingsError, load_settings

PASSWORD = "mật khẩu: 50%/@{service}"


@pytest.fixture(autouse=True)
def _no_other_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("RELATA_")]:
        monkeypatch.delenv(name)


def refused() -> str:
    with pytest.raises(SettingsError) as error:
        load_settings()
    return str(error.value)


def test_a_setting_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a secret of the installation\n", encoding="utf-8")
    monkeypatch.setenv("RELATA_SECRET_FILE", str(tmp_path / "secret"))
    (tmp_path / "port").write_text("8100", encoding="utf-8")
    monkeypatch.setenv("RELATA_PORT_FILE", str(tmp_path / "port"))
    settings = load_settings()
    assert settings.secret is not None
    assert (settings.secret.get_secret_value(), settings.port) == ("a secret of the installation", 8100)


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RELATA_SECRET_FILE", str(tmp_path / "none"))
    assert refused() == f"RELATA_SECRET_FILE: cannot read {tmp_path}/none: No such file or directory"


def test_a_setting_is_given_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RELATA_SECRET", "here and there and elsewhere")
    monkeypatch.setenv("RELATA_SECRET_FILE", str(tmp_path / "secret"))
    assert refused() == "RELATA_SECRET: is set, and so is RELATA_SECRET_FILE"


def test_a_value_from_a_file_is_checked_like_any_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("oracle://somewhere")
    monkeypatch.setenv("RELATA_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert refused().startswith("RELATA_DATABASE_URL: must start with sqlite:/// or")


@pytest.mark.parametrize(
    ("name", "url", "filled"),
    [
        (
            "database",
            "postgresql://relata:{password}@db/relata_{service}",
            "postgresql+psycopg2://relata:%s@db/relata_",
        ),
        ("bus", "amqp://relata:{password}@broker/%2F", "amqp://relata:%s@broker/%%2F"),
        ("cache", "redis://:{password}@cache:6379/0", "redis://:%s@cache:6379/0"),
    ],
)
def test_a_password_comes_into_its_url_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, url: str, filled: str
) -> None:
    (tmp_path / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    monkeypatch.setenv(f"RELATA_{name.upper()}_URL", url)
    monkeypatch.setenv(f"RELATA_{name.upper()}_PASSWORD_FILE", str(tmp_path / "password"))
    told = getattr(load_settings(), f"{name}_url")
    assert told.startswith(filled % "m%E1%BA%ADt%20kh%E1%BA%A9u%3A%2050%25%2F%40%7Bservice%7D")


def test_a_password_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELATA_BUS_URL", "amqp://relata:{password}@broker/%2F")
    assert refused() == "RELATA_BUS_URL: has a {password}, and RELATA_BUS_PASSWORD is not set"


def test_a_password_is_not_told_by_what_prints_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELATA_DATABASE_PASSWORD", "very-private")
    assert "very-private" not in repr(load_settings())


def test_the_databases_are_where_the_other_files_are(tmp_path: Path) -> None:
    assert Settings(var=tmp_path).database_url_of("sales") == f"sqlite:///{tmp_path}/sales.db"
    elsewhere = Settings(var=tmp_path, database_url="sqlite:///elsewhere/{service}.db")
    assert elsewhere.database_url_of("sales") == "sqlite:///elsewhere/sales.db"
