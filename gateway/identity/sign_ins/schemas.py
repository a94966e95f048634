"""Signing in, as it comes and goes."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from chassis.http import Body
from gateway.identity.passwords import LONGEST
from gateway.identity.users.schemas import Password

Given = Annotated[SecretStr, Field(max_length=LONGEST)]


class TokenForm(BaseModel):
    """OAuth2's token request (RFC 6749). ``scope`` and a client's own credentials are read over: we have no clients."""

    grant_type: Literal["password", "refresh_token"]
    username: Annotated[str, Field(max_length=320)] = ""
    password: Given = SecretStr("")
    refresh_token: Given = SecretStr("")
    scope: Annotated[str, Field(max_length=1000)] = ""
    client_id: Annotated[str, Field(max_length=200)] = ""
    client_secret: Given = SecretStr("")


class TokenView(BaseModel):
    """``expires_in`` in seconds. The refresh token is good once, for 14 days."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int
    refresh_token: str


class ChangePassword(Body):
    """The present password, once more, and the new one."""

    current_password: Given
    new_password: Password
