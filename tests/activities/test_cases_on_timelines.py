"""What happens to a case is on the timeline of its customer, its order and itself, in words; articles are nobody's."""

from dataclasses import replace
from pathlib import Path

import events
from chassis.event import Envelope, decode
from tests.activities.stage import Stage, reader

ACCOUNT = "account:0193a1f0-0000-7000-8000-000000000201"
CASE = "case:0193a1f0-0000-7000-8000-000000000701"
EXAMPLES = Path(events.__file__).parent / "examples"


def example(name: str) -> Envelope:
    """The golden example of this event."""
    return decode((EXAMPLES / f"{name}.v1.json").read_text(encoding="utf-8"))


def test_a_case_is_part_of_its_customer_s_story(stage: Stage) -> None:
    steps = ("created", "assigned", "paused", "breached", "resolved")
    customer = replace(example("sales.account.created"), subject=ACCOUNT, body="")
    case = [example(f"service_desk.case.{step}") for step in steps]
    rest = [example(f"service_desk.{each}") for each in ("message.written", "article.published")]
    stage.hears(customer, *case, *rest)
    owner = reader("all")
    told = {each["type"]: each["what"] for each in stage.timeline(ACCOUNT, owner)}
    number = case[0].data["case"]["number"]
    assert told["service_desk.case.breached.v1"] == f"Yêu cầu hỗ trợ {number} quá hạn giải quyết"
    assert told["service_desk.message.written.v1"] == "Đã trả lời khách hàng"
    assert {f"service_desk.case.{step}.v1" for step in steps} <= set(told)
    assert not any("article" in each for each in told)
    assert "Chào chị Đào" not in str(stage.timeline(ACCOUNT, owner))
    of_case = {each["type"] for each in stage.timeline(CASE, owner)}
    assert of_case == {*(f"service_desk.case.{step}.v1" for step in steps), "service_desk.message.written.v1"}
