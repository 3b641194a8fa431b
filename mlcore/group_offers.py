"""Groups offered for the free labels of a project, and making those wanted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlcore.combinations import Combination
from mlcore.folder_names import SEPARATORS, split_name
from mlcore.group_naming import EXACTLY_ONE, columns_of, fold, name_columns
from mlcore.group_proposals import (
    Fit,
    Ids,
    find_twins,
    measure_fit,
    propose_groups,
)
from storage.errors import LabelError
from storage.group_rows import count_denied, image_folders
from storage.label_rows import fold_name
from storage.label_sets import label_sets, make_key
from storage.labels import list_groups, list_labels, set_group
from storage.project_settings import read_setting, write_setting
from storage.projects import Project
from storage.records import Label, LabelSet
from storage.schema_acts import schema_act

AT_MOST_ONE = "at-most-one"
DISMISSED = "group_offers_dismissed"
# Of the folders so many must be made of labels, or their names say nothing.
FOLDERS_READ = 0.6
GAPS_AT_MOST = 2_000


@dataclass(frozen=True, slots=True)
class GroupOffer:
    """Free labels that look like a group, with the name and rule it could have."""

    name: str
    label_ids: Ids
    rule: str
    fit: Fit


def offer_groups(project: Project) -> list[GroupOffer]:
    """Return the groups that the free labels look like; none for fewer than two."""
    labels = list_labels(project)
    free = {x.label_id: x.name for x in labels if x.group_id is None}
    if len(free) < 2:
        return []
    sets = label_sets(project)
    columns = folder_columns(image_folders(project), labels)
    found = propose_groups(sets, free, columns)
    taken = [group.name for group in list_groups(project)]
    words = [[free[i] for i in group] for group in found]
    names = name_columns(words, "combinations", taken)
    return [
        _make_offer(project, name, group, sets)
        for name, group in zip(names, found, strict=True)
    ]


def _make_offer(
    project: Project, name: str, group: Ids, sets: Sequence[LabelSet]
) -> GroupOffer:
    fit = measure_fit(sets, group)
    # An image without an answer is a question left open, one with a no to all is not.
    is_optional = fit.none > 0 and count_denied(project, group) > 0
    return GroupOffer(name, group, AT_MOST_ONE if is_optional else EXACTLY_ONE, fit)


def folder_columns(folders: Sequence[str], labels: Iterable[Label]) -> list[Ids]:
    """Return the labels that stand at each place of the folders' names.

    Folders are paths with a slash at the end; both “black_jeans/” and
    “black/jeans/” are understood, where all parts are labels.
    """
    ids = {fold(label.name): label.label_id for label in labels}
    for separator in (*SEPARATORS, "/"):
        rows = [_known_parts(folder, separator, ids) for folder in folders]
        known = [row for row in rows if len(row) > 1]
        if len(known) < 2 or len(known) < FOLDERS_READ * len(folders):
            continue
        if columns := columns_of("combinations", known):
            return [tuple(ids[fold(x)] for x in column) for column in columns]
    return []


def _known_parts(
    folder: str, separator: str, ids: Mapping[str, int]
) -> tuple[str, ...]:
    """The parts that are labels; of a path those at its end, of a name all or none."""
    if separator != "/":
        parts = split_name(folder.rstrip("/").rpartition("/")[2], separator)
        return parts if all(fold(part) in ids for part in parts) else ()
    parts = split_name(folder, separator)
    unknown = [at for at, part in enumerate(parts) if fold(part) not in ids]
    return parts[unknown[-1] + 1 :] if unknown else parts


def twins_of(project: Project, offers: Iterable[GroupOffer]) -> list[tuple[str, str]]:
    """Return names of labels that are always seen together, in two of these groups."""
    names = {label.label_id: label.name for label in list_labels(project)}
    groups = [offer.label_ids for offer in offers]
    found = find_twins(label_sets(project), groups, names)
    return [(names[a], names[b]) for a, b in found]


def make_groups(
    project: Project, wanted: Sequence[tuple[str, str, Ids]], *, who: str
) -> None:
    """Make groups of a name, a rule and labels each, as one step that undo takes back.

    LabelError, and nothing is made, when a name is missing, is there already or is
    given twice, or a label is gone.
    """
    names = {label.label_id: label.name for label in list_labels(project)}
    taken = {fold_name(group.name) for group in list_groups(project)}
    with schema_act(project, "make groups", who):
        for name, rule, label_ids in wanted:
            if fold_name(name) in taken:
                raise LabelError(
                    f"There is a group {name.strip()!r} already: give each group a "
                    "name of its own."
                )
            if not names.keys() >= set(label_ids):
                raise LabelError("One of the labels is gone. Load the page again.")
            taken.add(fold_name(name))
            set_group(project, name, [names[i] for i in label_ids], rule, who=who)


def offer_key(offers: Iterable[GroupOffer]) -> str:
    """Return what tells one offer from another: which labels would be together."""
    return ";".join(sorted(make_key(offer.label_ids) for offer in offers))


def is_dismissed(project: Project, offers: Iterable[GroupOffer]) -> bool:
    """Whether somebody said about just this offer that it is not wanted."""
    return offer_key(offers) in read_setting(project, DISMISSED, [])


def open_offers(project: Project) -> list[GroupOffer]:
    """Return what is offered and nobody has dismissed."""
    offers = offer_groups(project)
    return [] if is_dismissed(project, offers) else offers


def is_inside(label_ids: Iterable[int], offers: Iterable[GroupOffer]) -> bool:
    """Whether two of the labels would be in one group: such a pair cannot exist."""
    wanted = set(label_ids)
    return any(len(wanted.intersection(offer.label_ids)) > 1 for offer in offers)


def believable(
    gaps: Sequence[Combination], offers: Sequence[GroupOffer]
) -> list[Combination]:
    """Return the gaps that are no pairs inside an offered group; of many the first."""
    first = gaps[:GAPS_AT_MOST]
    return [gap for gap in first if not is_inside(gap.label_ids, offers)]


def dismiss_offer(project: Project, offers: Iterable[GroupOffer]) -> None:
    """Do not make this offer again; another one, with other labels, may come."""
    said = read_setting(project, DISMISSED, [])
    write_setting(project, DISMISSED, sorted({*said, offer_key(offers)}))


def offer_again(project: Project) -> None:
    """Forget what was dismissed."""
    write_setting(project, DISMISSED, None)
