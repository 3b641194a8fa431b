"""Weights files from their official address, checked against a published digest."""

import hashlib
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from mlcore.errors import WeightsError

TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Download:
    """Where a file is and the MD5 or SHA-256 its publisher gives (by length)."""

    url: str
    digest: str

    @property
    def file_name(self) -> str:
        """What the file is called there, and here."""
        return self.url.rsplit("/", 1)[-1]


def download(source: Download, folder: Path, title: str, advice: str) -> Path:
    """Fetch the file into `folder`; WeightsError, ending in `advice`, if it fails."""
    target = folder / source.file_name
    partial = target.with_suffix(".part")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        digest = _fetch(source, partial)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise WeightsError(
            f"The {title} weights are not here and could not be downloaded ({error}). "
            + advice
        ) from error
    if digest != source.digest:
        partial.unlink()
        raise WeightsError(f"The downloaded {title} weights are damaged. {advice}")
    partial.replace(target)
    return target


def _fetch(source: Download, partial: Path) -> str:
    name = "sha256" if len(source.digest) == 64 else "md5"
    digest = hashlib.new(name, usedforsecurity=False)
    with (
        urllib.request.urlopen(source.url, timeout=TIMEOUT_S) as answer,
        partial.open("wb") as file,
    ):
        while piece := answer.read(2**20):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()
