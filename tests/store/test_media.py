"""Files are durable before their name is told, and a name never leads outside the folder."""

import hashlib
import io
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from webapp.store.media import MediaDown, MediaStore
from webapp.store.sealing import Keys, Vault


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "data" / "media")


def test_a_file_comes_back_under_the_name_of_its_content(media: MediaStore) -> None:
    name = media.put(b"photo", suffix=".jpg")
    assert name == hashlib.sha256(b"photo").hexdigest() + ".jpg"
    with media.open(name) as file:
        assert file.read() == b"photo"


def test_bytes_files_and_chunks_of_the_same_content_are_one_file(media: MediaStore) -> None:
    names = {
        media.put(b"ab"),
        media.put(io.BytesIO(b"ab")),
        media.put(iter([b"a", b"b"])),
        media.put([b"ab"]),
    }
    assert list(media.names()) == list(names)


def test_files_are_spread_over_two_levels_and_private(media: MediaStore, tmp_path: Path) -> None:
    name = media.put(b"x")
    path = media.path(name)
    assert path.relative_to(tmp_path / "data" / "media").parts == (name[:2], name[2:4], name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_sealed_file_goes_through_the_store_and_opens_again(media: MediaStore) -> None:
    vault, photo = Vault(Keys(*(os.urandom(32) for _ in range(5)))), os.urandom(2_500_000)
    key, _ = vault.new_data_key()
    name = media.put(vault.seal_stream(key, io.BytesIO(photo), "media", 1, "original"), suffix=".sealed")
    with media.open(name) as file:
        assert b"".join(vault.open_stream(key, file, "media", 1, "original")) == photo


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../../etc/passwd",
        "a" * 64,
        "A" * 64 + ".jpg",
        "a" * 64 + ".jpg\n",
        "/" + "a" * 63 + ".jpg",
        "a" * 64 + ".j/g",
        "a" * 64 + "..",
        "unfinished-abc",
        "a" * 64 + ".123456789",
    ],
)
def test_a_name_that_is_not_ours_is_refused(media: MediaStore, name: str) -> None:
    for use in (media.path, media.open, media.delete):
        with pytest.raises(ValueError, match="not the name"):
            use(name)


@pytest.mark.parametrize("suffix", ["", "jpg", ".JPG", "./x", ".a.b", "." + "a" * 9])
def test_a_suffix_of_another_form_is_refused(media: MediaStore, suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix"):
        media.put(b"x", suffix=suffix)


def test_a_link_out_of_the_folder_is_refused(media: MediaStore, tmp_path: Path) -> None:
    name = media.put(b"x")
    media.delete(name)
    media.path(name).parent.rmdir()
    media.path(name).parent.symlink_to(tmp_path)
    with pytest.raises(ValueError, match="outside"):
        media.path(name)


def test_a_deleted_file_is_gone_and_deleting_again_says_so(media: MediaStore) -> None:
    name = media.put(b"x")
    assert media.delete(name) is True
    assert media.delete(name) is False
    assert list(media.names()) == []
    with pytest.raises(FileNotFoundError):
        media.open(name)


def test_a_source_that_breaks_leaves_nothing_behind(media: MediaStore) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError("the phone went away")

    with pytest.raises(MediaDown, match="the phone went away"):
        media.put(breaking())
    assert list(media.names()) == [] and list(media.unfinished()) == []


def test_a_disk_that_refuses_leaves_nothing_behind(
    media: MediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(MediaDown, match="No space"):
        media.put(b"x")
    assert list(media.names()) == [] and list(media.unfinished()) == []


def test_the_file_is_synced_before_its_rename_and_every_folder_after(
    media: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def spy(name: str, target: Callable[[Any], str]) -> None:
        real = getattr(os, name)

        def noted(*args: Any) -> None:
            steps.append(f"{name} {target(args)}")
            real(*args)

        monkeypatch.setattr(os, name, noted)

    spy("fsync", lambda args: str(os.readlink(f"/proc/self/fd/{args[0]}")))
    spy("rename", lambda args: str(args[1]))
    path = media.path(media.put(b"x"))
    assert steps[0].startswith(f"fsync {tmp_path / 'data' / 'media' / 'unfinished-'}")
    folders = [path.parent, path.parent.parent, path.parent.parent.parent]
    assert steps[1:] == [f"rename {path}", *(f"fsync {folder}" for folder in folders)]


def test_threads_may_put_the_same_content_at_once(media: MediaStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: media.put(b"same" * 1000), range(40)))
    assert list(media.names()) == list(names)
    assert list(media.unfinished()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from webapp.store.media import MediaStore
def source():
    yield b"half"
    os.kill(os.getpid(), signal.SIGKILL)
MediaStore(Path(sys.argv[1])).put(source())
"""


def test_a_killed_process_leaves_only_an_unfinished_file_for_the_sweeper(
    media: MediaStore, tmp_path: Path
) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "data" / "media")], check=False)
    assert done.returncode == -9
    assert list(media.names()) == [] and len(list(media.unfinished())) == 1
