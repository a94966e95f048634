"""Who can be tried out on the front page: the demo company's people, while it is loaded."""

from collections.abc import Mapping

from chassis.settings import Settings
from deploy.demo import company
from deploy.demo.kept import read_kept
from deploy.trouble import Trouble

_PARTS = ("seller_x", "seller_y", "manager", "director", "service_agent", "accountant", "operator")


class DemoCast:
    """Nobody without RELATA_DEMO, and nobody before the demo company has been loaded to its end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def people(self) -> Mapping[str, str]:
        """E-mail addresses by part."""
        if not self._is_loaded():
            return {}
        return {each.part: each.email for each in company.EMPLOYEES if each.part in _PARTS}

    def partner_key(self) -> str:
        """The first partner's key."""
        return next(iter(read_kept(self._settings.var).keys.values()), "") if self._is_loaded() else ""

    def _is_loaded(self) -> bool:
        try:
            return self._settings.demo and read_kept(self._settings.var).done
        except Trouble:
            return False
