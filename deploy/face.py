"""A process of the fleet: ``python -m deploy.face http sales``, ``… work sales``, ``… relay``, ``… courier``."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
BEHIND_THE_DOORS = ("work", "relay", "courier")
GIVE_WAY_BY = 15


def end_with_supervisor() -> None:
    """A face whose supervisor is killed ends too, instead of holding its port (Linux)."""
    supervisor = os.environ.get("RELATA_SUPERVISOR")
    if supervisor is None or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(supervisor):
        sys.exit("relata: the supervisor is gone already")


def give_way(kind: str) -> None:
    """What works behind the doors lets them go first: accepting comes before digesting, and a backlog loses nothing."""
    if kind in BEHIND_THE_DOORS and hasattr(os, "nice"):
        os.nice(GIVE_WAY_BY)


def main() -> None:
    """Run the face that the arguments name, until SIGTERM."""
    if sys.argv[1:2] == ["work"]:
        from chassis.green import green_process

        green_process()  # before anything else is imported
    end_with_supervisor()
    give_way(sys.argv[1] if len(sys.argv) > 1 else "")
    from chassis.settings import SettingsError
    from deploy.faces import run_face
    from deploy.installation import UnknownService

    try:
        run_face(sys.argv[1:])
    except (SettingsError, UnknownService) as error:
        sys.exit(f"relata: {error}")


if __name__ == "__main__":
    main()
