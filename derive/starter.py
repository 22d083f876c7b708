"""The problem file that `derive new` writes: commented, and working as it stands."""

from __future__ import annotations

import shlex
from pathlib import Path

from derive.errors import DeriveError, Fault
from derive.files import write_atomically
from derive.resources import folder

FORMS = ("mlp", "equations")
_SUFFIXES = (".yaml", ".yml")
_PLACEHOLDER = "FILE.yaml"


def write_starter(name: str, form: str, force: bool) -> Path:
    """Write the file `name` (`.yaml` is added where it is missing) and return its path; refuses to write over one."""
    path = _path(name)
    if path.exists() and not force:
        raise DeriveError(Fault("the file exists already", "a new name", "--force writes over it", where=str(path)))
    text = (folder("templates") / "starter" / f"{form}.yaml").read_text(encoding="utf-8")
    write_atomically(path, text.replace(_PLACEHOLDER, shlex.quote(str(path))))
    return path


def _path(name: str) -> Path:
    path = Path(name)
    if not name.isprintable() or not path.name:
        raise DeriveError(Fault(f"the name {name!r}", "the name of a file, such as `exercise-1`", where="derive new"))
    return path if path.suffix in _SUFFIXES else path.with_name(f"{path.name}.yaml")
