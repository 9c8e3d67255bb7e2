"""Files are durable before their name is told, and a name never leads outside the store.

The contract is the same for a folder and a bucket; what only a folder can do wrong follows it.
"""

import hashlib
import io
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from webapp.store.bucket import BucketStore
from webapp.store.media import FolderStore, MediaDown, MediaStore
from webapp.store.sealing import CHUNK_BYTES, Keys, Vault


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "data" / "media")


@pytest.fixture(params=["folder", "bucket"])
def media(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "data" / "media")
    return BucketStore(request.getfixturevalue("s3").bucket(tmp_path), "sealed")


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


def test_files_are_spread_over_two_levels_and_private(folder: FolderStore, tmp_path: Path) -> None:
    name = folder.put(b"x")
    path = folder.path(name)
    assert path.relative_to(tmp_path / "data" / "media").parts == (name[:2], name[2:4], name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_sealed_file_goes_through_the_store_and_opens_again(media: MediaStore) -> None:
    vault, photo = Vault(Keys(*(os.urandom(32) for _ in range(5)))), os.urandom(2_500_000)
    key, _ = vault.new_data_key()
    name = media.put(vault.seal_stream(key, io.BytesIO(photo), "media", 1, "original"), suffix=".sealed")
    with media.open(name) as file:
        assert b"".join(vault.open_stream(key, file, "media", 1, "original")) == photo


def test_parts_of_a_large_file_are_read_without_the_rest(media: MediaStore, s3: Any) -> None:
    vault, film = Vault(Keys(*(os.urandom(32) for _ in range(5)))), os.urandom(3 * CHUNK_BYTES + 17)
    key, _ = vault.new_data_key()
    name = media.put(vault.seal_stream(key, io.BytesIO(film), "media", 1, "original"), suffix=".sealed")
    asked: list[str] = []
    s3.fault = lambda environ: asked.append(environ.get("HTTP_RANGE", "all")) or ""
    with vault.open_file(key, media.seekable(name), len(film), "media", 1, "original") as file:
        file.seek(2 * CHUNK_BYTES + 5)
        assert file.read(100) == film[2 * CHUNK_BYTES + 5 :][:100]
        assert len(asked) == (2 if isinstance(media, BucketStore) else 0) and "all" not in asked
        spans = [part.removeprefix("bytes=").split("-") for part in asked]
        assert sum(int(last) - int(first) + 1 for first, last in spans) < CHUNK_BYTES + 5000
        file.seek(CHUNK_BYTES - 5)
        assert io.BufferedReader(file).read() == film[CHUNK_BYTES - 5 :]  # type: ignore[type-var]
    with pytest.raises(FileNotFoundError):
        media.seekable(f"{0:064}.sealed")


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
    for use in (media.where, media.open, media.delete, media.put_at):
        with pytest.raises(ValueError, match="not the name"):
            use(name)


@pytest.mark.parametrize("suffix", ["", "jpg", ".JPG", "./x", ".a.b", "." + "a" * 9])
def test_a_suffix_of_another_form_is_refused(media: MediaStore, suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix"):
        media.put(b"x", suffix=suffix)


def test_a_link_out_of_the_folder_is_refused(folder: FolderStore, tmp_path: Path) -> None:
    name = folder.put(b"x")
    folder.delete(name)
    folder.path(name).parent.rmdir()
    folder.path(name).parent.symlink_to(tmp_path)
    with pytest.raises(ValueError, match="outside"):
        folder.path(name)


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
    assert list(media.names()) == [] and media.drop_unfinished(2**40) == 0


def test_a_list_says_when_each_file_was_last_put(media: MediaStore) -> None:
    before = time.time() - 2  # a bucket counts whole seconds
    name = media.put(b"x")
    ((listed, at),) = media.listed()
    assert listed == name and before < at < time.time() + 2 and media.put_at(name) == at
    media.delete(name)
    assert media.put_at(name) is None


def test_a_copy_is_whole_and_what_is_not_there_is_said(media: MediaStore, tmp_path: Path) -> None:
    name = media.put(b"x" * 3000)
    assert media.copy_to(name, tmp_path / "copy") and (tmp_path / "copy").read_bytes() == b"x" * 3000
    media.delete(name)
    assert not media.copy_to(name, tmp_path / "other") and not (tmp_path / "other").exists()


def test_everything_can_be_thrown_away(media: MediaStore) -> None:
    for content in (b"a", b"b"):
        media.put(content)
    media.clear()
    assert list(media.names()) == []
    assert media.put(b"a") in media.names()


def test_a_disk_that_refuses_leaves_nothing_behind(
    folder: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(MediaDown, match="No space"):
        folder.put(b"x")
    assert list(folder.names()) == [] and list(folder.unfinished()) == []


def test_the_file_is_synced_before_its_rename_and_every_folder_after(
    folder: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    path = folder.path(folder.put(b"x"))
    assert steps[0].startswith(f"fsync {tmp_path / 'data' / 'media' / 'unfinished-'}")
    folders = [path.parent, path.parent.parent, path.parent.parent.parent]
    assert steps[1:] == [f"rename {path}", *(f"fsync {folder}" for folder in folders)]


def test_threads_may_put_the_same_content_at_once(media: MediaStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: media.put(b"same" * 1000), range(40)))
    assert list(media.names()) == list(names)
    assert media.drop_unfinished(2**40) == 0


# What only a folder can do wrong


KILLED = """
import os, signal, sys
from pathlib import Path
from webapp.store.media import FolderStore
def source():
    yield b"half"
    os.kill(os.getpid(), signal.SIGKILL)
FolderStore(Path(sys.argv[1])).put(source())
"""


def test_a_killed_process_leaves_only_an_unfinished_file_for_the_sweeper(
    folder: FolderStore, tmp_path: Path
) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "data" / "media")], check=False)
    assert done.returncode == -9
    assert list(folder.names()) == [] and len(list(folder.unfinished())) == 1
