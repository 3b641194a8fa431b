"""Custom Vision: the answer of GetTaggedImages beside the downloaded pictures. Pure.

The service names pictures by id; files are looked for by it, by the name in the
address, and by a name in the metadata. The tag of a region is one of the picture.
"""

from collections.abc import Iterator
from typing import Any

from mlcore.annotations import Annotation
from mlcore.entries import Refused
from mlcore.errors import BadTable
from mlcore.format_fields import an_object, field, names, path_of
from mlcore.format_groups import GroupBook
from mlcore.json_stream import walk_json
from mlcore.table_text import Opens
from storage.errors import LabelError

_ADDRESSES = ("originalImageUri", "imageUri", "resizedImageUri")
_NAME_KEYS = ("filename", "file_name", "name", "path")
# The service's own word for "none of these tags"; it stands alone.
NEGATIVE = "negative"


def read_custom_vision(
    opens: Opens, name: str, book: GroupBook
) -> Iterator[Annotation | Refused]:
    """Yield what the pictures are tagged with; raises `BadTable` when it is no JSON."""
    for element in walk_json(opens, name):
        place = element.place(name)
        try:
            yield _read_picture(element.value, place)
        except (BadTable, LabelError) as error:
            yield Refused(place, str(error))


def _read_picture(item: Any, place: str) -> Annotation:
    has_tags = an_object(item).get("tags") is not None
    tags = field(item, "tags", list) if has_tags else []
    regions = field(item, "regions", list) if item.get("regions") else []
    tags = [*tags, *(x for x in regions if "tagName" in an_object(x))]
    yes = names([field(tag, "tagName", str) for tag in tags], "tagName")
    paths = list(dict.fromkeys(_paths(item)))
    if not paths:
        raise BadTable("The picture has neither an “id” nor an “originalImageUri”.")
    losses = [("shapes", paths[-1], len(regions))] if regions else []
    is_negative = [tag.casefold() for tag in yes] == [NEGATIVE]
    if is_negative:
        losses.append(("negative", paths[-1], 1))
    return Annotation(
        paths[0],
        () if is_negative else yes,
        is_complete=bool(yes),
        place=place,
        other_paths=tuple(paths[1:]),
        losses=tuple(losses),
    )


def _paths(item: dict[str, Any]) -> Iterator[str]:
    metadata = item.get("metadata")
    if isinstance(metadata, dict):
        yield from (str(metadata[key]) for key in _NAME_KEYS if metadata.get(key))
    image_id = item.get("id")
    if isinstance(image_id, str) and image_id:
        yield from (image_id, image_id.replace("-", ""))
    for key in _ADDRESSES:
        if isinstance(item.get(key), str) and item[key]:
            yield path_of(item[key])
