"""What is asked of pipelines, and what is answered."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from chassis.fields import Text150
from chassis.http import Body, View
from chassis.i18n import say
from services.sales.pipelines.model import MOST_STAGES, Pipeline, Stage

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class Label(Body):
    """A name by language; one of the two at least."""

    vi: Text150 | None = None
    en: Text150 | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.vi or self.en):
            raise ValueError(say("Give vi or en."))
        return self


class NewStage(Body):
    """A stage; ``probability`` in percent. Without ``order`` it stands where the list has it."""

    key: Key
    name: Label
    probability: Annotated[int, Field(ge=0, le=100, strict=True)]
    order: Annotated[int, Field(ge=0, le=10_000, strict=True)] | None = None


NewStages = Annotated[list[NewStage], Field(min_length=1, max_length=MOST_STAGES)]


class CreatePipeline(Body):
    """A further pipeline, for a kind of sale that goes another way."""

    id: UUID | None = None
    key: Key
    name: Label
    stages: NewStages


class PatchPipeline(Body):
    """A merge patch: ``stages`` are replaced whole; one that is left out is retired and keeps its opportunities."""

    name: Label | None = None
    stages: NewStages | None = None


class StageView(BaseModel):
    """A step of a pipeline. A retired one takes no opportunity any more."""

    key: str
    name: dict[str, str]
    probability: int
    order: int
    retired: bool


class PipelineView(View):
    """The stages that a possible sale goes through. The default one is for opportunities that name none."""

    id: str
    key: str
    name: dict[str, str]
    stages: list[StageView]
    is_default: bool
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    version: int

    @classmethod
    def of(cls, pipeline: Pipeline) -> Self:
        """This pipeline."""
        return cls.model_validate(pipeline)


def stages_of(given: list[NewStage]) -> list[Stage]:
    """The stages as a pipeline keeps them."""
    return [
        {
            "key": each.key,
            "name": label_of(each.name),
            "probability": each.probability,
            "order": number if each.order is None else each.order,
            "retired": False,
        }
        for number, each in enumerate(given, 1)
    ]


def label_of(label: Label) -> dict[str, Any]:
    """A name as a pipeline keeps it."""
    return label.model_dump(exclude_none=True)
