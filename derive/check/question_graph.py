"""The prompt of a question about the graph: it names what the figure has boxes for, no more and no less."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from derive.check.graphs import GRADIENT, SHAPE, VALUE, Field, fields
from derive.check.latex_document import spelling, take_apart
from derive.check.question_terms import Asked
from derive.check.report import Finding
from derive.spec.questions import OnTheGraph

WAYS = ("across", "down")  # in which a graph can run


def check_graph_prompt(
    finding: Finding, question: OnTheGraph, prompts: tuple[str, str], asked: Asked, tex: str
) -> Finding:
    """The prompt on a worksheet and that on its key, against the boxes of the worksheet's graph.

    A sheet without boxes, the key itself, has nothing to hold its prompt against.
    """
    if not asked.blank:
        return finding
    boxes = [field for picture in take_apart(tex).pieces("tikzpicture") for field in fields(picture)]
    own, key = prompts
    expected = [" ".join([asked.words("graph"), *_sentences(question, boxes, asked, way)]) for way in WAYS]
    named = [prompt for prompt in expected if spelling(prompt) == spelling(own)]
    if not named or spelling(own) != spelling(key):
        return replace(finding, passed=False, found=own, expected=expected[0] if not named else key)
    return finding


def _sentences(question: OnTheGraph, boxes: Sequence[Field], asked: Asked, way: str) -> Iterator[str]:
    """A sentence for each kind of boxes on the sides that the question is about, with the symbols that have them."""
    loss = asked.program.loss
    names = {asked.symbol(name): name for name in asked.program.names}
    for side, kinds in (("values", (VALUE, SHAPE)), ("gradients", (GRADIENT,))):
        if question.graph not in (side, "both"):
            continue
        here = [field for field in boxes if field.side in kinds]
        for key, for_shapes in ((f"graph_{side}", False), (f"graph_shapes_of_{side}", True)):
            found = [field.symbol for field in here if _is_for_shape(field, names, asked) == for_shapes]
            if found:
                of = ", ".join(f"${symbol}$" for symbol in found)
                yield asked.words(f"{key}_{way}", of=of, loss=asked.symbol(loss.name) if loss else "")


def _is_for_shape(field: Field, names: dict[str, str], asked: Asked) -> bool:
    """Whether a field is for a shape: the box in a frame, or the only one for a gradient with several numbers."""
    if field.side == SHAPE or asked.exact is None:
        return True
    return asked.exact[names[field.symbol]].size != field.boxes
