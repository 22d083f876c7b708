"""Nobody ever sees half a file, and nothing is lost when a write fails."""

import errno
import os
import stat
from pathlib import Path

import pytest

from derive.errors import DeriveError
from derive.files import FileError, staged_folder, write_atomically
from derive.resources import folder


def contents(place: Path) -> dict[str, str]:
    return {str(path.relative_to(place)): path.read_text() for path in sorted(place.rglob("*")) if path.is_file()}


@pytest.fixture
def full_disk(monkeypatch):
    def no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_room)


def test_text_and_bytes_are_written(tmp_path):
    write_atomically(tmp_path / "new" / "a.txt", "é")
    write_atomically(tmp_path / "new" / "b.bin", b"\xff")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "é".encode()
    assert (tmp_path / "new" / "b.bin").read_bytes() == b"\xff"
    assert len(list((tmp_path / "new").iterdir())) == 2


def test_an_old_file_is_replaced_and_permissions_are_the_usual_ones(tmp_path):
    path, usual = tmp_path / "a.txt", tmp_path / "usual.txt"
    path.write_text("old")
    usual.write_text("")
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)


def test_a_full_disk_leaves_the_old_file(tmp_path, full_disk):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(FileError, match=r"a\.txt: cannot write: the disk is full"):
        write_atomically(path, "new")
    assert contents(tmp_path) == {"a.txt": "old"}


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.EACCES, "permission denied"), (errno.EROFS, "read-only"), (errno.EIO, os.strerror(errno.EIO))],
)
def test_a_refusal_is_told_in_words(tmp_path, monkeypatch, code, words):
    def refuse(*_args, **_options):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DeriveError, match=words):
        write_atomically(tmp_path / "a.txt", "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(FileError, match="permission denied"):
        write_atomically(tmp_path / "a.txt", "x")


def test_a_folder_or_a_file_in_the_way(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "f").write_text("")
    with pytest.raises(FileError, match="a folder of that name is in the way"):
        write_atomically(tmp_path / "a", "x")
    with pytest.raises(FileError, match="is a file, not a folder"):
        write_atomically(tmp_path / "f" / "b", "x")
    with pytest.raises(FileError, match="is a file, not a folder"), staged_folder(tmp_path / "f"):
        pass
    with pytest.raises(FileError, match="name is too long"):
        write_atomically(tmp_path / ("n" * 300), "x")
    assert contents(tmp_path) == {"f": ""}


# ---------------------------------------------------------------- several files together


def test_files_arrive_together(tmp_path):
    target = tmp_path / "output" / "problem"
    with staged_folder(target) as place:
        (place / "figures").mkdir()
        write_atomically(place / "a.tex", "a")
        (place / "figures" / "b.tex").write_text("b")
        assert not target.exists()
    assert contents(tmp_path) == {"output/problem/a.tex": "a", "output/problem/figures/b.tex": "b"}
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(target.parent.stat().st_mode)


def test_other_files_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "a.tex").write_text("old")
    with staged_folder(tmp_path) as place:
        (place / "a.tex").write_text("new")
        (place / "sub").mkdir()
        (place / "sub" / "b.tex").write_text("b")
    assert contents(tmp_path) == {"a.tex": "new", "notes.txt": "mine", "sub/b.tex": "b"}


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_nothing(tmp_path, failure):
    with pytest.raises(failure), staged_folder(tmp_path / "deep" / "output") as place:
        (place / "a.tex").write_text("half")
        raise failure
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_files(tmp_path):
    (tmp_path / "a.tex").write_text("old")
    with pytest.raises(ValueError, match="no"), staged_folder(tmp_path) as place:
        (place / "a.tex").write_text("new")
        raise ValueError("no")
    assert contents(tmp_path) == {"a.tex": "old"}


def test_a_failure_half_way_puts_the_old_files_back(tmp_path):
    target = tmp_path / "output"
    (target / "z.tex").mkdir(parents=True)
    (target / "a.tex").write_text("old")
    with pytest.raises(FileError, match="a folder of that name is in the way"), staged_folder(target) as place:
        (place / "a.tex").write_text("new")
        (place / "new").mkdir()
        (place / "new" / "b.tex").write_text("new")
        (place / "z.tex").write_text("new")
    assert contents(tmp_path) == {"output/a.tex": "old"}
    assert sorted(path.name for path in target.iterdir()) == ["a.tex", "z.tex"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_is_told_of_the_place_that_the_user_knows(tmp_path, full_disk):
    with pytest.raises(FileError) as caught, staged_folder(tmp_path / "output") as place:
        write_atomically(place / "a.tex", "a")
    assert f"{tmp_path}/output/a.tex: cannot write: the disk is full" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_to_write_inside_the_block_is_told_so_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match=r"^output/no/a\.tex: "), staged_folder(Path("output")) as place:
        (place / "no" / "a.tex").write_text("a")
    with pytest.raises(FileNotFoundError), staged_folder(Path("output")):
        Path("elsewhere").read_text()
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- what travels with the package


def test_the_folders_that_travel_with_the_package():
    assert folder("templates").is_dir()
    assert folder("problems").is_dir()


def test_a_folder_that_is_not_there():
    with pytest.raises(DeriveError, match="no-such-folder"):
        folder("no-such-folder")
