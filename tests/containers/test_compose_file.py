"""docker-compose.yml says what it should: valid, hardened, complete, and no secret in an environment."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from chassis.settings import Settings
from deploy.installation import NAMES
from deploy.pools import most_connections
from tests.containers.compose import DEPLOY, ROOT, SERVERS, WATCHERS, compose_file, containers, faces, image

EVERY = sorted(containers())
OURS = sorted(name for name, each in containers().items() if each.is_ours)


def test_it_is_valid_by_the_compose_specification() -> None:
    schema = json.loads(Path(__file__).with_name("compose-spec.schema.json").read_text(encoding="utf-8"))
    said = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    wrong = [f"{list(error.path)}: {error.message}" for error in jsonschema.Draft7Validator(schema).iter_errors(said)]
    assert wrong == []


def test_every_face_of_every_service_has_its_container_and_no_other() -> None:
    named = {name: tuple(containers()[name].said["command"]) for name in OURS if name != "migrate"}
    assert named == faces()
    assert sorted(set(containers()) - set(named)) == sorted(["migrate", *SERVERS, *WATCHERS])


def test_the_gateway_finds_every_service_by_its_containers_name() -> None:
    upstreams = json.loads(containers()["gateway"].environment["RELATA_UPSTREAMS"])
    assert upstreams == {name: f"http://{name.replace('_', '-')}:8000" for name in NAMES}


@pytest.mark.parametrize("name", EVERY)
def test_a_container_may_do_nothing_it_need_not(name: str) -> None:
    said = containers()[name].said
    assert said["read_only"] is True
    assert said["cap_drop"] == ["ALL"]
    assert said["security_opt"] == ["no-new-privileges:true"]
    assert said["user"].split(":")[0] not in {"", "0", "root"}
    assert any(mount.startswith("/tmp:") for mount in said["tmpfs"])
    assert re.fullmatch(r"\d+[mg]", said["mem_limit"])
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(said)


@pytest.mark.parametrize("name", EVERY)
def test_a_container_is_started_again_and_says_how_it_is(name: str) -> None:
    container = containers()[name]
    if name == "migrate":  # it ends, and others wait for its end
        assert (container.said["restart"], container.health_check) == ("no", [])
        return
    assert container.said["restart"] == "unless-stopped"
    assert container.health_check
    assert {"interval", "timeout", "start_period"} <= set(container.said["healthcheck"])


@pytest.mark.parametrize("name", EVERY)
def test_an_image_has_one_version(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", containers()[name].said["image"])


def test_the_gateway_alone_is_published() -> None:
    published = {name: each.said["ports"] for name, each in containers().items() if each.said.get("ports")}
    assert published == {"gateway": ["127.0.0.1:8000:8000"]}
    assert compose_file()["networks"]["inside"] == {"internal": True}
    outside = {name for name, each in containers().items() if "outside" in each.said["networks"]}
    assert outside == {"gateway", "courier", "erp-bridge", "erp-bridge-worker"}  # those that must call somebody


def test_no_password_is_in_an_environment_and_each_container_has_the_files_it_reads() -> None:
    for name, container in containers().items():
        for variable, value in container.environment.items():
            if re.search(r"PASS|SECRET|TOKEN", variable):
                assert re.fullmatch(r"/run/secrets/[a-z-]+", value), f"{name}: {variable}"
            assert not re.search(r"://[^/@{]*:[^/@{]+@", value), f"{name}: {variable}"
        everything = json.dumps([container.said.get(part) for part in ("command", "entrypoint", "healthcheck")])
        everything += json.dumps(dict(container.environment))
        assert set(re.findall(r"/run/secrets/([a-z-]+)", everything)) == set(container.secrets), name
    assert {secret for each in containers().values() for secret in each.secrets} == set(compose_file()["secrets"])


def test_every_setting_a_face_is_given_is_one() -> None:
    known = {f"RELATA_{field.upper()}" for field in Settings.model_fields} | {"RELATA_BASE_URL"}
    for name in OURS:
        given = {variable for variable in containers()[name].environment if variable.startswith("RELATA_")}
        assert {variable.removesuffix("_FILE") for variable in given} <= known


def test_who_needs_something_waits_until_it_is_there() -> None:
    for name in OURS:
        waits = dict(containers()[name].waits_for)
        if name == "migrate":
            assert waits == {"postgres": "service_healthy"}
        else:
            assert waits["migrate"] == "service_completed_successfully"
    assert containers()["relay"].waits_for["rabbitmq"] == "service_healthy"
    for name, each in containers().items():
        for other, condition in each.waits_for.items():
            assert condition != "service_healthy" or containers()[other].health_check, name


def test_what_must_be_kept_is_in_a_volume_and_what_is_mounted_is_there() -> None:
    mounts = {name: each.said.get("volumes", []) for name, each in containers().items()}
    named = {mount.split(":")[0] for each in mounts.values() for mount in each if not mount.startswith(".")}
    assert named == set(compose_file()["volumes"]) == {"postgres", "rabbitmq", "prometheus", "grafana"}
    assert not any(mounts[name] for name in OURS)  # nothing of ours is kept outside the database
    for mount in (mount for each in mounts.values() for mount in each if mount.startswith(".")):
        source, _, mode = mount.split(":")
        assert mode == "ro"
        assert (ROOT / source).exists(), mount


def test_postgresql_has_connections_for_all_and_for_more_workers() -> None:
    command = containers()["postgres"].command
    most = next(int(word.split("=")[1]) for word in command if word.startswith("max_connections="))
    assert most_connections(Settings()) + 60 < most


def test_a_face_has_time_to_finish_what_it_is_doing() -> None:
    for name in OURS:
        assert int(containers()[name].said["stop_grace_period"].removesuffix("s")) > 30


def test_secrets_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    for _ in range(2):
        done = subprocess.run(
            ["sh", str(DEPLOY / "secrets.sh"), str(folder)], capture_output=True, text=True, check=True
        )
        made = {path.name: path.read_text() for path in folder.iterdir()}
        assert set(made) == set(compose_file()["secrets"])
        assert all(re.fullmatch(r"[A-Za-z0-9]{40}", value) for value in made.values())
        assert len(set(made.values())) == len(made)
        (folder / "secret").chmod(0o600)
        (folder / "secret").write_text("s" * 40)
    assert done.stdout == ""  # nothing was left to make
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_image_listens_where_the_compose_file_looks_for_it() -> None:
    environment = image()["ENV"]
    assert (environment["RELATA_PORT"], environment["RELATA_METRICS_PORT"]) == ("8000", "9000")
    assert environment["RELATA_HOST"] == environment["RELATA_METRICS_HOST"] == "0.0.0.0"


def test_the_pages_commands_name_containers_that_are_there() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    named = re.findall(r"docker compose (?:exec|run|logs)(?: -\S+)* ([a-z-]+)", page)
    named += re.findall(r"--scale ([a-z-]+)=", page)
    assert len(named) >= 6
    assert set(named) <= set(containers())
    volumes = set(re.findall(r"`relata_(postgres|rabbitmq|prometheus|grafana)`", page))
    assert volumes == set(compose_file()["volumes"])
    assert compose_file()["name"] == "relata"


def test_every_variable_of_the_file_is_explained() -> None:
    named = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {name for name in named if name not in page} == set()
