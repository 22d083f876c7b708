"""From the tree to the model, past everything that is wrong with it.

The habit of compilers: what is faulty is told and becomes unknown, what depends on the unknown is silent, and all the
rest is looked at. A faulty value is cut out of the tree, or a stand-in takes its place where its place counts, and the
tree is validated again, until what is left is a problem file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, ValidationError

from derive.spec.equations import Equations
from derive.spec.faults import Faults, Flaw, close_words
from derive.spec.model import SECTIONS, TABLES, ProblemFile
from derive.spec.source import Source
from derive.spec.structure import structure_flaws, unknown_key
from derive.spec.tree import (
    Mapping,
    Scalar,
    Sequence,
    Tree,
    TreePath,
    at,
    kept,
    renamed,
    replaced,
    without,
    words,
    words_in,
)
from derive.spec.vary_fields import TOGETHER

# What takes the place of a faulty entry, so that its name is kept, or the number of entries.
_NAMED: Final[dict[str, Tree]] = {
    **dict.fromkeys((*SECTIONS, "ask"), None),
    "shapes": Sequence(0),
    "notation": Scalar("x", "", 0),
}
_ORDERED: Final = {"architecture": "width_of_layer_{}", "activations": "tanh"}
_MANY = 50
_ALIKE = 0.8  # how alike an unknown key must be to one that is missing, so that it is read as this one
_CELL = Scalar("0", "", 0)  # a number among others: with it they keep their shape


@dataclass(frozen=True)
class PartialFile:
    """A problem file as far as it can be used: its model, its tree, and the places where it is unknown.

    `words` are those of what was left out: a name among them is no unknown name. `loose` are quantities whose numbers
    count only where they fit: each entry of them is drawn anew.
    """

    file: ProblemFile
    tree: Mapping
    unknown: frozenset[TreePath]
    words: frozenset[str]
    loose: frozenset[str] = frozenset()

    def knows(self, *path: str | int) -> bool:
        """Whether the file says what stands at a place, if only that nothing does."""
        return not any(path[:length] in self.unknown for length in range(1, len(path) + 1))

    def may_vary(self, name: str) -> bool:
        """Whether a quantity varies, or stands where `vary:` could not be read."""
        knows_all = self.knows("vary", name) and self.knows("vary", TOGETHER)
        return not knows_all or name in self.file.vary.names

    def has_gap(self, key: str) -> bool:
        """Whether a table may hold more than what is known of it: it could not be read, or an entry of it was cut."""
        table = at(self.tree, (key,))
        cut = (path for path in self.unknown if path[0] == key)
        return any(len(path) == 1 or not isinstance(table, Mapping) or path[1] not in table for path in cut)


def spell(tree: Mapping) -> Mapping:
    """The tree with each misspelt key under the one that is meant, if that is missing."""
    spelt: Tree = tree
    for path, model in TABLES.items():
        table = at(spelt, path)
        if isinstance(table, Mapping):
            keys: dict[str, str] = {}
            for key in [key for key in table if key not in model.model_fields][:_MANY]:
                optional = (name for name, info in model.model_fields.items() if not info.is_required())
                taken = {*table, *keys.values()}
                if meant := [name for name in close_words(key, optional, _ALIKE) if name not in taken]:
                    keys[key] = meant[0]
            spelt = replaced(spelt, path, renamed(table, keys)) if keys else spelt
    assert isinstance(spelt, Mapping), "a mapping stays one"
    return spelt


def validate(source: Source, faults: Faults) -> PartialFile:
    """The file as its model; all that is wrong with its structure is noted."""
    for path, model in TABLES.items():
        table = at(source.tree, path)
        for meant, key in table.spelled.items() if isinstance(table, Mapping) else ():
            _tell(unknown_key((*path, meant), key, model.model_fields), faults)
    tree, is_whole = _without_foreign_keys(source.tree, faults)
    recovery = _Recovery(tree, words=set(source.words))
    recovery.lose(source.lost, source.whole and is_whole)
    while True:
        try:
            file = ProblemFile.model_validate({key: value for key, value in recovery.tree.items() if value is not None})
        except ValidationError as error:
            recovery.learn(list(structure_flaws(error.errors(include_url=False), TABLES)), faults)
        else:
            return PartialFile(file, recovery.tree, frozenset(recovery.unknown), frozenset(recovery.words))


def _without_foreign_keys(tree: Mapping, faults: Faults) -> tuple[Mapping, bool]:
    """Of very many unknown keys the first few are looked at; the others are told at once and left out."""
    foreign = [key for key in tree if key not in ProblemFile.model_fields][_MANY:]
    if not foreign:
        return tree, True
    faults.add((foreign[0],), f"{len(foreign)} more unknown keys", "the keys of a problem file")
    return kept(tree, set(tree) - set(foreign)), False


@dataclass
class _Recovery:
    """What is left of a tree, and what was learnt while it was cut."""

    tree: Mapping
    words: set[str]
    unknown: set[TreePath] = field(default_factory=set)
    _told: set[TreePath] = field(default_factory=set)
    _tried: set[tuple[TreePath, bool]] = field(default_factory=set)

    def lose(self, paths: Iterable[TreePath], is_whole: bool) -> None:
        """Cut what could not be read as YAML, of which the reader has told already."""
        fields = ProblemFile.model_fields.keys()
        for place in paths:
            meant = close_words(str(place[0]), fields)[:1] if place else []
            path = place if place and place[0] in fields else (*meant, *place[1:]) if meant else ()
            if not path:
                is_whole = False
            elif at(self.tree, _part(path)) is None:
                self.unknown.add(_part(path))
            else:
                self._told.add(_part(path))
                self._cut(self._least(path))
        if not is_whole:
            self.unknown |= {(key,) for key in fields - self.tree.keys()}

    def learn(self, flaws: list[Flaw], faults: Faults) -> None:
        """Note the flaws of parts of which nothing was told yet, and cut all of them."""
        for flaw in flaws:
            if _part(flaw.cut) not in self._told:
                _tell(flaw, faults)
        self._told |= {_part(flaw.cut) for flaw in flaws}
        cuts = list(dict.fromkeys(self._least(flaw.cut) for flaw in reversed(flaws)))
        counts = Counter(_field(path) for path in cuts)
        for path in dict.fromkeys(path if counts[_field(path)] <= _MANY else _field(path) for path in cuts):
            self._cut(path)  # a field with very many faults goes as a whole, which takes a moment and not minutes

    def _least(self, path: TreePath) -> TreePath:
        """The least that can be cut: one of the numbers of a quantity, or else the part in which a place lies."""
        is_number = path[0] in SECTIONS and isinstance(at(self.tree, path), Scalar)
        return path if is_number else _part(path)

    def _cut(self, path: TreePath) -> None:
        """Put a stand-in in the place of a value, or else remove it; if it is still wrong, then what it stands in."""
        place, stand_in = next(step for step in self._steps(path) if (step[0], bool(step[1])) not in self._tried)
        self._tried.add((place, bool(stand_in)))
        if len(place) <= len(_part(path)):
            self.words.update(words(at(self.tree, place)))
            self.unknown |= {place, *self._meant(place)}
        if stand_in:
            tree = replaced(self.tree, place, *stand_in)
        else:
            self.words.update(word for word in words_in(str(place[-1])))
            tree = without(self.tree, place)
        assert isinstance(tree, Mapping), "a mapping stays one"
        self.tree = tree

    def _steps(self, path: TreePath) -> Iterator[tuple[TreePath, tuple[Tree, ...]]]:
        """What may be cut to be rid of a fault, the least first: a place, and what takes it if anything does."""
        part, key = _part(path), _field(path)
        if len(path) > len(part):
            yield path, (_CELL,)
        if len(part) > len(key) and (path[0] in _ORDERED or isinstance(at(self.tree, key), Mapping)):
            if path[0] in _ORDERED:
                yield part, (Scalar(_ORDERED[str(path[0])].format(part[-1]), "", 0),)
            elif path[0] in _NAMED:
                yield part, (_NAMED[str(path[0])],)
        for length in range(len(part), 0, -1):
            if not _is_required(part[:length]):
                yield part[:length], ()

    def _meant(self, place: TreePath) -> set[TreePath]:
        """For an unknown key: the keys that may have been meant, since they are missing and could take its value."""
        table, model = at(self.tree, place[:-1]), TABLES.get(place[:-1])
        if model is None or place[-1] in model.model_fields or not isinstance(table, Mapping):
            return set()
        missing = model.model_fields.keys() - table.keys()
        return {(*place[:-1], key) for key in missing if _takes(model, key, at(self.tree, place))}


def _takes(model: type[BaseModel], key: str, value: Tree) -> bool:
    try:
        read = getattr(model.model_validate({key: value}), key)
    except ValidationError:
        return False
    return value is not None and not (isinstance(read, Equations) and read.flaws)


def _is_required(place: TreePath) -> bool:
    """Whether a table is nothing without what stands at a place."""
    model = TABLES.get(place[:-1])
    return model is not None and place[-1] in model.model_fields and model.model_fields[str(place[-1])].is_required()


def _field(path: TreePath) -> TreePath:
    """The key of a model in which a place lies."""
    return next(path[: length + 1] for length in range(len(path) - 1, -1, -1) if path[:length] in TABLES)


def _part(path: TreePath) -> TreePath:
    """What can be told by itself: an entry of the field in which a place lies, or the field."""
    return path[: len(_field(path)) + 1]


def _tell(flaw: Flaw, faults: Faults) -> None:
    faults.add(flaw.path, flaw.found, flaw.expected, flaw.hint, flaw.line)
