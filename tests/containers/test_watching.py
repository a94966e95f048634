"""Prometheus and Grafana are told of every face, and ask for nothing that is not there."""

import shutil
import subprocess
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from tests.containers.compose import DEPLOY, containers, faces
from tests.containers.metric_names import alerts, dashboards, labels_in, named_in, queries, series

HERE = Path(__file__).parent
PROMETHEUS = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
JOBS = {job["job_name"]: job for job in PROMETHEUS["scrape_configs"]}


def promtool(*arguments: str) -> None:
    """Run it; skip where it is not installed."""
    binary = shutil.which("promtool")
    if binary is None:
        pytest.skip("no promtool here (Debian: apt-get install prometheus)")
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_face_is_scraped_and_watched() -> None:
    (found,) = JOBS["relata"]["dns_sd_configs"]
    assert sorted(found["names"]) == sorted(faces())
    assert JOBS["alive"]["static_configs"] == [{"targets": found["names"]}]
    assert str(found["port"]) == containers()["relay"].environment["RELATA_METRICS_PORT"]


@pytest.mark.parametrize(("where", "query"), list(queries()))
def test_a_query_asks_for_what_there_is(where: str, query: str) -> None:
    known = series()
    named = named_in(query)
    assert named, where
    assert named <= set(known), where
    assert labels_in(query) <= {label for name in named for label in known[name]}, where


def test_an_alert_says_what_is_wrong_and_what_to_do() -> None:
    names = [alert["alert"] for alert in alerts()]
    assert len(names) == len(set(names)) > 12
    for alert in alerts():
        assert alert["labels"]["severity"] in {"now", "soon"}, alert
        assert set(alert["annotations"]) == {"summary", "do"}, alert


def test_a_dashboard_is_whole() -> None:
    (source,) = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert len({board["uid"] for board in dashboards().values()}) == len(dashboards()) == 2
    for name, board in dashboards().items():
        panels = board["panels"]
        assert len({panel["id"] for panel in panels}) == len(panels), name
        assert {panel["datasource"]["uid"] for panel in panels} == {source["uid"]}, name
        for one, other in combinations((panel["gridPos"] for panel in panels), 2):
            beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
            assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"], name


def test_grafana_finds_its_dashboards_where_they_are_mounted() -> None:
    (provider,) = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/relata.yml").read_text())["providers"]
    mounts = [mount.split(":") for mount in containers()["grafana"].said["volumes"]]
    assert ["./deploy/grafana/dashboards", provider["options"]["path"], "ro"] in mounts
    assert ["./deploy/grafana/provisioning", "/etc/grafana/provisioning", "ro"] in mounts


def test_promtool_takes_the_configuration_and_the_rules() -> None:
    promtool("check", "config", str(DEPLOY / "prometheus" / "prometheus.yml"))


def test_every_alert_fires_when_it_should_and_not_otherwise(tmp_path: Path) -> None:
    told = (HERE / "rules_test.yml").read_text().replace("RULES", str(DEPLOY / "prometheus" / "rules.yml"))
    (tmp_path / "rules_test.yml").write_text(told)
    promtool("test", "rules", str(tmp_path / "rules_test.yml"))
