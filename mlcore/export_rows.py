"""What an export writes down: each picture with its path and its answers."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mlcore.export_names import export_paths, tell_apart
from storage.answers import answers_of
from storage.image_names import image_places
from storage.images import get_images
from storage.labels import list_groups, list_labels
from storage.projects import Project
from storage.records import Group, Image, Label

CHUNK_IMAGES = 1_000
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One picture; `path` is where it lies in the export, `number` counts from 1."""

    number: int
    image: Image
    path: str
    yes: Names
    no: Names
    unknown: Names

    @property
    def is_labelled(self) -> bool:
        return bool(self.yes or self.no)


# Which folder of the export a picture goes into: "" or "…/".
Placing = Callable[[Row], str]


@dataclass(slots=True)
class Dataset:
    """The chosen pictures of a project; `rows` may be gone through again and again."""

    project: Project
    image_ids: list[int]
    labels: list[Label]
    groups: list[Group]
    paths: dict[int, str] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """Yield the pictures in their order; one deleted meanwhile is left out."""
        names = {label.label_id: label.name for label in self.labels}
        number = 0
        for start in range(0, len(self.image_ids), CHUNK_IMAGES):
            images = get_images(
                self.project, self.image_ids[start : start + CHUNK_IMAGES]
            )
            answers = answers_of(self.project, [x.image_id for x in images])
            for image in images:
                number += 1
                yield self._row(number, image, answers[image.image_id], names)

    def _row(
        self, number: int, image: Image, said: dict[int, bool], names: dict[int, str]
    ) -> Row:
        told = {key: said.get(key) for key in names}
        return Row(
            number,
            image,
            self.paths.get(image.image_id, image.name),
            yes=tuple(names[key] for key, value in told.items() if value is True),
            no=tuple(names[key] for key, value in told.items() if value is False),
            unknown=tuple(names[key] for key, value in told.items() if value is None),
        )

    def group_names(self) -> dict[int, str]:
        """The group's name for every label id that is in one."""
        return {
            label.label_id: group.name
            for group in self.groups
            for label in group.labels
        }

    def has_splits(self) -> bool:
        """Whether any of the pictures is in a split."""
        return any(row.image.split for row in self.rows())


def collect_dataset(project: Project, image_ids: list[int]) -> Dataset:
    """Return these pictures with the project's labels and groups of this moment."""
    return Dataset(project, image_ids, list_labels(project), list_groups(project))


def place_pictures(dataset: Dataset, placing: Placing) -> None:
    """Give every picture its path in an export that holds the pictures.

    Below the folder it is put into lie the folders it came from.
    """
    paths = export_paths(image_places(dataset.project))
    dataset.paths = {
        row.image.image_id: placing(row) + paths.get(row.image.image_id, row.image.name)
        for row in dataset.rows()
    }


def place_flat(dataset: Dataset, placing: Placing) -> None:
    """Put every picture right into its folder; a name that two would have in there
    is preceded by the folders it came from, as many as it takes."""
    paths = export_paths(image_places(dataset.project))
    taken: set[str] = set()
    for row in dataset.rows():
        image = row.image
        folder, parts = placing(row), paths.get(image.image_id, image.name).split("/")
        names = ("-".join(parts[-depth:]) for depth in range(1, len(parts) + 1))
        free = (f"{folder}{x}" for x in names if f"{folder}{x}".casefold() not in taken)
        path = next(free, "") or tell_apart(folder + parts[-1], image.sha256, taken)
        taken.add(path.casefold())
        dataset.paths[image.image_id] = path


def name_pictures(dataset: Dataset) -> None:
    """Give every picture the name by which this project finds it again.

    A name that two share is written as the path the picture came from, and a path
    that two share as an export with pictures writes it.
    """
    places = list(image_places(dataset.project))
    names = Counter(place.name.casefold() for place in places)
    sources = Counter(place.source.casefold() for place in places)
    paths = export_paths(places)
    dataset.paths = {
        place.image_id: place.name
        if names[place.name.casefold()] == 1
        else place.source
        if place.source and sources[place.source.casefold()] == 1
        else paths[place.image_id]
        for place in places
    }
