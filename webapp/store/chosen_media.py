"""Where files are kept: in a folder, or in a bucket where the settings name one."""

from typing import Final

from webapp.config import Config
from webapp.store.media import FolderStore, MediaStore

SEALED: Final = "sealed"
PUBLIC: Final = "public"
LABELS: Final = (SEALED, PUBLIC)


def open_media(config: Config, label: str) -> MediaStore:
    if config.media is None:
        return FolderStore(config.media_folder / label)
    from webapp.store.bucket import BucketStore

    return BucketStore(config.media, label)
