"""What the tables of insight have in common."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from chassis.database import chassis_metadata


class Base(DeclarativeBase):
    """Base of every table of insight."""

    metadata = MetaData(naming_convention=chassis_metadata.naming_convention)
