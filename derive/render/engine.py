"""pdfTeX in a closed room: no shell, no view of the machine's other files, a time limit, no process left behind.

`pdflatex` is called directly. `latexmk` would run other programs on file names that it reads from the log, and it hands
them to a shell: a document that prints "Writing index file $(command).idx" would have its command executed, whatever
`-no-shell-escape` says.
"""

from __future__ import annotations

import functools
import gzip
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from derive.errors import DeriveError, Fault
from derive.files import cannot_write
from derive.render.texlog import first_error

JOB = "sheet"
DEBIAN_PACKAGES = ("texlive-latex-extra", "lmodern", "fonts-droid-fallback")
"""Together with what they depend on, all that our documents use (held against `tools/ensure-tex.sh` by a test)."""

_INSTALL = (
    f"Debian or Ubuntu: sudo apt-get install --no-install-recommends {' '.join(DEBIAN_PACKAGES)}; "
    "macOS: brew install --cask mactex-no-gui; "
    "elsewhere: TeX Live (https://tug.org/texlive) with the collection latexextra"
)
_LARGEST_FILE = 256 * 2**20
_GRACE = 10  # seconds of the processor beyond the time limit
_DATE = "1767225600"  # 2026-01-01; the date of printing would make every PDF differ from the last


class TexMissing(DeriveError):
    """No LaTeX on this machine."""

    def __init__(self) -> None:
        super().__init__(Fault(found="LaTeX (pdflatex) is not installed", hint=_INSTALL))


class TexError(DeriveError):
    """LaTeX refused the document. `line` counts from 1 in the source given (0: unknown), `log` is what LaTeX wrote.

    `name` is what the document is called in the message.
    """

    def __init__(
        self, message: str, *, line: int = 0, source: str = "", log: str = "", name: str = "LaTeX source"
    ) -> None:
        where = f"{name}, line {line}" if line else name
        hint = f"the line reads: {source.strip()}" if source else ""
        if ".sty' not found" in message:
            hint = _INSTALL
        super().__init__(Fault(found=message, hint=hint, where=where))
        self.message, self.line, self.source, self.log, self.name = message, line, source, log, name


class TexTimeout(DeriveError):
    """LaTeX took longer than it may."""

    def __init__(self, time_limit: float, name: str = "") -> None:
        super().__init__(
            Fault(
                found=f"LaTeX did not finish within {time_limit:g} seconds and was stopped",
                hint="look for a macro that calls itself in fields written as LaTeX and in changed templates",
                where=name,
            )
        )


class Process:
    """A program in a process group of its own, which does not outlive the `with` block, however that ends."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str], deadline: float) -> None:
        self._command, self._folder, self._environment, self._deadline = command, folder, environment, deadline

    def __enter__(self) -> Self:
        with (self._folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _limit(self._process.pid, self._deadline - time.monotonic())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def is_over(self) -> bool:
        """Whether the program has ended or used up its time; does not wait."""
        return self._process.poll() is not None or time.monotonic() >= self._deadline

    def code(self) -> int | None:
        """Wait for the end: the exit code, or None where the time is used up."""
        _wait_for_end(self._process.pid, self._deadline - time.monotonic())
        try:
            return self._process.wait(timeout=max(0.0, self._deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None

    def _stop(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@dataclass(frozen=True)
class Room:
    """A folder in which TeX works on `sheet.tex`; besides this it may read `trees`, those of the TeX distribution."""

    folder: Path
    trees: tuple[Path, ...]

    def beside(self, name: str) -> Room:
        """An empty room inside this one's folder."""
        folder = self.folder / name
        (folder / "home").mkdir(parents=True)
        return Room(folder, self.trees)

    def start(self, options: tuple[str, ...], first: str, deadline: float) -> Process:
        r"""pdfTeX, told to begin with the line `first`, such as `\input{sheet.tex}`."""
        command = [
            "pdflatex",
            "-no-shell-escape",
            "-no-parse-first-line",
            "-interaction=nonstopmode",
            "-halt-on-error",
            "-recorder",
            f"-jobname={JOB}",
            *options,
            first,
        ]
        return Process(command, self.folder, _environment(self.folder / "home"), deadline)

    def dump(self, deadline: float) -> Process:
        r"""pdfTeX, told to read `sheet.tex`, which ends with `\dump`, and to write down all that it knows then."""
        return self.start(("-ini",), rf"&pdflatex \input{{{JOB}.tex}}", deadline)

    def format(self) -> bytes:
        """What was dumped. pdfTeX reads it as well when it is not compressed, and starts in half the time."""
        return gzip.decompress(self.path("fmt").read_bytes())

    def path(self, suffix: str) -> Path:
        """The job's file of that kind: `log`, `pdf`."""
        return self.folder / f"{JOB}.{suffix}"

    def read(self, suffix: str) -> str:
        """The text of the job's file of that kind; empty where there is none."""
        path = self.path(suffix)
        return path.read_bytes().decode("utf-8", errors="replace") if path.is_file() else ""

    def refuse_foreign_files(self) -> None:
        r"""Refuse a document that read a file from elsewhere.

        `openin_any` guards `\input`, `\openin` and pictures, but `\pdfobj stream file` and `\pdfmapfile` open what
        they like. pdfTeX records all it opens; a document that overwrites this record leaves zero bytes in it.
        """
        record = self.read("fls")
        if record and ("\0" in record or not record.startswith("PWD ")):
            raise TexError("the document wrote over TeX's own record of the files it reads, which is not allowed")
        _, _, after_start = record.partition(f"INPUT {JOB}.tex\n")
        own, allowed = str(self.folder), tuple(f"{folder}{os.sep}" for folder in (self.folder, *self.trees))
        for line in dict.fromkeys(after_start.splitlines()):  # a shard opens the same fonts for every paper
            kind, _, name = line.partition(" ")
            path = os.path.normpath(os.path.join(own, name))  # noqa: PTH118  # thousands of lines
            if kind == "INPUT" and not path.startswith(allowed):
                raise TexError(f"the document reads {path}, which is not allowed")


