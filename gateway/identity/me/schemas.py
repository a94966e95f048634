"""What somebody is told about themselves."""

from typing import Any

from chassis.http import Body, View
from gateway.identity.users.schemas import Locale, TimeZone, WorkArea


class ChangeMe(Body):
    """What is given is changed."""

    locale: Locale = "vi"
    time_zone: TimeZone = ""
    default_work_area: WorkArea | None = None


class MyRole(View):
    """A role I have, by ``label`` in my language."""

    id: str
    key: str
    label: str


class MyTeam(View):
    """A team I belong to."""

    id: str
    name: str


class MeView(View):
    """``privileges``: ``{"lead.read": "team"}``, what is left out is ``none``. ``work_areas``: sales first."""

    id: str
    email: str
    name: str
    locale: str
    time_zone: str
    default_work_area: str | None
    roles: list[MyRole]
    teams: list[MyTeam]
    privileges: dict[str, str]
    work_areas: list[str]
    custom: dict[str, Any]
    version: int
