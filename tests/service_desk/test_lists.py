"""What the lists of the service desk publish has indexes."""

import pytest

from chassis.paging import Listing
from services.service_desk.articles.queries import ARTICLES
from services.service_desk.cases.queries import CASES
from services.service_desk.conversation.queries import MESSAGES
from services.service_desk.entitlements.queries import ENTITLEMENTS
from services.service_desk.sla_policies.queries import HOLIDAYS, POLICIES


@pytest.mark.parametrize(
    "listing", [ARTICLES, CASES, MESSAGES, ENTITLEMENTS, HOLIDAYS, POLICIES], ids=lambda each: each.model.__tablename__
)
def test_every_filter_and_sort_has_an_index(listing: Listing) -> None:
    assert listing.missing_indexes() == []
