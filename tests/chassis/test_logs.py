"""Logs: one JSON line an event, and nothing in it that says who somebody is or opens a door."""

import io
import json
import logging

import pytest
import structlog
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from chassis.logs import LEFT_OUT, configure_logs, lines, mask, redact


@pytest.fixture
def log():
    root = logging.getLogger()
    before = root.handlers[:], root.level, lines.stream, lines.always, lines.level
    stream = io.StringIO()
    configure_logs("INFO", stream, service="sales")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level, lines.stream, lines.always, lines.level = before
    structlog.reset_defaults()


def test_both_ways_of_logging_make_the_same_kind_of_line(log):
    structlog.get_logger().info("relay started", batch=3)
    logging.getLogger("chassis.relay").warning("slow batch of %d", 7, extra={"seconds": 1.5})
    first, second = log()
    assert (first["event"], first["batch"], first["service"], first["level"]) == ("relay started", 3, "sales", "info")
    assert (second["event"], second["seconds"], second["service"]) == ("slow batch of 7", 1.5, "sales")
    assert (second["logger"], second["level"]) == ("chassis.relay", "warning")
    assert first["timestamp"].startswith("20")


def test_below_the_level_nothing_is_written(log):
    structlog.get_logger().debug("chatter")
    logging.getLogger("x").debug("chatter")
    assert log() == []


@pytest.mark.parametrize(
    "name",
    "password client_secret Authorization set-cookie access_token api_key X-API-Key apikey webhook_signature"
    " email emails phone full_name first_name note body raw_body".split(),
)
def test_a_telling_name_hides_its_value(log, name):
    structlog.get_logger().info("something", **{name: "CANARY", "inside": {"deep": [{name: "CANARY"}]}})
    logging.getLogger("x").info("something", extra={name.replace("-", "_"): "CANARY"})
    assert "CANARY" not in json.dumps(log())
    assert log()[0][name] == LEFT_OUT
    assert log()[0]["inside"]["deep"] == [{name: LEFT_OUT}]


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("mail from Lan.Tran+x@example.com.vn bounced", "Lan.Tran"),
        ("call +84 912 345 678 failed", "345"),
        ("call 0912.345.678 failed", "345"),
        ("call (024) 3825 1234 failed", "3825"),
        ("call 84912345678 failed", "84912345678"),
        ("Authorization: Bearer abcdef.12345-x", "abcdef"),
        ("header was basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "c2ln"),
        ("connecting to amqp://relata:s3cr3t@broker:5672/%2F", "s3cr3t"),
        ("connecting to postgresql+psycopg2://relata:p%40ss@db/x", "p%40ss"),
        ("GET /hook?token=tok123&x=1", "tok123"),
        ('{"password": "hunter2"}', "hunter2"),
        ("secret whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "C2FV"),
        ("Key (email)=(an@example.com) already exists", "an@example"),
    ],
)
def test_a_sentence_is_masked(log, said, secret):
    assert secret not in mask(said)
    logging.getLogger("x").info("%s", said)
    structlog.get_logger().info(said, more=[said])
    assert secret not in json.dumps(log())


@pytest.mark.parametrize(
    "said",
    [
        "event 01900000-0000-7000-8000-000000000001 handled",
        "2026-11-21T23:46:21.916+00:00 done in 0.123 s",
        "sequence 00000000000000000042 of sales.lead.qualified.v1",
        "connected to amqp://broker:5672/%2F as relata",
        "queue relata.sales.inbox has 120000 messages",
        "GET /api/v1/leads/01900000-0000-7000-8000-000000000001",
    ],
)
def test_what_tells_nothing_is_left_alone(said):
    assert mask(said) == said


def test_an_exception_is_one_line_without_the_values_of_its_statement(log):
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        try:
            connection.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "".join(["CAN", "ARY"])})
        except DBAPIError:
            logging.getLogger("x").exception("query failed")
            structlog.get_logger().exception("query failed")
    assert len(log()) == 2
    for line in log():
        assert "nowhere" in line["exception"]
        assert "CANARY" not in json.dumps(line)


def test_anything_can_be_logged(log):
    class Odd:
        def __str__(self):
            return "odd@example.com"

    deep: dict[str, object] = {}
    deep["again"] = deep
    structlog.get_logger().info("odd", odd=Odd(), raw=b"\xff", deep=deep, keys={1: "x"}, many=(Odd(),))
    assert "odd@example.com" not in json.dumps(log())


def test_redacting_changes_no_original():
    original = {"email": "a@b.vn", "count": 3, "ok": True, "nothing": None}
    assert redact(original) == {"email": LEFT_OUT, "count": 3, "ok": True, "nothing": None}
    assert original["email"] == "a@b.vn"


def test_uvicorn_speaks_the_same_way_and_leaves_requests_to_us(log):
    logging.getLogger("uvicorn.error").info("Started server process", extra={"color_message": "Started"})
    logging.getLogger("uvicorn.access").info("GET /?email=an@example.com")
    assert [line["event"] for line in log()] == ["Started server process"]
