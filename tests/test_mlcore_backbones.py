"""Pretrained networks: found, read as plain numbers, and right when they are read."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest
from torch_files import as_zip, whole

from mlcore import backbones
from mlcore.backbones import (
    BACKBONES,
    fetch_backbone_weights,
    find_backbone_weights,
    missing_sentence,
)
from mlcore.dataset import fit_image
from mlcore.decoding import open_rgb
from mlcore.downloads import Download
from mlcore.errors import WeightsError
from mlcore.feature_spec import FeatureSpec
from mlcore.torch_archive import read_tensors
from storage.home import weights_dir

PHOTOS = Path(__file__).resolve().parents[2] / "shared" / "data" / "cats-dogs"
LITE0 = "efficientnet-lite0"
# Keras' own writer of the old layout has not followed numpy 2 yet.
keras_writes = pytest.mark.filterwarnings("ignore:__array__ implementation")


def test_the_table_says_what_a_person_must_know() -> None:
    assert next(iter(BACKBONES)) == LITE0
    for name, backbone in BACKBONES.items():
        assert backbone.name == name and backbone.plain.endswith(".")
        assert backbone.licence and backbone.download_mb and len(backbone.taps) >= 4
        if backbone.download is not None:
            assert Path(backbone.download.file_name).match(backbone.pattern)
            assert backbone.download.file_name in missing_sentence(name)


def test_lite0_comes_with_the_app_and_its_package_is_never_run() -> None:
    path = find_backbone_weights(LITE0)
    assert path is not None and path.suffix == ".pth"
    # The name carries the start of the digest its author published.
    assert backbones.digest_weights(path).startswith(path.stem.split("-")[-1])
    assert len(read_tensors(path)) == 296


def test_files_are_looked_for_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for name, backbone in BACKBONES.items():
        if backbone.download is None:
            continue
        assert find_backbone_weights(name) is None
        kept = tmp_path / "keras" / "models" / backbone.download.file_name
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch()
        assert find_backbone_weights(name) == kept
        own = weights_dir() / backbone.download.file_name
        own.parent.mkdir(exist_ok=True)
        own.touch()
        newer = own.with_name("my_" + own.name)
        newer.touch()
        os.utime(own, (1000, 1000))
        assert find_backbone_weights(name) == newer
        assert find_backbone_weights(name, str(kept)) == kept
    with pytest.raises(WeightsError, match=r"none\.pth does not exist"):
        find_backbone_weights(LITE0, str(tmp_path / "none.pth"))
    with pytest.raises(WeightsError, match="no backbone “alexnet”"):
        find_backbone_weights("alexnet")


def test_a_download_is_checked_and_its_absence_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    served = tmp_path / "resnet50_notop.h5"
    served.write_bytes(b"numbers")

    def offer(url: str, digest: str) -> None:
        changed = replace(BACKBONES["resnet50"], download=Download(url, digest))
        monkeypatch.setitem(BACKBONES, "resnet50", changed)

    offer("http://127.0.0.1:9/resnet50_notop.h5", "0" * 32)
    with pytest.raises(WeightsError, match=f"could not be downloaded.*choose {LITE0}"):
        fetch_backbone_weights("resnet50")
    offer(served.as_uri(), "0" * 64)
    with pytest.raises(WeightsError, match="ResNet50 weights are damaged"):
        fetch_backbone_weights("resnet50")
    assert list(weights_dir().iterdir()) == []
    offer(served.as_uri(), hashlib.md5(b"numbers").hexdigest())
    assert fetch_backbone_weights("resnet50").read_bytes() == b"numbers"


def test_without_its_package_lite0_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backbones, "LITE0_PACKAGE", "no_such_package")
    with pytest.raises(WeightsError, match="Install them with: pip"):
        fetch_backbone_weights(LITE0)


@pytest.fixture(scope="module")
def building() -> ModuleType:
    """The module that needs TensorFlow, loaded for the slow tests alone."""
    from mlcore import backbone_building
    from mlcore.quiet import import_tensorflow

    import_tensorflow()
    return backbone_building


@pytest.mark.slow
def test_folding_the_batch_normalisation_changes_nothing(building: ModuleType) -> None:
    import keras

    path = fetch_backbone_weights(LITE0)
    _, trunk = building.assemble(FeatureSpec(size_px=32))
    building.load_lite0(trunk, path)
    tensors = read_tensors(path)
    rng = np.random.default_rng(0)
    for name, convolution, norm, channels, how in (
        ("stem", "_conv_stem", "_bn0", 3, (2, 3, 1, 0)),
        ("block5_depthwise", "_blocks.5._depthwise_conv", "_blocks.5._bn1", 240, None),
        (
            "block7_project",
            "_blocks.7._project_conv",
            "_blocks.7._bn2",
            480,
            (2, 3, 1, 0),
        ),
    ):
        x = rng.normal(size=(2, 9, 9, channels)).astype("f")
        layer = trunk.get_layer(name)
        plain = type(layer).from_config(layer.get_config() | {"use_bias": False})
        plain.build(x.shape)
        plain.set_weights(
            [tensors[f"{convolution}.weight"].transpose(how or (2, 3, 0, 1))]
        )
        parts = ("weight", "bias", "running_mean", "running_var")
        batchnorm = keras.layers.BatchNormalization(epsilon=1e-3)
        batchnorm.build(plain(x).shape)
        batchnorm.set_weights([tensors[f"{norm}.{part}"] for part in parts])
        np.testing.assert_allclose(layer(x), batchnorm(plain(x)), rtol=1e-3, atol=1e-3)


@pytest.mark.slow
def test_a_file_of_another_network_is_refused_by_name(
    building: ModuleType, tmp_path: Path
) -> None:
    path = tmp_path / "narrow.pth"
    tensors = {"_conv_stem.weight": np.zeros((16, 3, 3, 3), "<f4")}
    tensors |= {
        f"_bn0.{part}": np.ones(16, "<f4")
        for part in ("weight", "bias", "running_mean", "running_var")
    }
    path.write_bytes(as_zip({name: whole(array) for name, array in tensors.items()}))
    with pytest.raises(WeightsError, match=r"stem has the shapes \(3, 3, 3, 16\)"):
        building.build_backbone(FeatureSpec(size_px=32), str(path))
    path.write_bytes(as_zip({"fc": whole(tensors["_bn0.bias"])}))
    with pytest.raises(WeightsError, match="does not hold EfficientNet-Lite0: _conv_s"):
        building.build_backbone(FeatureSpec(size_px=32), str(path))


@pytest.mark.slow
@pytest.mark.skipif(not PHOTOS.exists(), reason="no photos beside the repository")
def test_the_weights_landed_cats_are_told_from_dogs(building: ModuleType) -> None:
    """A ridge probe: 200 pictures teach, 200 others test; by chance .5."""
    files = [
        path
        for kind in ("cat", "dog")
        for path in sorted((PHOTOS / "train" / kind).iterdir())[:200]
    ]
    pictures = np.stack([fit_image(open_rgb(path), 128) for path in files])
    run = building.compile_backbone(FeatureSpec())
    x = np.concatenate([run(pictures[at : at + 32]) for at in range(0, 400, 32)])
    right = np.repeat([1.0, -1.0], 200)
    teach = np.arange(400) % 2 == 0
    x = (x - x[teach].mean(0)) / (x[teach].std(0) + 1e-3)
    kernel = x[teach] @ x[teach].T + 1000 * np.eye(200)
    guess = x[~teach] @ x[teach].T @ np.linalg.solve(kernel, right[teach])
    assert np.mean(guess * right[~teach] > 0) >= 0.91


@keras_writes
@pytest.mark.slow
@pytest.mark.parametrize("name", ["mobilenet-v3", "convnext-tiny"])
def test_an_official_file_is_read_back_equal(
    building: ModuleType, name: str, tmp_path: Path
) -> None:
    # The first has squeeze-and-excite, the second layers in layers and its own kind.
    _, trunk = building.assemble(FeatureSpec(name, 32))
    path = tmp_path / "net_notop.h5"
    expected = [np.array(weight) + 0.5 for weight in trunk.weights]
    trunk.set_weights(expected)
    _save_official(trunk, path)
    trunk.set_weights([np.zeros_like(array) for array in expected])
    building.load_official(trunk, path, name)
    for weight, array in zip(trunk.weights, expected, strict=True):
        np.testing.assert_array_equal(weight, array)


@keras_writes
@pytest.mark.slow
def test_a_hostile_or_foreign_h5_file_is_refused(
    building: ModuleType, tmp_path: Path
) -> None:
    import keras

    dense = keras.layers.Dense
    model = keras.Sequential(
        [keras.Input((2,)), dense(3, name="a"), dense(1, name="b")]
    )
    path = tmp_path / "net.h5"

    def refused(reason: str) -> None:
        with pytest.raises(WeightsError, match=f"hold the weights of Net.*{reason}"):
            building.load_official(model, path, "Net")

    path.write_bytes(b"no hdf5")
    refused("Use the official file")
    _save_official(keras.Sequential([keras.Input((2,)), dense(3)]), path)
    refused("1 layers with weights, expected 2")
    _save_official(keras.Sequential([keras.Input((2,)), dense(3), dense(2)]), path)
    refused(r"b has the shapes \[\(3, 2\), \(2,\)\], expected \[\(3, 1\)")
    for item, reason in (
        (h5py.SoftLink("/a"), "kernel is a link"),
        (h5py.ExternalLink("other.h5", "/x"), "kernel is a link"),
        (np.zeros((2, 3), "i4"), "not made of numbers"),
    ):
        _save_official(model, path)
        with h5py.File(path, "r+") as file:
            [at] = [
                n for n in file["a"].attrs["weight_names"] if b"kernel" in _bytes(n)
            ]
            place = f"a/{_bytes(at).decode()}"
            del file[place]
            file[place] = item
        refused(reason)
    before = [np.array(weight) for weight in model.weights]
    _save_official(model, path)
    _cut_names(path)
    building.load_official(model, path, "Net")
    for weight, array in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight, array)


def _save_official(model: Any, path: Path) -> None:
    """Keras 2's layout, which all official files have."""
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, model)


def _cut_names(path: Path) -> None:
    """Long networks have the list of their layers in numbered pieces."""
    with h5py.File(path, "r+") as file:
        names = file.attrs["layer_names"]
        del file.attrs["layer_names"]
        for at in range(len(names)):
            file.attrs[f"layer_names{at}"] = names[at : at + 1]


def _bytes(name: Any) -> bytes:
    return name if isinstance(name, bytes) else str(name).encode()
