"""Small papers for the tests of the press, and what can be read on them."""

import io
import shutil

import pytest
from pypdf import PdfReader

from derive.exam.press import Paper

PREAMBLE = "\\documentclass{article}\n\\usepackage{graphicx}\\setlength{\\parindent}{0pt}\\raggedbottom"
SMALL_STEP = """
title: A small step
architecture: [1, 1]
activations: [sigmoid]
loss: bce
parameters: {W_1: [[0.5]], b_1: [0.1]}
input: {x: [0.4]}
target: {t: [1]}
update: {sgd: {learning_rate: 0.5}}
rounding: {places: 3}
ask: [{y: 1}, {dL/dW_1: 2}]
"""
"""A problem whose papers are made in a moment."""
SMALL = 3
"""Papers of a shard in these tests."""

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")


def paper(number, sheets=1, **fields):
    body = r"\newpage ".join(f"Body {number}, sheet {page}." for page in range(1, sheets + 1))
    return Paper(f"exam-{number:03}", body, rf"Variant \textbf{{{number}}}", **fields)


def texts(pdf):
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
