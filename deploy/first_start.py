"""What somebody reads who has just started Relata: where it is, how to get in, what to try."""

import time

import httpx
import typer

from chassis.settings import Settings
from deploy.demo import company
from deploy.demo.kept import Kept, read_kept
from deploy.operating import first_password
from deploy.seed import is_empty, seed_demo
from deploy.trouble import Trouble
from gateway.identity.first_start import PASSWORD_FILE, FirstAdministrator

UP_WITHIN_S = 60.0
RULE = "-" * 96


class FirstStart:
    """What is done before an installation serves for the first time, and what is said whenever it does."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._is_new, self._trouble = False, ""

    def prepare(self, administrator: FirstAdministrator | None) -> None:
        """Load the demo company on a first start with RELATA_DEMO, or go on with a loading that was cut short."""
        try:
            if self._settings.demo and _wants_demo(self._settings, administrator):
                typer.echo("Loading the demo company … / Đang nạp công ty dùng thử …")
                self._is_new = seed_demo(self._settings, say=lambda _: None)
        except Trouble as error:
            self._trouble = f"The demo company is not loaded: {error}. `relata seed` tries again."

    def welcome(self, administrator: FirstAdministrator | None = None) -> None:
        """Once it answers, say how to get in. Passwords and keys are printed only when they are new."""
        base_url = address(self._settings)
        if not _wait(base_url):
            return
        lines = [
            RULE,
            f"Relata                   {base_url}    API: {base_url}/api/docs",
            *_sign_in(self._settings, administrator),
        ]
        kept = read_kept(self._settings.var)
        if self._trouble:
            lines.append(self._trouble)
        elif kept.done:
            lines += _demo(kept, base_url, new=self._is_new)
        typer.echo("\n".join([*lines, RULE]))


def address(settings: Settings) -> str:
    """Where somebody on this machine finds it."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _sign_in(settings: Settings, administrator: FirstAdministrator | None) -> list[str]:
    if line := first_password(administrator):
        return [line]
    where = "RELATA_ADMIN_PASSWORD" if settings.admin_password is not None else str(settings.var / PASSWORD_FILE)
    return [f"Sign in / Đăng nhập      {settings.admin_email}  (password / mật khẩu: {where})"]


def _wait(base_url: str) -> bool:
    deadline = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{base_url}/ready", timeout=5).status_code == 200:
                return True
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    return False


def _wants_demo(settings: Settings, administrator: FirstAdministrator | None) -> bool:
    """On a first start, and after one that was interrupted; never beside somebody's own data."""
    kept = read_kept(settings.var)
    if kept.path.exists():
        return not kept.done
    return administrator is not None or is_empty(settings)


def _demo(kept: Kept, base_url: str, *, new: bool) -> list[str]:
    password = kept.password if new else f"kept in / giữ ở {kept.path}"
    key = next(iter(kept.keys.values()), "")
    lines = [f"Demo / Dùng thử          {company.NAME}, password / mật khẩu: {password}"]
    lines += [f"                         {employee.email:<32} {employee.what}" for employee in company.EMPLOYEES]
    if not new:
        return lines
    curl = (
        f"curl {base_url}/api/v1/partner/leads -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' "
        """-d '{"name": "Nguyễn Văn An", "phone": "0912 345 678", "source": "curl"}'"""
    )
    return [*lines, "Push a lead / Gửi một khách hàng tiềm năng:", curl]
