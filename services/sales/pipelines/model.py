"""A pipeline: the stages that a possible sale goes through, and how likely each makes it."""

from collections.abc import Sequence
from typing import ClassVar, TypedDict

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import FieldError, Invalid
from chassis.i18n import say
from chassis.records import Record, unique_while_alive
from services.sales.tables import Base, Json

MOST_STAGES = 50
DEFAULT_ID = "01990000-0000-7000-8000-000000000001"
"""The pipeline of opportunities that name none. It is there from its first use on, in every installation."""


class UnknownStage(Invalid):
    """The pipeline has no such stage, or has it no more."""

    code = "unknown_stage"


class NoStage(Invalid):
    """A pipeline has at least one stage, and each key once."""

    code = "stages_unusable"


class Stage(TypedDict):
    """``probability`` in percent; ``order`` from left to right. A ``retired`` one takes no opportunity any more."""

    key: str
    name: dict[str, str]
    probability: int
    order: int
    retired: bool


class Pipeline(Record, Base):
    """``name`` by language. Stages are never forgotten: one that is left out is retired, for those that stand in it."""

    __tablename__ = "pipelines"
    __noun__: ClassVar[str] = "pipeline"

    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[dict[str, str]] = mapped_column(Json)
    stages: Mapped[list[Stage]] = mapped_column(Json)

    @property
    def is_default(self) -> bool:
        """Whether opportunities that name no pipeline go here."""
        return self.id == DEFAULT_ID

    def first_stage(self) -> Stage:
        """Where an opportunity begins."""
        return next(each for each in self.stages if not each["retired"])

    def get_stage(self, key: str) -> Stage | None:
        """The stage with this key, retired or not."""
        return next((each for each in self.stages if each["key"] == key), None)

    def find_stage(self, key: str) -> Stage:
        """A stage to go to; raises UnknownStage."""
        stage = self.get_stage(key)
        if stage is None or stage["retired"]:
            message = say("This pipeline has no such stage.")
            raise UnknownStage(message, errors=[FieldError("/stage", message)])
        return stage

    def lay_out(self, stages: Sequence[Stage]) -> None:
        """These stages, in their order, instead of those there were; raises NoStage."""
        keys = {each["key"] for each in stages}
        if not stages or len(keys) < len(stages):
            message = say("Give at least one stage, and each key once.")
            raise NoStage(message, errors=[FieldError("/stages", message)])
        retired: list[Stage] = [{**each, "retired": True} for each in self.stages or [] if each["key"] not in keys]
        laid_out = [*sorted(stages, key=lambda each: each["order"]), *retired]
        if len(laid_out) > MOST_STAGES:
            message = say("At most {limit} of a kind.", limit=MOST_STAGES)
            raise NoStage(message, errors=[FieldError("/stages", message)])
        if laid_out != self.stages:
            self.stages = laid_out


Index("pipelines_created_at", Pipeline.created_at, Pipeline.id)
unique_while_alive(Pipeline, "key")
