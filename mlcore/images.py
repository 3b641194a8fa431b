"""Pictures for the rest of the app: read, opened as RGB, rendered, cached small."""

import io
import secrets
from pathlib import Path

from PIL import Image as Pictures

from mlcore.decoding import (
    ReadImage,
    Verified,
    open_rgb,
    open_strictly,
    read_bytes,
    read_image,
    upright_rgb,
    verify_image,
)
from mlcore.errors import BadImage
from storage.errors import ProjectError
from storage.images import image_path
from storage.projects import Project, thumbs_dir
from storage.records import Image

__all__ = [
    "ReadImage",
    "Verified",
    "cached_thumbnail",
    "keep_thumbnail",
    "open_rgb",
    "read_image",
    "render_full",
    "render_jpeg",
    "thumbnail",
    "verify_image",
]
SIZES_PX = {"thumb": 192, "large": 1280}
JPEG_LIMIT_BYTES = 2**20
# What a person zooms into; drawn when asked for, not kept on disk.
FULL_PX = 4096
FULL_LIMIT_BYTES = 8 * 2**20


def render_full(project: Project, image: Image) -> bytes:
    """Return the image as a JPEG of at most 4,096 px and 8 MiB, no metadata."""
    source = image_path(project, image)
    return render_jpeg(source, FULL_PX, limit_bytes=FULL_LIMIT_BYTES)


def render_jpeg(
    source: Path | str | bytes,
    size_px: int,
    quality: int = 85,
    limit_bytes: int = JPEG_LIMIT_BYTES,
) -> bytes:
    """Return a JPEG that fits into `size_px` squared and the limit, no metadata."""
    image = open_strictly(read_bytes(source))
    # JPEG can be decoded at a half, quarter or eighth of its size: much faster.
    image.draft("RGB", (size_px, size_px))
    picture = upright_rgb(image)
    picture.thumbnail((size_px, size_px), Pictures.Resampling.LANCZOS)
    # Pillow would copy a JPEG comment found here into the new file.
    picture.info.clear()
    for step in range(5):
        data = _encode_jpeg(picture, quality - 15 * step)
        if len(data) < limit_bytes:
            return data
    raise BadImage(
        f"The picture cannot be shown: its preview is above {limit_bytes:,} bytes."
    )


def _encode_jpeg(picture: Pictures.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=max(quality, 10))
    return buffer.getvalue()


def thumbnail(project: Project, image: Image, size: str = "thumb") -> Path:
    """Return the cached JPEG of `image`, 'thumb' (192 px) or 'large' (1280 px).

    Drawn again when missing; raises `BadImage` when the stored file is unreadable.
    """
    path = _thumbnail_path(project, image, size)
    if not path.exists():
        data = render_jpeg(image_path(project, image), SIZES_PX[size])
        _write_whole(project, path, data)
    return path


def cached_thumbnail(
    project: Project, image: Image, size: str = "thumb"
) -> Path | None:
    """Return where `thumbnail` keeps the picture if it was drawn before."""
    path = _thumbnail_path(project, image, size)
    return path if path.exists() else None


def keep_thumbnail(project: Project, image: Image, picture: Pictures.Image) -> None:
    """Draw the small thumbnail from an upright RGB picture that is open anyway.

    A grid that scrolls over new pictures then has nothing to wait for.
    """
    path = _thumbnail_path(project, image, "thumb")
    if path.exists():
        return
    small = picture.copy()
    small.thumbnail((SIZES_PX["thumb"],) * 2, Pictures.Resampling.LANCZOS)
    small.info.clear()
    _write_whole(project, path, _encode_jpeg(small, 85))


def _thumbnail_path(project: Project, image: Image, size: str) -> Path:
    first, second = image.sha256[:2], image.sha256[2:4]
    folder = thumbs_dir(project) / size / first / second
    return folder / f"{image.sha256}.jpg"


def _write_whole(project: Project, path: Path, data: bytes) -> None:
    # One by one: with parents=True a tab still loading, or the process that measures
    # pictures, would bring the folder of a project deleted meanwhile back.
    try:
        for folder in [*path.parents][3::-1]:
            folder.mkdir(exist_ok=True)
    except FileNotFoundError:
        raise ProjectError(
            f"The project {project.name!r} is not there any more."
        ) from None
    # No fsync: a thumbnail lost in a power cut is simply drawn again. The rename
    # keeps two requests for the same picture from showing half of it.
    partial = path.with_name(f"{secrets.token_hex(8)}.part")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
