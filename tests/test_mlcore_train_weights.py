"""VGG16 weights: found, read without running anything, missing in a clear sentence."""

import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from mlcore import architectures, weights
from mlcore.config import TrainConfig
from mlcore.errors import WeightsError
from mlcore.recipes import RECIPES
from storage.home import weights_dir

pytestmark = pytest.mark.slow

VGG16 = RECIPES["vgg16"].config
REAL_FILE = (
    Path(__file__).resolve().parents[2] / "shared" / "data" / "weights"
) / weights.DOWNLOAD_NAME
needs_file = pytest.mark.skipif(
    not REAL_FILE.exists(), reason="no VGG16 weights beside the repository"
)


def naming(path: Path) -> TrainConfig:
    return VGG16.with_changes(weights_file=str(path), image_size_px=32)


@needs_file
def test_our_vgg16_with_the_file_computes_what_keras_computes() -> None:
    import keras

    model = architectures.build(naming(REAL_FILE), labels=3)
    weights.load_into(model, weights.fetch_weights(naming(REAL_FILE)))
    ours = keras.Model(model.input, model.get_layer("block5_pool").output)
    theirs = keras.applications.VGG16(
        weights=None, include_top=False, input_shape=(32, 32, 3)
    )
    theirs.load_weights(REAL_FILE)
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype("f")
    expected = theirs(keras.applications.vgg16.preprocess_input(images.copy()))
    np.testing.assert_allclose(ours(images), expected, rtol=1e-3, atol=1e-3)


def test_the_newest_file_of_the_weights_folder_is_found() -> None:
    folder = weights_dir()
    folder.mkdir(parents=True)
    assert weights.find_weights(VGG16) is None
    old, new = folder / "vgg16_notop.h5", folder / "my_vgg16_notop.h5"
    for path, time in ((old, 1000), (new, 2000)):
        path.touch()
        os.utime(path, (time, time))
    (folder / "vgg16_with_top.h5").touch()
    assert weights.find_weights(VGG16) == new


def test_a_named_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"none\.h5 does not exist"):
        weights.fetch_weights(naming(tmp_path / "none.h5"))


def test_without_file_and_network_the_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A port of this computer that nobody answers: as good as no network.
    monkeypatch.setattr(weights, "DOWNLOAD_URL", "http://127.0.0.1:9/vgg16.h5")
    with pytest.raises(WeightsError) as caught:
        weights.fetch_weights(VGG16)
    said = str(caught.value)
    assert "could not be downloaded" in said
    assert str(weights_dir()) in said and "smallervggnet" in said
    assert list(weights_dir().iterdir()) == []


def test_a_file_without_the_layers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file.create_group("block1_conv1")
    with pytest.raises(WeightsError, match="does not hold the VGG16"):
        weights.read_vgg16(path)
    path.write_bytes(b"not hdf5")
    with pytest.raises(WeightsError, match="does not hold the VGG16"):
        weights.read_vgg16(path)


def test_a_link_out_of_the_file_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["data"] = np.zeros((3, 3, 3, 64))
    path = tmp_path / "linked.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("block1_conv1")
        group["kernel"] = h5py.ExternalLink(str(secret), "data")
    with pytest.raises(WeightsError, match="is a link"):
        weights.read_vgg16(path)


def test_an_enormous_declared_shape_is_refused_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "bomb.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("block1_conv1")
        group.create_dataset("W", (3, 3, 100_000, 100_000), "f4", chunks=True)
        group.create_dataset("b", (64,), "f4")
    with pytest.raises(WeightsError, match="unexpected shape"):
        weights.read_vgg16(path)


def test_a_layer_of_another_shape_is_named(tmp_path: Path) -> None:
    path = tmp_path / "narrow.h5"
    with h5py.File(path, "w") as file:
        for name in weights.CONVOLUTIONS:
            file[f"{name}/kernel"] = np.zeros((3, 3, 2, 2), np.float16)
            file[f"{name}/bias"] = np.zeros(2, np.float16)
    model = architectures.build(naming(path), labels=1)
    with pytest.raises(WeightsError, match=r"block1_conv1 has the shapes \(3, 3, 2, 2"):
        weights.load_into(model, path)
