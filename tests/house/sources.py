"""What the project consists of: its tracked files."""

import ast
import subprocess
from functools import cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("chassis", "events", "services", "gateway", "deploy")


@cache
def tracked() -> list[PurePosixPath]:
    """Every file under version control; in an unpacked archive, every file that no tool left behind."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [PurePosixPath(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    files = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [PurePosixPath(path) for path in files if not {".venv", "var", "__pycache__", ".git"} & set(path.parts)]


def python_files(*folders: str) -> list[PurePosixPath]:
    """The tracked Python files under these folders."""
    return [path for path in tracked() if path.suffix == ".py" and path.parts[0] in folders]


@cache
def source(path: PurePosixPath) -> str:
    """A file's text; empty for what is no text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def tree(path: PurePosixPath) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(source(path), filename=str(path))


def services() -> list[str]:
    """The names of the services."""
    return sorted({path.parts[1] for path in python_files("services") if len(path.parts) > 2})
