"""Believable Vietnamese people and companies, the same for the same seed."""

from deploy.people.generator import Company, PeopleGenerator, Person
from deploy.people.respelling import respell_email, respell_phone

__all__ = ["Company", "PeopleGenerator", "Person", "respell_email", "respell_phone"]
