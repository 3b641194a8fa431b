"""The pictures of a project by every name a file of labels may call them."""

from collections.abc import Iterator

from mlcore.export_names import export_paths
from mlcore.picture_index import Known
from storage.image_aliases import list_aliases
from storage.image_names import image_places
from storage.projects import Project


def known_pictures(project: Project) -> Iterator[Known]:
    """Yield every picture by its own name and, where that differs, as our exports
    write it: they replace signs, and tell pictures of one path apart."""
    places = list(image_places(project))
    paths = export_paths(places)
    for place in places:
        yield place.image_id, place.name, place.source
        path = paths[place.image_id]
        if path != place.source:
            yield place.image_id, path.rpartition("/")[2], path


def other_names(project: Project) -> Iterator[Known]:
    """Yield the names of copies with the picture that was kept of them."""
    for image_id, path in list_aliases(project):
        yield image_id, path.rpartition("/")[2], path
