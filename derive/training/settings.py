"""How long and in which steps to train: what the command line says, then the problem file, then what is usual."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from derive.errors import DeriveError, Fault
from derive.spec import Train

_LOWEST = {"epochs": 1, "batch_size": 1, "seed": 0}


@dataclass(frozen=True)
class Settings:
    """`seed` decides the first parameters and the order of the images."""

    epochs: int = 10
    batch_size: int = 16
    learning_rate: float = 0.1
    seed: int = 0


def choose_settings(stated: Train, ordered: Mapping[str, Any]) -> Settings:
    """The settings `ordered` on the command line, before those `stated` in the problem file; refused if impossible."""
    given = {name: value for name, value in ordered.items() if value is not None}
    faults = [
        Fault(f"`{given[name]}`", f"at least {low}", where=_option(name))
        for name, low in _LOWEST.items()
        if given.get(name, low) < low
    ]
    rate = given.get("learning_rate", 1.0)
    if not (rate > 0 and math.isfinite(rate)):
        faults.append(Fault(f"`{rate:g}`", "a positive number", where=_option("learning_rate")))
    if faults:
        raise DeriveError(*faults)
    in_file = {name: value for name, value in vars(stated).items() if value is not None}
    if stated.learning_rate is not None:
        in_file["learning_rate"] = float(stated.learning_rate.floats)
    return Settings(**{**in_file, **given})


def read_sizes(texts: Iterable[str]) -> dict[str, int]:
    """`H=100` -> {"H": 100}; whatever is not of this form is refused, all at once."""
    found = {text: re.fullmatch(r"\s*([A-Za-z]\w*)\s*=\s*([1-9][0-9]{0,6})\s*", text, re.ASCII) for text in texts}
    faults = [
        Fault(f"`{text}`", "a symbol and a positive whole number, such as `H=100`", where="--size")
        for text, match in found.items()
        if not match
    ]
    if faults:
        raise DeriveError(*faults)
    return {match[1]: int(match[2]) for match in found.values() if match}


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
