"""The folder of an exam: what was written into it, so that an interrupted run goes on and nothing foreign is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derive.errors import DeriveError, Fault
from derive.files import cannot_write, is_unfinished, write_atomically

MANIFEST = "manifest.json"
MAKER = "derive variants"


class FolderError(DeriveError):
    """A folder that is not ours to write into."""


@dataclass
class Folder:
    """A folder with its manifest: what was ordered, and each file that was written, by its SHA-256.

    The manifest is written anew after every few files, each time whole, so that it is true whenever the run stops.
    """

    path: Path
    order: Mapping[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    replaced: int = 0  # files of another order that were here

    def __post_init__(self) -> None:
        """Take up the run before, if it made the same; what it made for another order is replaced."""
        manifest = self._read()
        if manifest is None:
            return
        for left in self.path.iterdir():
            if is_unfinished(left.name) and left.is_file():  # of a run that was killed while it wrote
                left.unlink(missing_ok=True)
        known: dict[str, str] = manifest["files"]
        present = {name: digest for name, digest in known.items() if (self.path / name).is_file()}
        changed = [name for name, digest in present.items() if _digest((self.path / name).read_bytes()) != digest]
        if changed:
            raise FolderError(
                Fault(
                    f"{len(changed)} files in {self.path} that were changed since they were written: {changed[0]}",
                    "the files as they were written, which may be written again",
                    "move them away, or choose another folder with --output; nothing was changed",
                    where=str(self.path),
                )
            )
        if manifest["order"] == self.order:
            self.files = present
            self.pages = {name: int(count) for name, count in manifest.get("pages", {}).items() if name in self.files}
        else:
            for name in present:
                (self.path / name).unlink()
            self.replaced = len(present)

    def _read(self) -> dict[str, Any] | None:
        """The manifest of an earlier run; None in a new folder; a folder of somebody else is refused."""
        file = self.path / MANIFEST
        if file.is_file():
            try:
                manifest = json.loads(file.read_text(encoding="utf-8"))
                names = list(manifest["files"])
                if manifest["made_by"] == MAKER and all(Path(name).name == name for name in names):
                    return dict(manifest)
            except (ValueError, KeyError, TypeError):
                pass
        elif not self.path.exists() or (
            self.path.is_dir() and all(is_unfinished(left.name) for left in self.path.iterdir())
        ):
            return None
        raise FolderError(
            Fault(
                f"the folder {self.path}, which holds other things than papers of an exam",
                "a new or empty folder, or one that `derive variants` has written",
                "choose another one with --output; nothing was changed",
                where=str(self.path),
            )
        )

    def has(self, *names: str) -> bool:
        """Whether an earlier run of the same order has written all of these."""
        return all(name in self.files for name in names)

    def write(self, contents: Mapping[str, bytes], pages: Mapping[str, int] | None = None) -> None:
        """Write files, each whole or not at all, and note them (with how many pages they have)."""
        self._claim()
        self.pages |= pages or {}
        for name, content in contents.items():
            write_atomically(self.path / name, content)
            self.files[name] = _digest(content)
        self.note()

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A place for a file that is written bit by bit; it gets its name once it is whole."""
        self._claim()
        part = self.path / f".{name}.part"
        part.unlink(missing_ok=True)
        try:
            yield part
            part.replace(self.path / name)
        except OSError as error:
            raise cannot_write(self.path / name, error) from error
        finally:
            part.unlink(missing_ok=True)
        with (self.path / name).open("rb") as file:
            self.files[name] = hashlib.file_digest(file, "sha256").hexdigest()
        self.note()

    def _claim(self) -> None:
        """The manifest comes first: a run that is killed at its first file finds its own folder again."""
        if not (self.path / MANIFEST).is_file():
            self.note()

    def note(self, **more: Any) -> None:
        """Write the manifest, with what else there is to say."""
        files, pages = (dict(sorted(table.items())) for table in (self.files, self.pages))
        manifest = {"made_by": MAKER, "order": self.order, **more, "pages": pages, "files": files}
        write_atomically(self.path / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")

    def drop(self, *names: str) -> None:
        """Take away files that only served on the way."""
        for name in names:
            if name in self.files:
                (self.path / name).unlink(missing_ok=True)
                del self.files[name]
        self.note()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
