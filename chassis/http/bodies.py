"""What comes in and what goes out, as pydantic models."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A request body: a field it does not know is 422, so that a typo is never taken for an omission."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """An answer; ``SomeView.model_validate(record)`` reads it from a record's attributes."""

    model_config = ConfigDict(from_attributes=True)
