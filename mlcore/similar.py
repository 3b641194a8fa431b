"""Pictures of a project that look like another one, with where to get what they show.

Nearest neighbours over features that are stored anyway, every picture compared. No
tensorflow: of a picture from outside the predictor's process tells the features.
"""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from mlcore.errors import FactsMissing, PredictionError
from mlcore.picture_features import features_of
from mlcore.similar_index import Index, index_of
from mlcore.similar_lens import Floats
from mlcore.similar_space import Space, find_space
from storage.files import digest_file
from storage.labels import list_labels
from storage.projects import Project
from storage.similar_items import Item, Shown, items_of, shown_of

LIMIT = 12
# Asked for at once while looking for those with the labels wanted; grows.
LOOKED_AT, GROWS = 256, 4
NOT_LOOKED_AT = (
    "Unseen has not looked at this project's pictures yet, so none can be compared. "
    "“Similar items” on the Classify page does that, or a run of the recipe quick."
)


@dataclass(frozen=True, slots=True)
class Similar:
    """An image of the project; `likeness` is 1 for equal ones, 0 for unrelated ones.

    `labels` are a person's answers, else what a run reads. Title, price and link are
    "" where nobody has said them; a link begins with http:// or https://. `source` is
    the path that the picture came from.
    """

    image_id: int
    sha256: str
    name: str
    labels: tuple[str, ...]
    likeness: float
    title: str = ""
    price: str = ""
    link: str = ""
    source: str = ""

    def as_json(self) -> dict[str, object]:
        """Every field as plain JSON."""
        found = asdict(self)
        return found | {
            "labels": list(self.labels),
            "likeness": round(self.likeness, 4),
        }


def find_similar(
    project: Project,
    picture: Path | Floats,
    *,
    labels: Collection[str] | None = None,
    is_exact: bool = False,
    limit: int = LIMIT,
) -> list[Similar]:
    """The pictures most like a file, or like its features; never the picture itself.

    With `labels` only those that show all of these; with `is_exact` no others beside.
    Raises FactsMissing while no picture has features, PredictionError for a file that
    cannot be read and for a label the project does not have.
    """
    wanted = _label_ids(project, labels or ())
    space = find_space(project)
    if not space.known:
        raise FactsMissing(NOT_LOOKED_AT)
    index = index_of(space.spec, space.store)
    own, vector = _vector(space, index, picture)
    near = index.nearest(vector)
    others = ((sha256, alike) for sha256, alike in near if sha256 != own)
    fitting = _fitting(project, others, frozenset(wanted), is_exact and bool(labels))
    return _described(project, list(islice(fitting, max(0, limit))))


def _vector(space: Space, index: Index, picture: Path | Floats) -> tuple[str, Floats]:
    """The content's hash, "" if not known, and what it is compared by."""
    if not isinstance(picture, Path):
        return "", index.look(picture)
    try:
        sha256 = digest_file(picture)
    except OSError as error:
        reason = error.strerror or "unknown error"
        raise PredictionError(
            f"“{picture.name}” cannot be read: {reason}. Choose another picture."
        ) from error
    known = index.vector_of(sha256)
    if known is not None:
        return sha256, known
    (found,) = features_of(
        space.spec, space.weights_file, [picture], made_with=space.store.made_with
    )
    if isinstance(found, str):
        raise PredictionError(f"“{picture.name}” cannot be compared: {found}")
    return sha256, index.look(found)


def _label_ids(project: Project, names: Collection[str]) -> list[int]:
    known = {label.name.casefold(): label.label_id for label in list_labels(project)}
    for name in names:
        if name.casefold() not in known:
            raise PredictionError(f"The project has no label “{name}”.")
    return [known[name.casefold()] for name in names]


def _fitting(
    project: Project,
    near: Iterator[tuple[str, float]],
    wanted: frozenset[int],
    is_exact: bool,
) -> Iterator[tuple[Shown, float]]:
    """Those that are images of the project with the labels wanted, in order."""
    looked_at = LOOKED_AT
    while some := dict(islice(near, looked_at)):
        shown = shown_of(project, some)
        for sha256, alike in some.items():
            one = shown.get(sha256)
            if one is not None and _fits(one, wanted, is_exact):
                yield one, alike
        looked_at *= GROWS


def _fits(one: Shown, wanted: frozenset[int], is_exact: bool) -> bool:
    labels = frozenset(one.label_ids)
    return labels == wanted if is_exact else wanted <= labels


def _described(
    project: Project, found: Collection[tuple[Shown, float]]
) -> list[Similar]:
    names = {label.label_id: label.name for label in list_labels(project)}
    items = items_of(project, [one.image_id for one, _ in found])
    described = []
    for one, alike in found:
        item = items.get(one.image_id, Item(one.image_id))
        labels = tuple(names[i] for i in one.label_ids if i in names)
        described.append(
            Similar(
                one.image_id,
                one.sha256,
                one.name,
                labels,
                min(max(alike, 0.0), 1.0),
                item.title,
                item.price,
                item.link,
                one.source,
            )
        )
    return described
