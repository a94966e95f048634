"""The first start: an administrator whose password somebody can know, a secret that all processes share."""

import stat
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from chassis.settings import Settings, SettingsError
from gateway.identity.first_start import ensure_administrator
from gateway.identity.roles.builtin import BUILT_IN
from gateway.identity.roles.model import Role
from gateway.identity.users.model import User
from gateway.secrets import installation_secret
from gateway.service import GATEWAY
from tests.chassis.engines import ENGINES, open_node
from tests.gateway.stage import open_house


def test_the_secret_is_made_once_and_only_the_operator_can_read_it(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path / "var")
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(installation_secret(settings))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    file = tmp_path / "var" / "secret"
    assert set(found) == {file.read_text().strip()}
    assert len(found) == 8
    assert len(found[0]) >= 43
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["secret"]


def test_a_given_secret_is_taken_and_a_short_one_refused(tmp_path: Path) -> None:
    given = Settings(var=tmp_path, secret=SecretStr("this is long enough"))
    assert installation_secret(given) == "this is long enough"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SettingsError, match="RELATA_SECRET"):
        installation_secret(Settings(var=tmp_path, secret=SecretStr("short")))
    (tmp_path / "secret").write_text("short")
    with pytest.raises(SettingsError, match="secret"):
        installation_secret(Settings(var=tmp_path))


def test_a_generated_password_is_told_once_and_kept_privately(tmp_path: Path) -> None:
    with open_node("sqlite", tmp_path, GATEWAY, var=tmp_path) as node:
        made = ensure_administrator(node)
        assert made is not None and made.password is not None and made.kept_in is not None
        assert made.kept_in.read_text().strip() == made.password
        assert stat.S_IMODE(made.kept_in.stat().st_mode) == 0o600
        assert ensure_administrator(node) is None
        assert made.kept_in.read_text().strip() == made.password


def test_a_given_password_is_never_written_down(tmp_path: Path) -> None:
    with open_house("sqlite", tmp_path) as house:
        assert house.admin.get("/me").json()["email"] == "admin@example.com"
        assert not (tmp_path / "admin-password").exists()
        everything = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
        assert b"a-password-for-tests" not in everything


@pytest.mark.parametrize(
    ("wrong", "name"),
    [({"admin_email": "nobody"}, "RELATA_ADMIN_EMAIL"), ({"admin_password": "short"}, "RELATA_ADMIN_PASSWORD")],
)
def test_a_wrong_setting_is_one_clear_line(tmp_path: Path, wrong: dict[str, str], name: str) -> None:
    with (
        open_node("sqlite", tmp_path, GATEWAY, var=tmp_path, **wrong) as node,
        pytest.raises(SettingsError, match=name),
    ):
        ensure_administrator(node)


@pytest.mark.parametrize("engine", ENGINES)
def test_of_many_that_start_at_once_one_makes_the_administrator(engine: str, tmp_path: Path) -> None:
    with open_node(engine, tmp_path, GATEWAY, var=tmp_path) as node:
        made: list[object] = []
        threads = [threading.Thread(target=lambda: made.append(ensure_administrator(node))) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(one is None for one in made) == [False, True, True, True, True]
        with node.read() as tx:
            assert tx.scalar(select(func.count()).select_from(User)) == 1
            assert tx.scalar(select(func.count()).select_from(Role)) == len(BUILT_IN)


def test_a_later_start_adds_new_kinds_of_records_and_keeps_what_was_changed(tmp_path: Path) -> None:
    with open_node("sqlite", tmp_path, GATEWAY, var=tmp_path) as node:
        ensure_administrator(node)
        with node.db.begin() as tx:
            roles = {role.key: role for role in tx.scalars(select(Role))}
            roles["salesperson"].rights = {"lead": {"read": "team"}}
            roles["director"].rights = {}
            tx.delete(roles["hr"])
        ensure_administrator(node)
        with node.read() as tx:
            roles = {role.key: role for role in tx.scalars(select(Role))}
            assert roles["salesperson"].rights["lead"] == {"read": "team"}
            assert roles["salesperson"].rights["opportunity"]["read"] == "own"
            assert roles["director"].rights["lead"]["read"] == "all"
            assert "hr" in roles
