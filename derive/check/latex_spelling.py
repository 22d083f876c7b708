"""How the symbol of a quantity is spelt: as tokens, with an index, and with a transpose sign in its exponent."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from derive.check.latex_tokens import scan
from derive.check.latex_tree import Level

FRACTIONS = (r"\frac", r"\tfrac", r"\dfrac")
DERIVATIVES = (*FRACTIONS, "left.")  # also \left.\frac{}{}\right|_{}, with what is held fixed


@dataclass(frozen=True)
class Spelling:
    """A symbol as tokens; with an index it is `before`, the index, `after` (none if only parentheses can carry one).

    `transposed` is the symbol with a transpose sign inside the exponent that it ends with, if it does.
    """

    name: str
    whole: tuple[str, ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    transposed: tuple[str, ...] = ()

    @property
    def all_ways(self) -> tuple[tuple[str, ...], ...]:
        """What may begin where the symbol stands."""
        return self.whole, self.before, self.transposed

    @staticmethod
    @functools.lru_cache(maxsize=4096)
    def of(name: str) -> Spelling:
        """The spelling of a symbol."""
        whole = tuple(token.text for token in scan(name))
        primes = len(whole) - len(core := _without_primes(whole))
        after = ("}", *["'"] * primes)
        signs = _outermost(core)
        if signs[-3:] == ("^", "{", "}") and signs.count("^") == 1 and not primes and core[0] not in DERIVATIVES:
            before, after = ((*core, "_", "{"), ("}",)) if "_" not in signs else ((), ())
            return Spelling(name, whole, before, after, (*core[:-1], r"\top", "}"))
        if not core or core[0] in DERIVATIVES or "^" in signs:
            return Spelling(name, whole)
        if "_" not in signs:
            return Spelling(name, whole, (*core, "_", "{"), after)
        if core[-2:-1] == ("_",):
            return Spelling(name, whole, (*core[:-1], "{", core[-1], ","), after)
        if core[-1] == "}" and signs[-3:-1] == ("_", "{"):
            return Spelling(name, whole, (*core[:-1], ","), after)
        return Spelling(name, whole)

    @property
    def level(self) -> Level:
        """A fraction, and a symbol with an exponent of its own, cannot carry another one without parentheses."""
        carries = self.whole[0] in DERIVATIVES or "^" in _outermost(self.whole)
        return Level.POWER if carries else Level.ATOM


def _without_primes(texts: tuple[str, ...]) -> tuple[str, ...]:
    while texts and texts[-1] == "'":
        texts = texts[:-1]
    return texts


def _outermost(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The tokens outside of all braces, the outer braces among them."""
    depth, kept = 0, []
    for text in texts:
        depth -= text == "}"
        if not depth:
            kept.append(text)
        depth += text == "{"
    return tuple(kept)
