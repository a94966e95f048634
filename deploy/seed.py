"""The demo company, loaded through the public API: as its administrator, its partners and its sellers would do it."""

import time
from typing import Any

import typer

from chassis.settings import Settings
from deploy.demo import company
from deploy.demo.api import Api
from deploy.demo.kept import Kept, alone, read_kept
from deploy.trouble import Trouble
from gateway.identity.first_start import PASSWORD_FILE

VERDICTS_WITHIN_S = 60.0
CONTACTED_EVERY, DISQUALIFIED_EVERY = 4, 11


def seed_demo(settings: Settings, base_url: str) -> bool:
    """Load what is missing of the demo company; answers whether anything was. Raises Trouble.

    Run twice it changes nothing; interrupted, it goes on. Password and keys are kept in ``demo.json`` under RELATA_VAR.
    """
    with alone(settings.var):
        kept = read_kept(settings.var)
        admin = sign_in_as_administrator(settings, base_url)
        try:
            there = {partner["name"] for partner in admin.items("/partners")}
            if kept.done and there.issuperset(company.PARTNERS):
                typer.echo("the demo company is there already")
                return False
            kept.done = False
            kept.save()
            _load(admin, kept)
        finally:
            admin.close()
        kept.done = True
        kept.save()
    typer.echo(f"the demo company is loaded; its password and keys are kept in {kept.path}")
    return True


def sign_in_as_administrator(settings: Settings, base_url: str) -> Api:
    """The API as the first administrator; raises Trouble that says where the password is looked for."""
    kept_in = settings.var / PASSWORD_FILE
    if settings.admin_password is not None:
        password, where = settings.admin_password.get_secret_value(), "RELATA_ADMIN_PASSWORD"
    elif kept_in.exists():
        password, where = kept_in.read_text().strip(), str(kept_in)
    else:
        raise Trouble(f"set RELATA_ADMIN_PASSWORD: there is no {kept_in}")
    try:
        return Api(base_url).sign_in(settings.admin_email, password)
    except Trouble as error:
        if "answered 401" in str(error) or "answered 400" in str(error):
            raise Trouble(f"{settings.admin_email} cannot sign in with the password of {where}") from error
        raise


def _load(admin: Api, kept: Kept) -> None:
    teams = _teams(admin)
    users = _users(admin, kept, teams)
    partners = {partner["name"]: partner["id"] for partner in admin.items("/partners")}
    leads = company.leads_by_partner()
    created: dict[str, str] = {}
    for name in company.PARTNERS:
        partner_id = partners.get(name) or admin.create("/partners", {"name": name})["id"]
        partner = Api(admin.base_url, _key(admin, kept, name, partner_id))
        try:
            created |= _push(partner, leads[name])
        finally:
            partner.close()
    _work(admin, kept, users, created)


def _teams(admin: Api) -> dict[str, str]:
    teams = {team["name"]: team["id"] for team in admin.items("/teams")}
    for name in (company.DEPARTMENT, *company.TEAMS):
        if name not in teams:
            above = {} if name == company.DEPARTMENT else {"parent_id": teams[company.DEPARTMENT]}
            teams[name] = admin.create("/teams", {"name": name, **above})["id"]
    return teams


def _users(admin: Api, kept: Kept, teams: dict[str, str]) -> dict[str, str]:
    """Ids of users by e-mail address."""
    known = {user["email"]: user["id"] for user in admin.items("/users")}
    for employee in company.EMPLOYEES:
        if employee.email in known:
            continue
        body = {
            "email": employee.email,
            "name": employee.name,
            "password": kept.password,
            "role_ids": [employee.role],
            "team_ids": [teams[employee.team]],
        }
        if employee is not company.MANAGER:
            body["manager_id"] = known[company.MANAGER.email]
        known[employee.email] = admin.create("/users", body)["id"]
    return known


def _key(admin: Api, kept: Kept, name: str, partner_id: str) -> str:
    """The partner's key; a new secret when its first one was lost to an interruption."""
    keys = [key for key in admin.items("/keys", partner_id=partner_id) if key["revoked_at"] is None]
    if not keys:
        wanted = {"name": f"{name}: demo", "scopes": ["leads:push"], "partner_id": partner_id}
        kept.keys[name] = admin.create("/keys", wanted)["secret"]
    elif not kept.keys.get(name, "").startswith(f"rk_{keys[0]['prefix']}_"):
        kept.keys[name] = admin.post(f"/keys/{keys[0]['id']}/rotate", 200)["secret"]
    kept.save()
    return kept.keys[name]


def _push(partner: Api, leads: list[dict[str, Any]]) -> dict[str, str]:
    """Push a partner's leads and wait for the verdicts; answers ids of the new leads by external id."""
    batch_id = partner.post("/partner/leads/batch", 202, leads)["batch_id"]
    deadline = time.monotonic() + VERDICTS_WITHIN_S
    while partner.get(f"/partner/batches/{batch_id}", limit=1)["counts"]["received"]:
        if time.monotonic() > deadline:
            raise Trouble("the demo company's leads have no verdicts yet: are the workers running? Then try again")
        time.sleep(0.1)
    created = partner.items(f"/partner/batches/{batch_id}", status="created")
    return {item["external_id"]: item["lead_id"] for item in created}


def _work(admin: Api, kept: Kept, users: dict[str, str], created: dict[str, str]) -> None:
    """Some leads are contacted, some turn out to be nothing: by the sellers who own them."""
    owners = {lead["id"]: lead["owner_id"] for lead in admin.items("/leads")}
    sellers = [users[seller.email] for seller in company.SELLERS]
    signed_in: dict[str, Api] = {}
    for place, lead_id in enumerate(created[external_id] for external_id in sorted(created)):
        if owners.get(lead_id) not in sellers:
            # It came in before sales had heard of any seller.
            owners[lead_id] = sellers[place % len(sellers)]
            admin.post(f"/leads/{lead_id}/assign", 200, {"owner_id": owners[lead_id]})
    for seller in company.SELLERS:
        signed_in[users[seller.email]] = Api(admin.base_url).sign_in(seller.email, kept.password)
    for place, lead_id in enumerate(created[external_id] for external_id in sorted(created)):
        if place % DISQUALIFIED_EVERY == 0:
            reason = company.REASONS[place // DISQUALIFIED_EVERY % len(company.REASONS)]
            signed_in[owners[lead_id]].post(f"/leads/{lead_id}/disqualify", 200, {"reason": reason})
        elif place % CONTACTED_EVERY == 0:
            signed_in[owners[lead_id]].post(f"/leads/{lead_id}/contact", 200)
    for api in signed_in.values():
        api.close()
