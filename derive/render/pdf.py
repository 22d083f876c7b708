"""LaTeX source -> PDF: no shell, no view of the machine's other files, a time limit, and equal bytes for equal source.

`pdflatex` is called directly. `latexmk` would run other programs on file names that it reads from the log, and it hands
them to a shell: a document that prints "Writing index file $(command).idx" would have its command executed, whatever
`-no-shell-escape` says.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from derive.errors import DeriveError, Fault
from derive.files import cannot_write
from derive.render.texlog import Overfull, first_error, overfull_boxes, page_count

__all__ = ["DEBIAN_PACKAGES", "Compiled", "Overfull", "TexError", "TexMissing", "TexTimeout", "compile_pdf"]

DEBIAN_PACKAGES = ("texlive-latex-extra", "lmodern")
"""Together with what they depend on, all that our documents use (held against `tools/ensure-tex.sh` by a test)."""

_INSTALL = (
    f"Debian or Ubuntu: sudo apt-get install --no-install-recommends {' '.join(DEBIAN_PACKAGES)}; "
    "macOS: brew install --cask mactex-no-gui; "
    "elsewhere: TeX Live (https://tug.org/texlive) with the collection latexextra"
)
_NAME = "sheet"
_FIGURE = re.compile(r"[a-z0-9-]+\.pdf", re.ASCII)
_MOST_RUNS = 4
_LARGEST_FILE = 256 * 2**20
_DATE = "1767225600"  # 2026-01-01; the date of printing would make every PDF differ from the last


@dataclass(frozen=True)
class Compiled:
    """A finished document, and what its log says about it."""

    pdf: bytes
    overfull: tuple[Overfull, ...]
    pages: int
    log: str


class TexMissing(DeriveError):
    """No LaTeX on this machine."""

    def __init__(self) -> None:
        super().__init__(Fault(found="LaTeX (pdflatex) is not installed", hint=_INSTALL))


class TexError(DeriveError):
    """LaTeX refused the document. `line` counts from 1 in the source given (0: unknown), `log` is what LaTeX wrote."""

    def __init__(self, message: str, *, line: int = 0, source: str = "", log: str = "") -> None:
        where = f"LaTeX source, line {line}" if line else "LaTeX source"
        hint = f"the line reads: {source.strip()}" if source else ""
        if ".sty' not found" in message:
            hint = _INSTALL
        super().__init__(Fault(found=message, hint=hint, where=where))
        self.message, self.line, self.source, self.log = message, line, source, log


class TexTimeout(DeriveError):
    """LaTeX took longer than it may."""

    def __init__(self, time_limit: float) -> None:
        super().__init__(
            Fault(
                found=f"LaTeX did not finish within {time_limit:g} seconds and was stopped",
                hint="look for a macro that calls itself in fields written as LaTeX and in changed templates",
            )
        )


def compile_pdf(tex: str, figures: Mapping[str, bytes] | None = None, *, time_limit: float = 120.0) -> Compiled:
    r"""Compile the document `tex`, as often as its references need, in at most `time_limit` seconds.

    `figures` are PDF files by name (`slice-1.pdf`), which the document may include by `\includegraphics`.
    """
    pictures = dict(figures or {})
    if wrong := [name for name in pictures if not _FIGURE.fullmatch(name) or name == f"{_NAME}.pdf"]:
        raise ValueError(f"not the name of a figure: {', '.join(map(repr, wrong))}")
    if shutil.which("pdflatex") is None or shutil.which("kpsewhich") is None:
        raise TexMissing
    try:
        with tempfile.TemporaryDirectory(prefix="derive-") as name:
            return _compile(tex, pictures, Path(name).resolve(), time_limit)
    except OSError as error:
        raise cannot_write(Path(tempfile.gettempdir()), error) from error


def _compile(tex: str, figures: Mapping[str, bytes], folder: Path, time_limit: float) -> Compiled:
    deadline = time.monotonic() + time_limit
    environment = _environment(folder)
    trees = _tex_trees(environment)
    (folder / f"{_NAME}.tex").write_text(tex, encoding="utf-8")
    for name, content in figures.items():
        (folder / name).write_bytes(content)
    command = _command(_identity(tex, figures))
    for _ in range(_MOST_RUNS):
        references = _references(folder)
        code = _run(command, folder, environment, max(0.0, deadline - time.monotonic()), time_limit)
        log = _read(folder / f"{_NAME}.log")
        _refuse_foreign_files(folder, trees)
        if code != 0:
            raise _error(tex, log, code)
        if _references(folder) == references:
            break
    pages = page_count(log)
    if pages == 0:
        raise TexError("the document has no pages", log=log)
    return Compiled((folder / f"{_NAME}.pdf").read_bytes(), overfull_boxes(log), pages, log)


def _identity(tex: str, figures: Mapping[str, bytes]) -> str:
    """A digest of all that the document is made of; each part is hashed by itself, so that none runs into the next."""
    parts = [tex.encode(), *(part for name in sorted(figures) for part in (name.encode(), figures[name]))]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _command(identity: str) -> list[str]:
    # Unless it is told otherwise, pdfTeX makes the file's identity from the name of the (temporary) folder.
    return [
        "pdflatex",
        "-no-shell-escape",
        "-no-parse-first-line",
        "-interaction=nonstopmode",
        "-halt-on-error",
        "-recorder",
        f"-jobname={_NAME}",
        rf"\pdftrailerid{{{identity}}}\input{{{_NAME}.tex}}",
    ]


def _environment(folder: Path) -> dict[str, str]:
    """A bare environment: nothing of the user's TeX set-up, fixed dates, no helper programs, no foreign files."""
    home = folder / "home"
    home.mkdir()
    own = {name: str(home) for name in ("HOME", "TEXMFHOME", "TEXMFVAR", "TEXMFCONFIG")}
    no_helpers = dict.fromkeys(("MKTEXPK", "MKTEXTFM", "MKTEXMF", "MKTEXTEX"), "0")
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "SOURCE_DATE_EPOCH": _DATE,
        "FORCE_SOURCE_DATE": "1",
        "openin_any": "p",
        "openout_any": "p",
        "max_print_line": "1000",  # or TeX breaks its messages in the middle of words
        **own,
        **no_helpers,
    }


