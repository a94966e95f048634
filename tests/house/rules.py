"""The home rules that ruff and import-linter cannot say. Each takes source and returns what is wrong, in sentences."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath

MOST_LINES = 420
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}

# Inside a service, by file name: a higher number may import a lower one, also across its nouns.
LEVEL = {
    "__main__": 6,
    "service": 5,
    "reactions": 4,
    "jobs": 4,
    "api": 4,
    "schemas": 3,
    "actions": 2,
    "queries": 1,
    "model": 0,
}

_UNFINISHED = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b")
# Folders of one machine. Not after a letter, a dot or a brace: a route may well be called like that.
_MACHINE_PATH = re.compile(r"(?<![\w.}\-/*])/(?:work|root)(?=/|\b(?!-))|(?<![\w.}\-/*])/(?:home|Users)/[a-z]\w*")
_SECRET = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
    r"|\b(?:ghp_|gho_|github_pat_|glpat-|sk_live_|xox[abp]-|AKIA|AIza)[A-Za-z0-9_-]{16,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
)
_QUOTED_WORD = re.compile(r"""["']([A-Za-z0-9+/_=.-]{32,})["']""")


def vague_file_name(path: PurePosixPath) -> Iterator[str]:
    """A file is named by its noun, not by our not knowing what it is."""
    if path.stem in VAGUE_NAMES or (set(path.parts[:-1]) & VAGUE_NAMES):
        yield f"{path}: say what it is about; no {path.stem}"


def too_long(path: PurePosixPath, source: str) -> Iterator[str]:
    """A long file wants to become two nouns. A migration is drafted, and read by table."""
    if "migrations" in path.parts:
        return
    lines = source.count("\n")
    if lines > MOST_LINES:
        yield f"{path}: {lines} lines, {MOST_LINES} at most"


def unfinished(path: PurePosixPath, source: str, tree: ast.AST) -> Iterator[str]:
    """What is here works; what does not is not here."""
    for number, line in enumerate(source.splitlines(), 1):
        if _UNFINISHED.search(line):
            yield f"{path}:{number}: unfinished work is not committed"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield f"{path}:{node.lineno}: NotImplementedError"


def raw_sql(path: PurePosixPath, tree: ast.AST) -> Iterator[str]:
    """``text(…)`` and ``__table__`` escape the owner filter of ORM queries, so they stay in the chassis."""
    sqlalchemy_names = {"sqlalchemy"}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                sqlalchemy_names |= {each.asname or each.name for each in names if each.name.startswith("sqlalchemy")}
            case ast.ImportFrom(module=module, names=names) if (module or "").startswith("sqlalchemy"):
                if any(each.name == "text" for each in names):
                    yield f"{path}:{node.lineno}: text() belongs to the chassis and to migrations"
            case ast.Attribute(attr="text", value=ast.Name(id=name)) if name in sqlalchemy_names:
                yield f"{path}:{node.lineno}: text() belongs to the chassis and to migrations"
            case ast.Attribute(attr="__table__"):
                yield f"{path}:{node.lineno}: __table__ belongs to the chassis and to migrations"


def upward_import(path: PurePosixPath, tree: ast.AST) -> Iterator[str]:
    """Inside a service: __main__ > service > api, reactions, jobs > schemas > actions > queries > model."""
    if path.parts[0] != "services" or len(path.parts) < 3:
        return
    importer = _level(path.with_suffix("").parts)
    if importer is None:
        return
    for line, imported in _imports(path, tree):
        if imported[:2] != path.parts[:2]:
            continue
        level = _level(imported)
        if level is None or level < importer:
            continue
        same_place = imported[:3] == path.with_suffix("").parts[:3]
        if level == importer and (same_place or importer <= LEVEL["schemas"]):
            continue  # between the nouns of a service, same asks same: the arrows are import-linter's
        yield f"{path}:{line}: {path.stem} imports {'.'.join(imported)}, which is not below it"


def neighbour_import(path: PurePosixPath, tree: ast.AST) -> Iterator[str]:
    """No service imports another, and the gateway imports none."""
    if path.parts[0] not in {"services", "gateway"}:
        return
    own = path.parts[1] if path.parts[0] == "services" and len(path.parts) > 2 else None
    for line, imported in _imports(path, tree):
        if imported[0] == "services" and len(imported) > 1 and imported[1] != own:
            yield f"{path}:{line}: imports {'.'.join(imported)}: services talk by events"


def machine_path(path: PurePosixPath, source: str) -> Iterator[str]:
    """The project knows no machine."""
    for number, line in enumerate(source.splitlines(), 1):
        if _MACHINE_PATH.search(line):
            yield f"{path}:{number}: a path of one machine"


def secret(path: PurePosixPath, source: str) -> Iterator[str]:
    """Nothing that looks like a key is committed. A made-up one says so on its line: not-a-secret."""
    for number, line in enumerate(source.splitlines(), 1):
        if "not-a-secret" not in line and (_SECRET.search(line) or any(map(_random, _QUOTED_WORD.findall(line)))):
            yield f"{path}:{number}: looks like a secret"


def _random(word: str) -> bool:
    """Mixed case and digits without a word in sight; hashes and ids are one case only."""
    kinds = (str.isupper, str.islower, str.isdigit)
    changes = sum(
        next((k for k in kinds if k(a)), None) is not next((k for k in kinds if k(b)), None) for a, b in pairwise(word)
    )
    return all(any(kind(each) for each in word) for kind in kinds) and changes > len(word) / 3


def _level(parts: tuple[str, ...]) -> int | None:
    """The level of services.<service>.[<noun>.]<file>…; a package such as reactions/ counts as the file it replaces."""
    for part in parts[2:]:
        if part in LEVEL:
            return LEVEL[part]
    return None


def _imports(path: PurePosixPath, tree: ast.AST) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every imported module, dotted names split, relative ones made absolute; ``from a import b`` is a.b as well."""
    package = path.parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield node.lineno, tuple(each.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            for each in node.names:
                yield node.lineno, (*base, each.name)
