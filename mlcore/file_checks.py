"""The stored files of pictures looked at again: is each still what came in?

A file is named by the SHA-256 of its content. One that is missing or reads
otherwise gets a problem in its facts, by which Health finds it. Who asked for the
check, and how far it is, lies among the project's settings: it outlives a process.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace

from mlcore.image_facts import VERSION, measure_images, unreadable
from storage.facts import facts_of, list_ids_after, put_facts
from storage.files import digest_file
from storage.image_files import image_path
from storage.images import count_images, get_images
from storage.project_settings import read_setting, write_setting
from storage.projects import Project
from storage.records import Image

SETTING = "files_checked"
CHECKED_AT_ONCE = 100
MISSING = "The file is missing."
CHANGED = "The file is damaged: it is not what came in."


@dataclass(frozen=True, slots=True)
class FileCheck:
    """The last check: `checked` files so far, the last of image `after`.

    `ended_at` is in unix seconds, None while it is wanted or under way.
    """

    checked: int = 0
    damaged: int = 0
    after: int = 0
    ended_at: float | None = None


def last_check(project: Project) -> FileCheck | None:
    """The check that was asked for last; None if there never was one."""
    kept = read_setting(project, SETTING)
    return None if kept is None else FileCheck(**kept)


def is_check_wanted(project: Project) -> bool:
    """Whether a check was asked for and has not come to its end."""
    check = last_check(project)
    return check is not None and check.ended_at is None


def want_check(project: Project) -> None:
    """Ask for a check of all files from the first on."""
    _keep(project, FileCheck())


def drop_check(project: Project) -> None:
    """Take the wish back; what was found stays."""
    if is_check_wanted(project):
        write_setting(project, SETTING, None)


def check_files(
    project: Project,
    on_progress: Callable[[int, int], None],
    reason_to_end: Callable[[], tuple[str, str] | None] = lambda: None,
) -> tuple[str, str] | None:
    """Go on with the check that is wanted; returns why it ended early, else None."""
    check = last_check(project) or FileCheck()
    total = max(count_images(project), check.checked)
    while ids := list_ids_after(project, check.after, CHECKED_AT_ONCE):
        on_progress(check.checked, total)
        if reason := reason_to_end():
            return reason
        damaged = check_images(project, ids)
        check = FileCheck(
            check.checked + len(ids), check.damaged + damaged, after=ids[-1]
        )
        _keep(project, check)
    _keep(project, replace(check, ended_at=time.time()))
    return None


def check_images(project: Project, image_ids: list[int]) -> int:
    """Check the files of these images; returns how many are damaged or missing.

    One that had a problem and is whole again is measured again.
    """
    images = get_images(project, image_ids)
    with ThreadPoolExecutor(2) as pool:
        problems = list(pool.map(lambda x: find_problem(project, x), images))
    found = {x.image_id: problem for x, problem in zip(images, problems, strict=True)}
    broken = {image_id: problem for image_id, problem in found.items() if problem}
    if broken:
        put_facts(project, VERSION, [unreadable(i, why) for i, why in broken.items()])
    whole = facts_of(project, found.keys() - broken.keys())
    healed = [i for i, facts in whole.items() if facts.problem]
    if healed:
        measure_images(project, healed)
    return len(broken)


def find_problem(project: Project, image: Image) -> str:
    """Why a stored file is not what came in; "" for one that is."""
    try:
        digest = digest_file(image_path(project, image))
    except FileNotFoundError:
        return MISSING
    except OSError as error:
        return f"The file cannot be read: {error.strerror}."
    return "" if digest == image.sha256 else CHANGED


def _keep(project: Project, check: FileCheck) -> None:
    write_setting(project, SETTING, asdict(check))
