"""Pictures alike by stored features, with labels, titles, prices and links."""

import io
import json

import numpy as np
import pytest

from mlcore.cli import main
from mlcore.colour_features import WIDTH as COLOURS
from mlcore.errors import BadTable, FactsMissing, PredictionError
from mlcore.feature_model import spec_of
from mlcore.feature_store import FeatureStore
from mlcore.item_table import check_link, import_items
from mlcore.recipes import QUICK
from mlcore.similar import find_similar
from mlcore.similar_index import NAME, index_of
from mlcore.similar_lens import FEW
from mlcore.similar_space import find_space
from storage.answers import answer
from storage.images import delete_images, get_images, image_path
from storage.projects import Project
from storage.records import Image
from storage.scores import ImageScore, put_scores
from storage.similar_items import Item, count_items, items_of, put_items

SPEC = spec_of(QUICK.config)
NET = 40


def look_alike(rng: np.random.Generator, kind: int, count: int) -> np.ndarray:
    """Features of pictures of one kind: what the network sees, and colours."""
    centre = np.random.default_rng(kind).random(NET + COLOURS, np.float32)
    return centre + rng.random((count, NET + COLOURS), np.float32) * 0.1


@pytest.fixture
def stored(project: Project, images: list[int]) -> list[Image]:
    """Three images: the first two are alike."""
    found = get_images(project, images)
    rng = np.random.default_rng(3)
    rows = np.concatenate([look_alike(rng, 1, 2), look_alike(rng, 2, 1)])
    others = np.concatenate([look_alike(rng, kind, 5) for kind in range(4)])
    store = FeatureStore(project, SPEC, "made-with")
    store.append([image.sha256 for image in found], rows)
    # What is stored of pictures that are gone is never found.
    store.append([f"{n:064x}" for n in range(len(others))], others)
    return found


def test_the_most_alike_come_first_and_never_the_picture_itself(
    project: Project, stored: list[Image]
) -> None:
    first, twin, other = stored
    found = find_similar(project, image_path(project, first))
    assert [one.image_id for one in found] == [twin.image_id, other.image_id]
    assert 0.9 < found[0].likeness <= 1 and found[1].likeness < 0.2
    row = FeatureStore(project, SPEC).read([other.sha256])[0]
    assert find_similar(project, row, limit=1)[0].image_id == other.image_id


def test_labels_narrow_it_by_answers_and_else_by_what_a_run_reads(
    project: Project, stored: list[Image], labels: dict[str, int]
) -> None:
    first, twin, other = stored
    black, striped = labels["black"], labels["striped"]
    answer(
        project, twin.image_id, {black: True, striped: True}, who="Ada", batch_id="b"
    )
    said = ImageScore(other.image_id, "r1", (black,), True, 0.9, 0.1, {black: 0.9})
    put_scores(project, "r1", [said])
    path = image_path(project, first)
    both = find_similar(project, path, labels=["Black"])
    assert [one.image_id for one in both] == [twin.image_id, other.image_id]
    assert both[0].labels == ("black", "striped")
    exact = find_similar(project, path, labels=["black"], is_exact=True)
    assert [one.image_id for one in exact] == [other.image_id]
    with pytest.raises(PredictionError, match="no label “hat”"):
        find_similar(project, path, labels=["hat"])


def test_what_comes_in_later_is_found_and_what_is_deleted_is_not(
    project: Project, stored: list[Image]
) -> None:
    first, twin, other = stored
    find_similar(project, image_path(project, first))
    store = FeatureStore(project, SPEC)
    before = index_of(SPEC, store)
    delete_images(project, [twin.image_id], who="", batch_id="d")
    rng = np.random.default_rng(4)
    store.append(["f" * 64], look_alike(rng, 3, 1))
    after = index_of(SPEC, store)
    assert len(after.vectors) == len(before.vectors) + 1
    assert after.lens is before.lens
    found = find_similar(project, image_path(project, first))
    assert [one.image_id for one in found] == [other.image_id]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 broken", None])
def test_a_damaged_index_or_one_of_other_weights_is_made_again(
    project: Project, stored: list[Image], damage: bytes | None
) -> None:
    store = FeatureStore(project, SPEC)
    right = index_of(SPEC, store).vectors
    path = store.folder / NAME
    from mlcore import similar_index

    similar_index._kept.clear()
    if damage is None:
        about = json.loads((store.folder / "about.json").read_text())
        about["fingerprint"] = "others"
        (store.folder / "about.json").write_text(json.dumps(about))
    else:
        path.write_bytes(damage)
    again = index_of(SPEC, store)
    assert np.array_equal(again.vectors, right)
    assert again.made_with == ("others" if damage is None else "made-with")


