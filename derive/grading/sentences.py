"""The slip behind a wrong answer, in a sentence without LaTeX."""

from __future__ import annotations

import re
from functools import cache

from derive.calculus.mistakes import Mistake
from derive.grading.gradebook import Slip
from derive.grading.origins import Origin
from derive.render.templates import load_words

ROUNDED = "rounded_early"


@cache
def slip_of(origin: Origin | None, name: str) -> Slip | None:
    """The slip that led to the answer `name`; one in an earlier step says in which."""
    if origin is None:
        return None
    words = load_words(None)["feedback"]
    text = words[ROUNDED] if origin.mistake is None else sentence(origin.mistake)
    if origin.step != name:
        text = words["earlier_step"].format(step=origin.step, sentence=text)
    return Slip(ROUNDED if origin.mistake is None else origin.mistake.kind, text)


def sentence(mistake: Mistake) -> str:
    """What was done wrong, in words without LaTeX: `the factor dL/dy was left out of the chain rule`."""
    phrase = load_words(None)["mistakes"][mistake.kind]
    fields = dict(mistake.fields)
    filled = re.sub(r"\{(\w+)\}", lambda found: fields.get(found[1], found[0]), phrase)
    return re.sub(r"\$([^$]*)\$", r"\1", filled)
