"""The routes of pipelines. Everybody who works on opportunities reads them; whoever may change them changes all."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.access import find
from chassis.fields import Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.paging import ListRequest, Page
from chassis.rights import must_have
from services.sales.pipelines import actions
from services.sales.pipelines.model import DEFAULT_ID, Pipeline
from services.sales.pipelines.queries import PIPELINES
from services.sales.pipelines.schemas import CreatePipeline, PatchPipeline, PipelineView, label_of, stages_of

router = Router(tags=["pipelines"])


# Reading writes as well: whoever looks first finds the default pipeline made.
@router.get("/pipelines", listing=PIPELINES, writes=True)
def list_pipelines(tx: Session, asked: ListRequest) -> Page[PipelineView]:
    """All pipelines with their stages; the default one is always there."""
    must_have(tx, Pipeline, "read")
    actions.default_pipeline(tx)
    return PIPELINES.page(tx, asked, PipelineView.of)


@router.post("/pipelines", status_code=201)
def create_pipeline(tx: Session, body: CreatePipeline) -> PipelineView:
    """A further pipeline."""
    must_have(tx, Pipeline, "create")
    made = actions.create_pipeline(
        tx,
        key=body.key,
        name=label_of(body.name),
        stages=stages_of(body.stages),
        pipeline_id=str(body.id) if body.id else None,
    )
    return PipelineView.of(made)


@router.get("/pipelines/{pipeline_id}", writes=True)
def read_pipeline(tx: Session, pipeline_id: UUID) -> PipelineView:
    """One pipeline."""
    must_have(tx, Pipeline, "read")
    return PipelineView.of(actions.find_pipeline(tx, str(pipeline_id)))


@router.patch("/pipelines/{pipeline_id}")
def change_pipeline(tx: Session, pipeline_id: UUID, body: PatchPipeline, if_match: IfMatch) -> PipelineView:
    """Other names, other stages (merge patch; stages are replaced whole)."""
    must_have(tx, Pipeline, "write")
    if str(pipeline_id) == DEFAULT_ID:
        actions.default_pipeline(tx)
    pipeline = find(tx, Pipeline, str(pipeline_id), lock=True)
    if_match.check(pipeline.version, lambda: PipelineView.of(pipeline))
    changed = actions.change_pipeline(
        tx,
        pipeline,
        name=label_of(body.name) if body.name else None,
        stages=stages_of(body.stages) if body.stages else None,
    )
    return PipelineView.of(changed)


@router.get("/pipelines/{pipeline_id}/history")
def read_pipeline_history(tx: Session, pipeline_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on a pipeline, by whom and when, newest first."""
    must_have(tx, Pipeline, "read")
    return History.of(tx, find(tx, Pipeline, str(pipeline_id)), limit=limit, cursor=cursor)
