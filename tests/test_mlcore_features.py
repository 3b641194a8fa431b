"""Features: kept per picture and spec, extended, resumed, never half a row."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from filled_project import MakeImage
from PIL import Image

from mlcore import features
from mlcore.errors import ConfigError, TrainingError, WeightsError
from mlcore.features import FeatureSpec, FeatureStore, extract, make_extractor
from storage.projects import Project

SPEC = FeatureSpec(size_px=32)
NAMES = [hashlib.sha256(bytes([at])).hexdigest() for at in range(6)]
ROWS = np.arange(18, dtype=np.float32).reshape(6, 3)


@pytest.fixture
def store(project: Project) -> FeatureStore:
    """A store of four pictures with three numbers each."""
    made = FeatureStore(project, SPEC, "weights-a")
    made.append(NAMES[:4], ROWS[:4])
    return made


def again(project: Project, fingerprint: str | None = None) -> FeatureStore:
    return FeatureStore(project, SPEC, fingerprint)


def test_rows_come_back_in_the_order_asked(
    store: FeatureStore, project: Project
) -> None:
    other = again(project)
    np.testing.assert_array_equal(
        other.read([NAMES[3], NAMES[0], NAMES[3]]), ROWS[[3, 0, 3]]
    )
    assert other.width == 3 and other.read([]).shape == (0, 3)
    assert other.missing([NAMES[5], NAMES[1], NAMES[5], NAMES[4]]) == NAMES[5:3:-1]
    # What one process appends another one sees, and nothing is stored twice.
    store.append(NAMES[2:], ROWS[2:] + 100)
    np.testing.assert_array_equal(other.read(NAMES[3:5]), [ROWS[3], ROWS[4] + 100])
    assert (store.folder / "digests.bin").stat().st_size == 6 * 32
    with pytest.raises(TrainingError, match="1 of 1 pictures have no features"):
        other.read(["00" * 32])


def test_huge_numbers_stay_finite(store: FeatureStore) -> None:
    store.append(NAMES[4:5], np.array([[1e9, -1e9, 0.5]], np.float32))
    np.testing.assert_array_equal(store.read(NAMES[4:5]), [[65504, -65504, 0.5]])


@pytest.mark.parametrize(
    ("name", "bytes_cut", "left"),
    [("features.f16", 1, 3), ("digests.bin", 33, 2), ("features.f16", 24, 0)],
)
def test_files_cut_short_lose_rows_and_nothing_else(
    store: FeatureStore, project: Project, name: str, bytes_cut: int, left: int
) -> None:
    path = store.folder / name
    path.write_bytes(path.read_bytes()[:-bytes_cut])
    other = again(project, "weights-a")
    assert other.missing(NAMES[:4]) == NAMES[left:4]
    np.testing.assert_array_equal(other.read(NAMES[:left]), ROWS[:left])
    other.append(NAMES, ROWS)
    np.testing.assert_array_equal(again(project).read(NAMES), ROWS)


def test_numbers_that_nothing_names_are_written_over(
    store: FeatureStore, project: Project
) -> None:
    with (store.folder / "features.f16").open("ab") as file:
        file.write(b"\x01" * 17)
    assert store.missing(NAMES) == NAMES[4:]
    store.append(NAMES[4:], ROWS[4:])
    np.testing.assert_array_equal(again(project).read(NAMES), ROWS)


@pytest.mark.parametrize("about", [b"", b"[]", b'{"width": -1, "fingerprint": ""}'])
def test_a_damaged_description_means_starting_anew(
    store: FeatureStore, project: Project, about: bytes
) -> None:
    (store.folder / "about.json").write_bytes(about)
    assert again(project).missing(NAMES) == NAMES
    store.append(NAMES[1:2], ROWS[1:2])
    assert again(project).missing(NAMES[:2]) == NAMES[:1]


def test_features_of_other_weights_are_made_again(
    store: FeatureStore, project: Project
) -> None:
    other = again(project, "weights-b")
    assert other.missing(NAMES[:4]) == NAMES[:4]
    assert store.missing(NAMES[:4]) == []
    other.append(NAMES[:1], ROWS[:1] * 2)
    assert store.missing(NAMES[:1]) == NAMES[:1]
    np.testing.assert_array_equal(again(project).read(NAMES[:1]), ROWS[:1] * 2)


def test_two_writers_are_one_too_many(store: FeatureStore, project: Project) -> None:
    with store.writing():
        with pytest.raises(TrainingError, match="Another process is computing"):
            again(project).append(NAMES[4:], ROWS[4:])
        store.append(NAMES[4:], ROWS[4:])
    again(project).append(NAMES[4:], ROWS[4:])


def test_choices_that_do_not_exist_are_refused() -> None:
    with pytest.raises(WeightsError, match="no backbone “vgg99”; there are effic"):
        FeatureSpec("vgg99")
    with pytest.raises(ConfigError, match="32 to 512 px a side, not 8"):
        FeatureSpec(size_px=8)
    with pytest.raises(ConfigError, match="Expected rgb or gray or both, got “bgr”"):
        FeatureSpec(view="bgr")
    assert FeatureSpec().key == "efficientnet-lite0-128px-all-rgb-v3"


@pytest.mark.slow
def test_features_are_computed_once_and_go_on_where_they_stopped(
    project: Project,
    make_image: MakeImage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(features, "CHUNK", 2)
    pictures = [(32 * at, 200 - 40 * at, 90) for at in range(5)]
    files = [make_image(colour, (40, 30)) for colour in pictures] + [b"no picture"]
    images = _written(files, tmp_path)
    told: list[tuple[int, int]] = []

    def run(stop_at: int) -> dict[str, str]:
        told.clear()
        return extract(
            project,
            SPEC,
            [*images, images[0]],
            lambda done, total: told.append((done, total)),
            lambda: bool(told) and told[-1][0] >= stop_at,
        )

    assert run(stop_at=2) == {} and told == [(0, 6), (2, 6)]
    store = FeatureStore(project, SPEC)
    assert len(store.missing([name for name, _ in images])) == 4
    bad = run(stop_at=99)
    assert told == [(2, 6), (4, 6), (6, 6)]
    assert list(bad) == [images[-1][0]] and "not a picture" in bad[images[-1][0]]
    good = [name for name, _ in images[:5]]
    assert store.missing(good) == [] and store.width == 3280
    _compare_with_prediction(store.read(good), [path for _, path in images[:5]])
    # Only what cannot be read is tried again.
    assert run(stop_at=99) == bad and told == [(5, 6), (6, 6)]


def _written(files: list[bytes], folder: Path) -> list[tuple[str, Path]]:
    found = []
    for at, data in enumerate(files):
        path = folder / f"{at}.png"
        path.write_bytes(data)
        found.append((hashlib.sha256(data).hexdigest(), path))
    return found


def _compare_with_prediction(stored: np.ndarray, paths: list[Path]) -> None:
    pictures = np.stack([np.asarray(Image.open(p).resize((32, 32))) for p in paths])
    computed = make_extractor(SPEC)(pictures)
    assert computed.dtype == np.float32 and np.ptp(computed[:, 0]) > 0
    np.testing.assert_allclose(stored, computed, rtol=1e-3, atol=1e-3)


@pytest.mark.slow
def test_a_gray_view_does_not_see_colour_and_the_last_depth_is_narrower() -> None:
    run = make_extractor(FeatureSpec(size_px=32, depths="last", view="gray"))
    pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    gray = (pictures @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)
    found = run(pictures)
    assert found.shape == (3, 1280) and run(pictures[:0]).shape == (0, 1280)
    np.testing.assert_allclose(found, run(np.stack([gray] * 3, -1)), atol=0.05)
