"""Looking for pipelines."""

from chassis.filters import Filter
from chassis.paging import Listing
from services.sales.pipelines.model import Pipeline

PIPELINES = Listing(
    model=Pipeline,
    sorts=("created_at", "key"),
    default_sort="created_at",
    filters={"key": Filter(Pipeline.key)},
)
