"""Who works at the demo company, and which partners have keys: made where they are missing."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from chassis.access import as_system
from chassis.clock import by_clock
from chassis.context import Context
from chassis.service import Node
from deploy.demo import company
from deploy.demo.acts import WEEK, WEEKS
from deploy.demo.carrying import StoryClock
from deploy.demo.kept import Kept
from gateway.identity.keys.actions import create_key, rotate_key
from gateway.identity.keys.model import ApiKey
from gateway.identity.partners.actions import create_partner
from gateway.identity.partners.model import Partner
from gateway.identity.passwords import hash_password
from gateway.identity.teams.actions import create_team
from gateway.identity.teams.model import Team
from gateway.identity.users.actions import create_user
from gateway.identity.users.model import User

_WHY = "the demo company's people are made"


def staff(gateway: Node, kept: Kept, told_at: datetime) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Ids of users by e-mail address and of partners by name. They have been there since before the past begins."""
    clock = StoryClock()
    clock.put(told_at - WEEKS * WEEK - timedelta(days=3))
    with gateway.begin(Context.fresh("service:demo")) as tx, as_system(tx, _WHY), by_clock(clock):
        teams = {name: team_id for team_id, name in tx.execute(select(Team.id, Team.name))}
        for name, above in company.TEAMS.items():
            if name not in teams:
                parent_id = teams[above] if above else None
                teams[name] = create_team(tx, name=name, parent_id=parent_id, custom={}, team_id=None).id
        users = {email: user_id for user_id, email in tx.execute(select(User.id, User.email))}
        # One password for all: hashing it once is enough, and takes its time.
        password_hash = hash_password(kept.password)
        for employee in company.EMPLOYEES:
            if employee.email in users:
                continue
            made = create_user(
                tx,
                email=employee.email,
                name=employee.name,
                password=None,
                role_ids=[employee.role],
                team_ids=[teams[employee.team]],
                manager_id=users[employee.boss] if employee.boss else None,
            )
            made.password_hash, users[employee.email] = password_hash, made.id
        partners = {name: partner_id for partner_id, name in tx.execute(select(Partner.id, Partner.name))}
        for name in company.PARTNERS:
            if name not in partners:
                partners[name] = create_partner(tx, name=name).id
    return users, partners


def hand_out_keys(gateway: Node, kept: Kept, partners: Mapping[str, str]) -> None:
    """A key for each partner; a new secret when the first one was lost to an interruption."""
    for name in company.PARTNERS:
        with gateway.begin(Context.fresh("service:demo")) as tx, as_system(tx, _WHY):
            mine = select(ApiKey).where(ApiKey.partner_id == partners[name], ApiKey.revoked_at.is_(None))
            key = tx.scalars(mine).first()
            if key is None:
                _, kept.keys[name] = create_key(
                    tx, name=f"{name}: demo", scopes=["leads:push"], partner_id=partners[name]
                )
            elif not kept.keys.get(name, "").startswith(f"rk_{key.prefix}_"):
                kept.keys[name] = rotate_key(tx, key, overlap=timedelta(0))
        kept.save()
