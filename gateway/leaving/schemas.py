"""What is told when somebody leaves."""

from typing import Literal

from gateway.identity.users.schemas import UserView


class LeavingView(UserView):
    """A user who may no longer sign in, with what they still own by kind of record; ``parts`` says who could count."""

    open_records: dict[str, int]
    parts: dict[str, Literal["ok", "unavailable"]]
    warning: str | None
