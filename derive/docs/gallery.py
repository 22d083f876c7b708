"""The gallery: each problem of the bank with what it is about, and a picture of the first page of its solution."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from derive.bank import BankEntry, bank
from derive.errors import DeriveError, Fault
from derive.files import write_atomically
from derive.program import read

WIDTH = 520  # pixels
PICTURES = Path("images") / "gallery"
HEADING = """\
# The bank of problems

<!-- Written by `make gallery` from the files in `problems/`; changes by hand are lost. -->

`derive list --problems` shows this list in the terminal, `derive solve problems/NAME.yaml` makes the sheets.
"""


def page() -> str:
    """The text of `gallery.md`."""
    parts = [HEADING, "| Problem | Level | Minutes | Topics |\n| --- | --- | --- | --- |"]
    entries = bank()
    rows = [
        f"| [{entry.title}](#{entry.file.stem}) | {entry.level} | {entry.minutes or ''} | {', '.join(entry.topics)} |"
        for entry in entries
    ]
    parts[-1] += "\n" + "\n".join(rows) + "\n"
    parts += [_section(entry) for entry in entries]
    return "\n".join(parts)


def _section(entry: BankEntry) -> str:
    """One problem: an anchor, what it says of itself, and its picture."""
    facts = [entry.level, f"{entry.minutes} minutes" if entry.minutes else "", ", ".join(entry.topics)]
    return "\n".join(
        [
            f'<a id="{entry.file.stem}"></a>',
            "",
            f"## {entry.title}",
            "",
            f"`problems/{entry.file.name}`: {'; '.join(fact for fact in facts if fact)}.",
            f"The worksheet asks for: {', '.join(entry.asks)}.",
            "",
            f"![The first page of the solution]({(PICTURES / f'{entry.file.stem}.png').as_posix()})",
            "",
        ]
    )


def missing_pictures(documents: Path) -> list[str]:
    """The problems of which there is no picture."""
    return [e.file.stem for e in bank() if not (documents / PICTURES / f"{e.file.stem}.png").is_file()]


def write_gallery(documents: Path) -> None:
    """Write the page and all pictures; needs LaTeX and pdftoppm."""
    from rich.progress import track

    folder = documents / PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    entries = bank()
    for entry in track(entries, "Drawing"):
        write_atomically(folder / f"{entry.file.stem}.png", picture(entry.file))
    kept = {f"{entry.file.stem}.png" for entry in entries}
    for old in folder.glob("*.png"):
        if old.name not in kept:
            old.unlink()
    write_atomically(documents / "gallery.md", page())


def picture(problem: Path) -> bytes:
    """The first page of a problem's solution as PNG in grey and few colours."""
    from derive.solution import solve_problem

    if shutil.which("pdftoppm") is None:
        raise DeriveError(Fault("pdftoppm is not installed", "poppler-utils", "sudo apt-get install poppler-utils"))
    with tempfile.TemporaryDirectory(prefix="derive-gallery-") as name:
        pdf = Path(name) / "solution.pdf"
        solve_problem(read(problem)).to_pdf(pdf)
        size = ["-scale-to-x", str(WIDTH), "-scale-to-y", "-1"]
        command = ["pdftoppm", "-png", "-f", "1", "-l", "1", "-singlefile", *size, str(pdf), str(pdf.with_suffix(""))]
        subprocess.run(command, check=True, timeout=60)
        return small(pdf.with_suffix(".png"))


def small(path: Path) -> bytes:
    """The picture with a palette of 32 colours, which is all that a page of text needs."""
    import io

    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(path) as image:
        image.convert("RGB").quantize(32).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
