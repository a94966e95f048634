"""``relata``: start it, run its parts, bring leads in, look after it. Every error is one clear line."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from chassis.settings import Settings, SettingsError, load_settings
from deploy.trouble import Trouble

app = typer.Typer(
    name="relata",
    help="Relata, a customer relationship management system made of services that talk through events.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
parked = typer.Typer(no_args_is_help=True, help="Events and calls that wait for somebody: look, run again, give up.")
app.add_typer(parked, name="parked")

Fleet = Annotated[bool, typer.Option("--fleet", help="Use the standard local servers where a URL is not set.")]
ServiceName = Annotated[str, typer.Argument(help="gateway, channels, sales, erp_bridge, activities or insight")]
BaseUrl = Annotated[str, typer.Option("--base-url", help="Where the gateway answers.", envvar="RELATA_BASE_URL")]
LOCAL_URL = "http://127.0.0.1:8000"


def _settings(*, fleet: bool = False) -> Settings:
    if fleet:
        from deploy.fleet import with_local_servers

        os.environ.update(with_local_servers(dict(os.environ)))
    return load_settings()


@app.command()
def up() -> None:
    """Start everything in one process; data under RELATA_VAR, demo company on the first start."""
    from chassis.logs import configure_logs
    from deploy.embedded import run_embedded
    from deploy.first_start import welcome

    settings = _settings()
    configure_logs(settings.log_level, face="relata")
    run_embedded(settings, when_up=welcome)


@app.command()
def fleet() -> None:
    """Start a process per face on PostgreSQL, RabbitMQ and Redis, and watch them."""
    from deploy.fleet import run_fleet

    run_fleet(_settings(fleet=True))


def _face(*words: str) -> None:
    # A fresh interpreter: the worker must become green before anything is imported.
    os.execv(sys.executable, [sys.executable, "-m", "deploy.face", *words])


@app.command()
def serve(service: ServiceName) -> None:
    """Run the HTTP face of one service."""
    _face("http", service)


@app.command()
def work(service: ServiceName) -> None:
    """Run the worker face of one service."""
    _face("work", service)


@app.command()
def courier() -> None:
    """Run the courier: every call to the outside."""
    _face("courier")


@app.command()
def relay() -> None:
    """Run the relay: from the outboxes to the broker."""
    _face("relay")


@app.command()
def migrate(use_fleet: Fleet = False) -> None:
    """Bring every service's database to the present version, and make sure that there is an administrator."""
    from deploy.operating import migrate_everything

    migrate_everything(_settings(fleet=use_fleet))


@app.command()
def seed(base_url: BaseUrl = LOCAL_URL) -> None:
    """Load the demo company into a running installation (as the administrator of RELATA_ADMIN_*)."""
    from deploy.seed import seed_demo

    seed_demo(_settings(), base_url)


@app.command("push-leads")
def push_leads(
    file: Annotated[Path, typer.Argument(help="A CSV file: UTF-8, UTF-16 or Windows-1258; comma, semicolon or tab.")],
    key: Annotated[str, typer.Option("--key", help="A partner's key.", envvar="RELATA_KEY")],
    base_url: BaseUrl = LOCAL_URL,
    mapping: Annotated[
        list[str] | None, typer.Option("--mapping", "-m", help="field=column, several times; or a JSON file.")
    ] = None,
    rows_at_once: Annotated[int, typer.Option(min=1, max=10_000, help="Rows per request.")] = 2_000,
    verdicts: Annotated[
        Path | None, typer.Option(help="Where the verdict per row goes; default FILE.verdicts.csv")
    ] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for one more verdict before giving up.")] = 120.0,
    state: Annotated[Path | None, typer.Option(help="Where the progress is kept; default FILE.push")] = None,
    encoding: Annotated[str, typer.Option(help="The file's encoding, when it is not recognised.")] = "",
) -> None:
    """Push a file of leads through the public batch API: resumable, with a verdict for each row."""
    from deploy.push_leads import push_file

    push_file(
        file,
        base_url,
        key,
        mapping or [],
        rows_at_once=rows_at_once,
        verdicts=verdicts,
        wait_s=wait,
        state=state,
        encoding=encoding,
    )


@parked.command("list")
def parked_list(service: ServiceName = "", limit: int = 50, use_fleet: Fleet = False) -> None:
    """What waits for an operator, newest first, in all services or one."""
    from deploy.operating import list_parked

    list_parked(_settings(fleet=use_fleet), service, limit)


@parked.command("show")
def parked_show(service: ServiceName, reference: str, use_fleet: Fleet = False) -> None:
    """One parked event or call, with its body and its reason."""
    from deploy.operating import show_parked

    show_parked(_settings(fleet=use_fleet), service, reference)


@parked.command("replay")
def parked_replay(service: ServiceName, references: list[str], use_fleet: Fleet = False) -> None:
    """Run parked events and calls again; `all` means every one of the service."""
    from deploy.operating import replay_parked

    replay_parked(_settings(fleet=use_fleet), service, references)


@parked.command("drop")
def parked_drop(
    service: ServiceName,
    references: list[str],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    use_fleet: Fleet = False,
) -> None:
    """Give parked events and calls up; what waits behind them goes on."""
    from deploy.operating import drop_parked

    if not yes:
        typer.confirm(f"Drop {len(references)} parked event(s) or call(s) of {service} for good?", abort=True)
    drop_parked(_settings(fleet=use_fleet), service, references)


@app.command()
def rebuild(reaction: Annotated[str, typer.Argument(help="e.g. sales.know_people")], use_fleet: Fleet = False) -> None:
    """Build a projection anew from the feed, beside the old one, and switch."""
    from deploy.rebuild import rebuild_projection

    rebuild_projection(_settings(fleet=use_fleet), reaction)


@app.command()
def doctor(use_fleet: Fleet = False) -> None:
    """Check settings, servers, migrations, queues, backlog and connections; say what to do about each."""
    from deploy.doctor import examine

    raise typer.Exit(examine(_settings(fleet=use_fleet)))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command's entry point; ends the process."""
    try:
        sys.exit(app(arguments, standalone_mode=False))
    except (SettingsError, Trouble) as error:
        sys.exit(f"relata: {error}")
    except typer.TyperException as error:
        if reason := error.format_message():  # else it was the help that nobody asked for by name
            sys.stderr.write(f"relata: {' '.join(reason.split()).rstrip('.')}. See `relata --help`.\n")
        sys.exit(2)
    except typer.Abort:
        sys.exit("relata: given up; nothing was done")
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"relata: {error.filename or 'the system'}: {error.strerror or error}")
    except Exception as error:
        sys.exit(f"relata: {_said_of_databases(error)}")


def _said_of_databases(error: Exception) -> str:
    """What it says in one line; raises it again when it is none of these."""
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.migrate import CannotMigrate

    match error:
        case CannotMigrate():
            return str(error)
        case SQLAlchemyError():
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            return f"the database does not answer: {reason}"
        case _:
            raise error


if __name__ == "__main__":
    main()
