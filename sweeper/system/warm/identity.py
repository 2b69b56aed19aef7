"""What must be the same in a warm server and in whoever uses it, so that nothing comes out otherwise."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sweeper.system.python import interpreter
from sweeper.system.warm.place import COMMANDS

LIBRARIES = ("tensorflow", "keras", "numpy")
"""Distributions that every server loads, or that shape what comes out."""

VARIABLES = (
    *("PYTHON", "LD_", "GLIBC_", "MALLOC_", "TF_", "KERAS_", "XLA_", "CUDA_", "NVIDIA_", "OMP_", "GOMP_", "KMP_"),
    *("MKL_", "OPENBLAS_", "BLIS_", "NPY_", "HOME", "XDG_", "TMPDIR", "LANG", "LC_", "TZ"),
    *("SLURM_JOB_ID", "SWEEPER_CACHE", "SWEEPER_WARM"),
)
"""Beginnings of the names of variables that libraries read when they are loaded, or later once and for all."""

_ALSO = {
    COMMANDS: (
        *("alembic", "hydra", "matplotlib", "mlflow", "omegaconf", "optuna", "pandas", "pyarrow", "rich"),
        *("scipy", "sklearn", "sqlalchemy", "typer"),
    )
}
"""Modules that a server of that name loads besides."""

_ALSO_VARIABLES = {
    COMMANDS: (
        *("MLFLOW_", "_MLFLOW_", "DO_NOT_TRACK", "DATABRICKS_", "OTEL_", "MPL", "SKLEARN_", "SCIPY_", "ARROW_"),
        *("OPTUNA_", "HYDRA_", "TYPER_", "_TYPER_", "SSL_", "REQUESTS_", "GIT_PYTHON_"),
    )
}
"""Beginnings of the names of variables that those read."""

_UNLIKE = ("XDG_SESSION_", "XDG_VTNR", "XDG_SEAT", "XDG_ACTIVATION", "PYTHONSAFEPATH", "PYTHONPATH")
"""What differs from one terminal to the next; where Python imports from is compared by what it finds there."""


def identity(name: str = "") -> dict[str, str]:
    """Facts of this process, each a short text to compare with those of the server of that name."""
    variables = (*VARIABLES, *_ALSO_VARIABLES.get(name, ()))
    relevant = sorted((key, value) for key, value in os.environ.items() if _matters(key, variables))
    return {
        "code": _code(),
        "Python": f"{sys.version} {interpreter()} {sys.prefix} {_flags()}",
        "libraries": ", ".join([*map(_library, LIBRARIES), *map(_module, _ALSO.get(name, ()))]),
        "environment": hashlib.sha256(repr(relevant).encode("utf-8", "surrogateescape")).hexdigest(),
        "namespaces": " ".join(map(_namespace, ("mnt", "pid", "net", "user", "ipc"))),
        "limits": _limits(),
    }


def difference(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    """The first fact that differs; empty where none does."""
    return next((name for name in {**one, **other} if one.get(name) != other.get(name)), "")


def _matters(key: str, variables: tuple[str, ...]) -> bool:
    return key.startswith(variables) and not key.startswith(_UNLIKE)


def _code() -> str:
    """A digest of sweeper's own files as they are now, its version among them."""
    home = Path(__file__).parents[2]
    total = hashlib.sha256(str(home).encode())
    for path in sorted(home.rglob("*.py")):
        total.update(str(path).encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _flags() -> str:
    """Python's own options, but for where scripts import from."""
    return " ".join(f"{name}={getattr(sys.flags, name)}" for name in ("optimize", "utf8_mode", "dev_mode"))


def _library(name: str) -> str:
    """Version and place of a library; nothing is imported."""
    try:
        release = version(name)
    except PackageNotFoundError:
        release = "none"
    found = PathFinder.find_spec(name.partition("-")[0])
    return f"{name} {release} {found.origin if found else ''}"


def _module(name: str) -> str:
    """The file of a module, and what tells it from one that was put there later: quicker than asking for a version."""
    found = PathFinder.find_spec(name)
    if found is None or found.origin is None:
        return f"{name} none"
    stat = Path(found.origin).stat()
    return f"{found.origin} {stat.st_ino} {stat.st_mtime_ns} {stat.st_size}"


def _namespace(name: str) -> str:
    try:
        return str(Path(f"/proc/self/ns/{name}").readlink())
    except OSError:
        return ""


def _limits() -> str:
    """What the control groups of this process may use, from its own up to the root."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    found = []
    for line in lines:
        _, controllers, group = line.split(":", 2)
        root = Path("/sys/fs/cgroup") / controllers
        for place in (root / group.lstrip("/"), *(root / group.lstrip("/")).parents):
            found += [_text(place / name) for name in ("memory.max", "cpu.max", "memory.limit_in_bytes")]
            if place == root:
                break
    return " ".join(sorted({each for each in found if each and not each.startswith("max")}))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