def _references(folder: Path) -> list[bytes]:
    """What LaTeX notes for its next run (labels, page numbers): once this stays the same, the document is finished."""
    return [path.read_bytes() for suffix in ("aux", "out", "toc") if (path := folder / f"{_NAME}.{suffix}").is_file()]


def _run(command: list[str], folder: Path, environment: dict[str, str], seconds: float, time_limit: float) -> int:
    """Run `command` in its own process group, which does not outlive this call, however it ends."""
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _limit_file_size(process.pid)
            return process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise TexTimeout(time_limit) from None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _limit_file_size(pid: int) -> None:
    """Let a document that prints without end stop before the disk is full (only Linux can tell a running process)."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))


def _tex_trees(environment: dict[str, str]) -> list[Path]:
    """The folders of the TeX distribution, which every document may read."""
    command = ["kpsewhich", "--expand-braces", "$TEXMF"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    return [Path(part.removeprefix("!!")) for part in answer.stdout.strip().split(":") if part.startswith(("/", "!!/"))]


def _refuse_foreign_files(folder: Path, trees: list[Path]) -> None:
    r"""Refuse a document that read a file from elsewhere.

    `openin_any` guards `\input`, `\openin` and pictures, but `\pdfobj stream file` and `\pdfmapfile` open what they
    like. pdfTeX records all it opens; a document that overwrites this record leaves zero bytes in it.
    """
    record = _read(folder / f"{_NAME}.fls")
    if record and ("\0" in record or not record.startswith("PWD ")):
        raise TexError("the document wrote over TeX's own record of the files it reads, which is not allowed")
    _, _, after_start = record.partition(f"INPUT {_NAME}.tex\n")
    for line in after_start.splitlines():
        kind, _, name = line.partition(" ")
        path = Path(os.path.normpath(folder / name))
        if kind == "INPUT" and not any(path.is_relative_to(allowed) for allowed in (folder, *trees)):
            raise TexError(f"the document reads {path}, which is not allowed")


def _error(tex: str, log: str, code: int) -> TexError:
    if code == -signal.SIGXFSZ:
        return TexError(f"the document or its log grew beyond {_LARGEST_FILE >> 20} MB", log=log)
    found = first_error(log, tex)
    if found is None:
        return TexError(f"pdflatex stopped without saying why (exit code {code})", log=log)
    message, line, source = found
    return TexError(message, line=line, source=source, log=log)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace") if path.is_file() else ""
