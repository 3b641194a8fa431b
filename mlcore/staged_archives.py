"""Zips among the files of an upload: their pictures become staged files too.

An import reads a zip where it lies; a picture to classify must be a file that the
predictor's process and the preview route can open.
"""

from pathlib import Path

from mlcore.archives import list_members, open_archive
from mlcore.entries import PICTURE_ENDINGS, Entry, Refused
from mlcore.errors import BadArchive, BadImage
from mlcore.uploads import (
    StagedFile,
    finish_file,
    stage_path,
    staged_files,
    staged_source,
)
from storage.files import explained_disk
from storage.projects import Project


def unpack_staged_zips(
    project: Project, upload_id: str, *, max_bytes: int
) -> list[Refused]:
    """Stage the pictures inside every zip of an upload; say what was left out.

    Only members with a picture's ending are staged. Call it once per upload: a
    second call stages them again.
    """
    refused: list[Refused] = []
    for staged in staged_files(staged_source(project, upload_id)):
        if is_zip(staged):
            refused += _unpack(project, upload_id, staged, max_bytes)
    return refused


def is_zip(staged: StagedFile) -> bool:
    """Whether a staged file is an archive rather than a picture, by its name."""
    return staged.name.casefold().endswith(".zip")


def _unpack(
    project: Project, upload_id: str, staged: StagedFile, max_bytes: int
) -> list[Refused]:
    try:
        archive = open_archive(staged.path, staged.name)
    except BadArchive as error:
        return [Refused(staged.name, str(error))]
    refused = []
    with archive:
        for member in list_members(archive, f"{staged.name}/"):
            if isinstance(member, Refused):
                refused.append(member)
            elif member.ending in PICTURE_ENDINGS:
                refused += _stage(project, upload_id, member, max_bytes)
    return refused


def _stage(
    project: Project, upload_id: str, member: Entry, max_bytes: int
) -> list[Refused]:
    try:
        data = member.read(max_bytes)
    except BadImage as error:
        return [Refused(member.path, str(error))]
    path: Path = stage_path(project, upload_id, member.path)
    with explained_disk():
        path.write_bytes(data)
    finish_file(project, upload_id, member.path, path, len(data))
    return []
