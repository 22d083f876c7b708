"""Other networks for one file (`vary: {activations: [...]}`): the file read once with each of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from derive.errors import Fault
from derive.spec.faults import Faults
from derive.spec.problem import Call, Draft
from derive.spec.recovery import PartialFile
from derive.spec.tree import line_of
from derive.spec.variation import Structure

MOST = 100  # networks, each of which is derived
_Pick = tuple[str, int]  # a key of `vary:` and the place of a choice in its list
_Picks = tuple[_Pick, ...]


def structures(
    read: PartialFile, draft_of: Callable[[PartialFile, Faults], Draft], base: Draft, faults: Faults
) -> tuple[Structure, ...]:
    """The problem with every combination of the networks that `vary:` names; what does not fit is noted."""
    lists = read.file.vary.networks.lists()
    if not lists or not base.problem.mlp:
        return ()
    picks = list(itertools.product(*([(key, place) for place in range(len(lists[key]))] for key in lists)))
    if len(picks) > MOST:
        faults.add(("vary", next(iter(lists))), f"{len(picks)} networks", f"at most {MOST}")
        return ()
    known = {fault for _, fault in base.faults}
    places = {fault.path for fault in known}
    found: dict[Fault, list[_Picks]] = {}
    made: list[Structure] = []
    for pick in picks:
        chosen = {key: lists[key][place] for key, place in pick}
        own = Faults(faults.name, read.tree)
        draft = draft_of(_with(read, chosen), own)
        made.append(Structure("; ".join(_label(choice) for choice in chosen.values()), draft.problem))
        for _, fault in draft.faults:
            if fault not in known and fault.path not in places:
                found.setdefault(fault, []).append(pick)
    for fault, where in found.items():
        for blamed in _blamed(where, picks):
            _tell(fault, blamed, read, faults)
    return tuple(made) if not found else ()


def _with(read: PartialFile, chosen: dict[str, Any]) -> PartialFile:
    """The file with another network and nothing but numbers to vary; numbers drawn one by one may have any shape."""
    vary = read.file.vary
    file = read.file.model_copy(update={**chosen, "vary": vary.without_networks()})
    return replace(read, file=file, loose=vary.entrywise)


def _label(choice: Any) -> str:
    """`3-2-1`, `tanh, identity` or `mse`."""
    if isinstance(choice, Call):
        options = ", ".join(f"{option}={value}" for option, value in choice.options.items())
        return f"{choice.name}({options})" if options else choice.name
    if all(isinstance(part, Call) for part in choice):
        return ", ".join(map(_label, choice))
    return "-".join(map(str, choice))


def _tell(fault: Fault, blamed: _Picks, read: PartialFile, faults: Faults) -> None:
    """Note a fault of another network at the choice that brings it about."""
    written = ", ".join(f"vary.{key}[{place}]" for key, place in blamed)
    line = line_of(read.tree, ("vary", *blamed[0]))
    found = f"{fault.path}: {fault.found}" if fault.path else fault.found
    faults.note(line, replace(fault, found=found, where=f"{faults.name}:{line}", path=written))


def _blamed(where: list[_Picks], picks: list[_Picks]) -> list[_Picks]:
    """The choices with which there is a fault whatever the others are; of the combinations left, the first."""
    single = [
        one for one in dict.fromkeys(itertools.chain(*where)) if all(pick in where for pick in picks if one in pick)
    ]
    blamed: list[_Picks] = []
    left = where
    for one in single:
        rest = [pick for pick in left if one not in pick]
        if len(rest) < len(left):
            blamed.append((one,))
        left = rest
    return blamed + left[:1]
