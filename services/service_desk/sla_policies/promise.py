"""What a policy promises for a case."""

from dataclasses import dataclass
from datetime import timedelta

from services.service_desk.sla_policies.working_time import WorkingTime


@dataclass(frozen=True)
class Promise:
    """What a case is promised, in working time."""

    policy_id: str
    first_response: timedelta
    resolution: timedelta
    hours: WorkingTime
