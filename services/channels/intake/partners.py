"""Who may push leads."""

from chassis.caller import Caller, requires
from chassis.errors import NotAllowed
from chassis.i18n import say

_scope = requires("leads:push")


def pushes_leads(caller: Caller) -> None:
    """A route's rule: a partner's key with the scope ``leads:push``."""
    _scope(caller)
    if caller.partner_id is None:
        raise NotAllowed(say("This key belongs to no partner."))


def partner_of(caller: Caller) -> str:
    """The partner that a caller who passed ``pushes_leads`` acts for."""
    assert caller.partner_id is not None
    return caller.partner_id