@contextmanager
def open_room() -> Iterator[Room]:
    """A room in a temporary folder, which is gone after the block; refused where there is no TeX."""
    if shutil.which("pdflatex") is None or shutil.which("kpsewhich") is None:
        raise TexMissing
    try:
        with tempfile.TemporaryDirectory(prefix="derive-") as name:
            folder = Path(name).resolve()
            (folder / "home").mkdir()
            yield Room(folder, _tex_trees(os.environ.get("PATH", os.defpath)))
    except OSError as error:
        raise cannot_write(Path(tempfile.gettempdir()), error) from error


def error_of(code: int, log: str, tex: str, name: str = "LaTeX source", skipped: int = 0) -> TexError:
    """Why TeX ended with `code`: the first error of `log`, its line in `tex` less the `skipped` ones at its top."""
    if code == -signal.SIGXFSZ:
        return TexError(f"the document or its log grew beyond {_LARGEST_FILE >> 20} MB", log=log, name=name)
    found = first_error(log, tex)
    if found is None:
        return TexError(f"pdflatex stopped without saying why (exit code {code})", log=log, name=name)
    message, line, source = found
    return TexError(message, line=max(0, line - skipped), source=source, log=log, name=name)


def _environment(home: Path) -> dict[str, str]:
    """A bare environment: nothing of the user's TeX set-up, fixed dates, no helper programs, no foreign files."""
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


def _limit(pid: int, seconds: float) -> None:
    """Let a document without end stop: before the disk is full, and soon after its time also where nobody waits for it.

    A killed parent cannot stop its child. Only Linux can limit a running process.
    """
    if sys.platform == "linux":
        import resource

        longest = int(max(seconds, 0.0)) + _GRACE
        with suppress(OSError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
            resource.prlimit(pid, resource.RLIMIT_CPU, (longest, longest))


def _wait_for_end(pid: int, seconds: float) -> None:
    """Wait until a child has ended, at most so long. Linux tells at once; Python itself looks again every 50 ms."""
    if sys.platform == "linux":
        with suppress(OSError):
            handle = os.pidfd_open(pid)
            try:
                ended = select.poll()
                ended.register(handle, select.POLLIN)
                ended.poll(max(0.0, seconds) * 1000)
            finally:
                os.close(handle)


@functools.cache
def _tex_trees(path: str) -> tuple[Path, ...]:
    """The folders of the TeX distribution that is found on a search path, which every document may read."""
    command, environment = ["kpsewhich", "--expand-braces", "$TEXMF"], _environment(Path(os.devnull)) | {"PATH": path}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False).stdout
    return tuple(Path(part.removeprefix("!!")) for part in answer.strip().split(":") if part.startswith(("/", "!!/")))
