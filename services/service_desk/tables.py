"""What the tables of the service desk have in common."""

from sqlalchemy import JSON, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

from chassis.database import chassis_metadata

Json = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """Base of every record of the service desk."""

    metadata = MetaData(naming_convention=chassis_metadata.naming_convention)
