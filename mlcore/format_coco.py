"""COCO JSON with categories of whole pictures. Pure.

Any annotation of a picture says that its category is there, with a box or
without. A picture without annotations says nothing: mostly nobody looked at it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mlcore.annotations import Annotation, split_named
from mlcore.entries import Refused
from mlcore.errors import BadTable
from mlcore.format_fields import field as field_of
from mlcore.format_fields import names, path_of
from mlcore.format_groups import VAGUE_NAMES, GroupBook
from mlcore.json_stream import Element, walk_json
from mlcore.table_text import Opens
from storage.errors import LabelError

_PARTS = ("images", "annotations", "categories")


@dataclass(slots=True)
class _Picture:
    """One of `images`: LVIS lists in `no` the categories that are surely not there.

    `whole` is the box around all of it, as far as the file says its size.
    """

    path: str
    whole: list[Any]
    split: str | None
    place: str
    no: tuple[int, ...] | None


@dataclass(slots=True)
class _Coco:
    """The three lists of a file; of boxes and outlines only the number is kept.

    `doubled` are ids of categories that the list gives to two labels.
    """

    pictures: dict[int, _Picture] = field(default_factory=dict)
    yes: dict[int, list[int]] = field(default_factory=dict)
    shapes: Counter[int] = field(default_factory=Counter)
    corner_boxes: dict[int, list[Any]] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    doubled: set[int] = field(default_factory=set)
    refused: list[Refused] = field(default_factory=list)


def read_coco(
    opens: Opens, name: str, book: GroupBook
) -> Iterator[Annotation | Refused]:
    """Yield what the file says, picture by picture; raises `BadTable`."""
    coco = _Coco()
    seen = set()
    for element in walk_json(opens, name):
        seen.add(element.key)
        if element.key in _PARTS and element.index is not None:
            try:
                _take(coco, element, book, name)
            except (BadTable, LabelError) as error:
                coco.refused.append(Refused(element.place(name), str(error)))
    missing = [part for part in _PARTS if part not in seen]
    if missing and not coco.pictures:
        raise BadTable(f"“{name}” is no COCO file: it has no list “{missing[0]}”.")
    yield from coco.refused
    for image_id, picture in coco.pictures.items():
        yield _annotation(coco, image_id, picture, book)
    for image_id in coco.yes.keys() - coco.pictures.keys():
        reason = f"Annotations of the picture {image_id}, which “images” does not list."
        yield Refused(name, reason)


def _take(coco: _Coco, element: Element, book: GroupBook, name: str) -> None:
    item = element.value
    if element.key == "images":
        image_id = field_of(item, "id", int)
        if image_id in coco.pictures:
            first = coco.pictures[image_id].path
            raise BadTable(f"Two images have the id {image_id}; “{first}” counts.")
        coco.pictures[image_id] = _picture(item, element.place(name))
    elif element.key == "annotations":
        _take_annotation(coco, item)
    else:
        _take_category(coco, item, book)


def _take_annotation(coco: _Coco, item: Any) -> None:
    image_id = field_of(item, "image_id", int)
    said = coco.yes.setdefault(image_id, [])
    category = field_of(item, "category_id", int)
    if category not in said:
        said.append(category)
    box = item.get("bbox")
    coco.shapes[image_id] += bool(box or item.get("segmentation"))
    if isinstance(box, list) and box[:2] == [0, 0]:
        coco.corner_boxes.setdefault(image_id, []).append(box)


def _take_category(coco: _Coco, item: Any, book: GroupBook) -> None:
    label = names([field_of(item, "name", str)], "name")[0]
    number = field_of(item, "id", int)
    first = coco.labels.setdefault(number, label)
    if first != label:
        coco.doubled.add(number)
        raise BadTable(
            f"Two categories have the id {number}: “{first}” and “{label}”. Pictures"
            " that carry it are refused."
        )
    book.mention([label])
    group = str(item.get("supercategory") or "")
    if group.casefold() not in VAGUE_NAMES | {label.casefold()}:
        book.declare(group, label)


def _picture(item: Any, place: str) -> _Picture:
    path = path_of(field_of(item, "file_name", str))
    no = None
    if "neg_category_ids" in item:
        no = tuple(field_of(item, "neg_category_ids", list))
    whole = [0, 0, item.get("width"), item.get("height")]
    return _Picture(path, whole, split_named(str(item.get("split") or "")), place, no)


def _annotation(
    coco: _Coco, image_id: int, picture: _Picture, book: GroupBook
) -> Annotation | Refused:
    said = coco.yes.get(image_id, [])
    lost = [x for x in (*said, *(picture.no or ())) if x not in coco.labels]
    if lost:
        reason = f"It has the category {lost[0]}, which “categories” does not list."
        return Refused(picture.place, reason)
    doubled = coco.doubled.intersection((*said, *(picture.no or ())))
    if doubled:
        reason = f"It has the category {min(doubled)}, which is two labels."
        return Refused(picture.place, reason)
    boxes = coco.corner_boxes.get(image_id, [])
    shapes = coco.shapes[image_id] - boxes.count(picture.whole)
    yes = tuple(coco.labels[x] for x in said)
    no = tuple(coco.labels[x] for x in picture.no or ())
    is_whole = picture.no is None and bool(said)
    if is_whole or len(yes) + len(no) == len(coco.labels):
        book.count(yes)
    return Annotation(
        picture.path,
        yes,
        no,
        is_whole,
        picture.split,
        place=picture.place,
        losses=(("shapes", picture.path, shapes),) if shapes else (),
    )
