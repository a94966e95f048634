"""Looking for looks at ERPs."""

from chassis.filters import Filter
from chassis.paging import Listing
from services.erp_bridge.payments.model import Sync, SyncState

SYNCS = Listing(
    model=Sync,
    sorts=("created_at",),
    default_sort="-created_at",
    filters={"connection_id": Filter(Sync.connection_id), "state": Filter(Sync.state, SyncState)},
)