def test_of_many_pictures_few_numbers_find_the_same_ones(project: Project) -> None:
    rng = np.random.default_rng(5)
    rows = np.concatenate([look_alike(rng, kind, FEW // 4 + 1) for kind in range(5)])
    store = FeatureStore(project, SPEC, "made-with")
    store.append([f"{n:064x}" for n in range(len(rows))], rows)
    index = index_of(SPEC, store)
    assert index.vectors.shape == (len(rows), 128)
    near = [int(sha, 16) for sha, _ in index.nearest(index.look(rows[0]))]
    assert near[0] == 0 and len(near) == len(rows)
    assert max(near[: FEW // 4]) <= FEW // 4


def test_without_features_a_sentence_says_what_to_do(
    project: Project, images: list[int]
) -> None:
    (image,) = get_images(project, images[:1])
    assert find_space(project).total == 3
    with pytest.raises(FactsMissing, match="has not looked at this project's"):
        find_similar(project, image_path(project, image))


def test_a_table_of_items_is_matched_by_file_name_and_reports_the_rest(
    project: Project, stored: list[Image]
) -> None:
    names = [image.name for image in stored]
    table = (
        "File;Title;Price;Link\n"
        f"{names[0]};Red dress;19,90 €;https://shop.example/a?b=1\n"
        f"{names[1].upper()};<b>bold</b>;;javascript:alert(1)\n"
        "nowhere.jpg;Ghost;1;https://shop.example/ghost\n"
        f'"{names[2]};never closed;1;https://x.example\n'
    )
    report = import_items(project, lambda: io.BytesIO(table.encode()), "items.csv")
    assert report.matched == count_items(project) == 2
    assert [one.path for one in report.refused] == [
        "items.csv, line 3",
        "items.csv, line 4",
        "items.csv, line 5",
    ]
    assert "does not begin with http" in report.refused[0].reason
    assert "No picture called “nowhere.jpg”" in report.refused[1].reason
    kept = items_of(project, [image.image_id for image in stored])
    first, second = (kept[image.image_id] for image in stored[:2])
    assert first == Item(
        stored[0].image_id, "Red dress", "19,90 €", "https://shop.example/a?b=1"
    )
    assert (second.title, second.link) == ("<b>bold</b>", "")
    (similar,) = find_similar(project, image_path(project, stored[1]), limit=1)
    assert (similar.title, similar.price) == ("Red dress", "19,90 €")


def test_a_table_without_its_columns_is_refused(project: Project) -> None:
    for text in (b"", b"title,price\n", b"file,colour\nx.jpg,red\n"):
        with pytest.raises(BadTable, match="needs a column file"):
            import_items(project, lambda text=text: io.BytesIO(text), "x.csv")


@pytest.mark.parametrize(
    ("link", "is_good"),
    [
        ("https://shop.example/dress?id=7&x=ä", True),
        ("http://localhost:8000/", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("//shop.example", False),
        ("https://", False),
        ("https://user:pw@shop.example/", False),
        ("https://shop.example/<b>", False),
        ("https://shop.example/a b", False),
        ("https://shop.example:99999/", False),
        ("file:///etc/passwd", False),
        ("https://shop.example/" + "a" * 2_000, False),
    ],
)
def test_only_plain_web_addresses_are_links(link: str, is_good: bool) -> None:
    assert (check_link(link) == "") is is_good


def test_the_command_line_finds_and_takes_in(
    project: Project,
    stored: list[Image],
    tmp_path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = tmp_path / "items.csv"
    table.write_text(f"file,link\n{stored[1].name},https://shop.example/1\n")
    assert main(["items", "clothes", str(table), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["matched"] == 1
    picture = str(image_path(project, stored[0]))
    assert main(["similar", "clothes", picture, "--limit", "1", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["compared"], report["images"]) == (3, 3)
    assert report["similar"][0]["link"] == "https://shop.example/1"
    assert main(["similar", "clothes", str(tmp_path / "none.jpg")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_items_of_deleted_pictures_do_not_count(
    project: Project, images: list[int]
) -> None:
    put_items(project, [Item(i, f"title {i}") for i in images])
    put_items(project, [Item(images[0], "new title")])
    delete_images(project, images[1:], who="", batch_id="d")
    assert count_items(project) == 1
    assert items_of(project, images[:1])[images[0]].title == "new title"
