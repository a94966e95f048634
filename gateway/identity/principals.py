"""Whom a credential belongs to, asked of the database: who they are, what they may do, how much of it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.errors import NotSignedIn
from chassis.i18n import say
from gateway.identity.access_tokens import AccessToken
from gateway.identity.keys.model import ApiKey
from gateway.identity.keys.secret import prefix_of
from gateway.identity.partners.model import Partner
from gateway.identity.roles.builtin import NOUN_OF_SCOPE
from gateway.identity.roles.model import ACTS, Role, role_holders, widest
from gateway.identity.sign_ins.actions import is_open
from gateway.identity.sign_ins.model import SignIn
from gateway.identity.teams.model import team_members
from gateway.identity.teams.queries import with_those_below
from gateway.identity.users.model import User


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who showed a good credential. ``rate`` in requests per second, None for the usual."""

    caller: Caller
    sign_in_id: str | None = None
    rate: int | None = None


def principal_of_token(tx: Session, token: AccessToken) -> Principal:
    """The user behind an access token; raises NotSignedIn when the sign-in is over or the user is gone."""
    found = tx.execute(
        select(SignIn, User).join(User, User.id == SignIn.user_id).where(SignIn.id == token.sign_in_id)
    ).one_or_none()
    if found is None or found.User.id != token.user_id or not is_open(found.SignIn, found.User):
        raise NotSignedIn(say("This sign-in is over."))
    return Principal(user_caller(tx, found.User), sign_in_id=token.sign_in_id)


def user_caller(tx: Session, user: User) -> Caller:
    """The user as services see them."""
    roles = tx.scalars(
        select(Role)
        .join(role_holders, role_holders.c.role_id == Role.id)
        .where(role_holders.c.user_id == user.id, Role.deleted_at.is_(None))
    ).all()
    own_teams = frozenset(tx.scalars(select(team_members.c.team_id).where(team_members.c.user_id == user.id)))
    return Caller(
        kind="user",
        id=user.id,
        name=user.name,
        roles=frozenset(role.key for role in roles),
        team_ids=with_those_below(tx, own_teams),
        own_team_ids=own_teams,
        locale=user.locale,
        depths=widest(role.rights for role in roles),
    )


def principal_of_key(tx: Session, secret: str) -> Principal:
    """Whoever this key was given to; raises NotSignedIn when it opens nothing."""
    found = tx.execute(
        select(ApiKey, Partner)
        .outerjoin(Partner, Partner.id == ApiKey.partner_id)
        .where(ApiKey.prefix == prefix_of(secret))
    ).one_or_none()
    if found is None or not found.ApiKey.opens_with(secret) or not _partner_is_welcome(found.ApiKey, found.Partner):
        raise NotSignedIn(say("This key is not valid, or no longer."))
    key: ApiKey = found.ApiKey
    caller = Caller(
        kind="key",
        id=key.id,
        name=key.name,
        scopes=frozenset(key.scopes),
        partner_id=key.partner_id,
        depths={} if key.partner_id else _depths(key.scopes),
    )
    return Principal(caller, rate=key.rate_limit)


def _partner_is_welcome(key: ApiKey, partner: Partner | None) -> bool:
    if key.partner_id is None:
        return True
    return partner is not None and partner.active and partner.deleted_at is None


def _depths(scopes: list[str]) -> dict[str, str]:
    """A key of our own systems sees and writes whatever its scopes name: it acts for the whole company."""
    depths = {}
    for scope in scopes:
        plural, _, act = scope.partition(":")
        if noun := NOUN_OF_SCOPE.get(plural):
            acts = ("read", "export") if act == "read" else ACTS if act == "write" else ()
            depths.update({f"{noun}.{each}": "all" for each in acts})
    return depths
