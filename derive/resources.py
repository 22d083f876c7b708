"""Where the folders that travel with `derive` stand: its templates and its bank of problems."""

from __future__ import annotations

from pathlib import Path

from derive.errors import DeriveError, Fault

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `name`: inside the installed package, or at the top of a source checkout."""
    inside = _PACKAGE / name
    if inside.is_dir():
        return inside
    beside = _PACKAGE.parent / name
    # Without this test a stranger's folder beside the installed package would be taken for ours.
    if beside.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return beside
    raise DeriveError(
        Fault(
            found=f"the folder {name!r} that belongs to derive is missing",
            expected=f"{inside} or, in a source checkout, {beside}",
            hint="install derive again, or run it from a complete checkout",
        )
    )
