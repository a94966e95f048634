"""Making and changing pipelines."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.access import find
from chassis.database import lock
from services.sales.pipelines.model import DEFAULT_ID, Pipeline, Stage

_FIRST_STAGES = (
    ("qualification", "Xác minh nhu cầu", "Qualification", 10),
    ("needs", "Khảo sát nhu cầu", "Needs analysis", 25),
    ("proposal", "Gửi báo giá", "Proposal", 50),
    ("negotiation", "Đàm phán", "Negotiation", 75),
    ("closing", "Chốt hợp đồng", "Closing", 90),
)


def default_pipeline(tx: Session) -> Pipeline:
    """The pipeline of opportunities that name none; made here if this is its first use. Needs a writing transaction."""
    pipeline = tx.get(Pipeline, DEFAULT_ID)
    if pipeline is not None:
        return pipeline
    lock(tx, ["default pipeline"])
    pipeline = tx.get(Pipeline, DEFAULT_ID)
    if pipeline is not None:
        return pipeline
    stages: list[Stage] = [
        {"key": key, "name": {"vi": vi, "en": en}, "probability": probability, "order": order, "retired": False}
        for order, (key, vi, en, probability) in enumerate(_FIRST_STAGES, 1)
    ]
    pipeline = Pipeline(id=DEFAULT_ID, key="sales", name={"vi": "Bán hàng", "en": "Sales"}, created_by="service:sales")
    pipeline.lay_out(stages)
    tx.add(pipeline)
    tx.flush()
    return pipeline


def find_pipeline(tx: Session, pipeline_id: str | None) -> Pipeline:
    """The pipeline with this id, or the default one; raises NotFound."""
    if pipeline_id is None or pipeline_id == DEFAULT_ID:
        return default_pipeline(tx)
    return find(tx, Pipeline, pipeline_id)


def create_pipeline(
    tx: Session, *, key: str, name: dict[str, str], stages: Sequence[Stage], pipeline_id: str | None = None
) -> Pipeline:
    """A further pipeline."""
    default_pipeline(tx)  # which has its key first
    pipeline = Pipeline(key=key, name=name, **({"id": pipeline_id} if pipeline_id else {}))
    pipeline.lay_out(stages)
    tx.add(pipeline)
    tx.flush()
    return pipeline


def change_pipeline(
    tx: Session, pipeline: Pipeline, *, name: dict[str, str] | None, stages: Sequence[Stage] | None
) -> Pipeline:
    """Other names, other stages; opportunities stay in the stages that they are in."""
    if name is not None and (both := {**pipeline.name, **name}) != pipeline.name:
        pipeline.name = both
    if stages is not None:
        pipeline.lay_out(stages)
    tx.flush()
    return pipeline
