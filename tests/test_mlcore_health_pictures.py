"""Single pictures that are odd: blank, dark, too bright, blurry, tiny, damaged."""

import numpy as np
import pytest
from drawn_photos import add_photo, darken, draw_photo
from PIL import Image, ImageFilter

from mlcore.cli_health import measure_project
from mlcore.data_health import find_all, find_one
from mlcore.image_facts import measure_picture
from storage.facts import facts_of
from storage.images import get_image, image_path
from storage.projects import Project


def found(project: Project, key: str) -> list[tuple[int, ...]]:
    return find_one(project, key).families


def add_noise(picture: Image.Image, spread: float) -> Image.Image:
    noise = np.random.default_rng(0).normal(0, spread, (*picture.size[::-1], 3))
    noisy = np.asarray(picture, np.float64) + noise
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def plain(level: int) -> Image.Image:
    return Image.new("RGB", (240, 320), (level, level, level))


def test_odd_pictures_are_told_from_ordinary_ones(project: Project) -> None:
    for seed in range(6):
        add_photo(project, draw_photo(seed), f"{seed}.png")
    photo = draw_photo(9)
    soft = Image.radial_gradient("L").convert("RGB")
    odd = {
        "blank": add_photo(project, Image.new("RGB", (120, 160), "white"), "white"),
        "blurry": add_photo(project, soft, "blurry"),
        "dark": add_photo(project, darken(photo, 0.15), "dark"),
        "tiny": add_photo(project, draw_photo(10, (20, 30)), "tiny"),
        "odd-shape": add_photo(project, draw_photo(11, (400, 100)), "wide"),
        "unreadable": add_photo(project, draw_photo(12), "damaged"),
    }
    damaged = image_path(project, get_image(project, odd["unreadable"]))
    damaged.write_bytes(b"\xff\xd8\xff and nothing else")
    measure_project(project)
    assert {key: found(project, key) for key in odd} == {
        key: [(image_id,)] for key, image_id in odd.items()
    }
    facts = facts_of(project, [odd["unreadable"]])[odd["unreadable"]]
    assert facts.problem and facts.hash == ""


def test_white_digits_on_black_are_neither_dark_nor_tiny(project: Project) -> None:
    for seed in range(3):
        digit = Image.new("RGB", (28, 28))
        digit.paste(draw_photo(seed, (6, 14)).point(lambda x: 200 + x // 5), (11, 7))
        add_photo(project, digit, f"{seed}.png")
    measure_project(project)
    assert [f.check.key for f in find_all(project) if f.families] == []


@pytest.mark.parametrize("share", [0.25, 0.1, 0.05])
def test_a_night_picture_is_dark_and_not_blank(project: Project, share: float) -> None:
    soft = draw_photo(1).filter(ImageFilter.GaussianBlur(2))
    night = add_photo(project, add_noise(darken(soft, share), 1.0), "night.png")
    measure_project(project)
    assert found(project, "blank") == []
    assert found(project, "dark") == ([(night,)] if share < 0.2 else [])


@pytest.mark.parametrize("level", [0, 20, 128, 255])
def test_nothing_but_noise_is_blank_whatever_its_light(
    project: Project, level: int
) -> None:
    ids = [
        add_photo(project, plain(level), "plain.png"),
        add_photo(project, add_noise(plain(level), 2.0), "noise.png"),
        add_photo(project, add_noise(plain(level).resize((64, 64)), 4.0), "small.png"),
    ]
    measure_project(project)
    assert sorted(found(project, "blank")) == [(i,) for i in ids]
    assert found(project, "dark") == found(project, "bright") == []


def test_an_overexposed_picture_is_too_bright_a_light_background_is_not(
    project: Project,
) -> None:
    photo = draw_photo(1, (240, 320))
    product = Image.new("RGB", (240, 320), "white")
    product.paste(photo.resize((100, 200)).point(lambda x: 190 + x // 4), (70, 60))
    cut = product.crop((0, 60, 240, 260))  # a pair of trousers from edge to edge
    burnt = photo.point(lambda x: min(255, 130 + x * 2))
    ids = {
        name: add_photo(project, picture, f"{name}.png")
        for name, picture in {
            "photo": photo,
            "product": product,
            "cut": cut,
            "burnt": burnt,
        }.items()
    }
    measure_project(project)
    assert found(project, "bright") == [(ids["burnt"],)]
    assert found(project, "blank") == []


def test_pictures_of_a_few_pixels_can_be_measured() -> None:
    for size in ((1, 1), (1, 300), (2, 2), (7, 9)):
        facts = measure_picture(1, Image.new("RGB", size, "white"))
        assert (facts.hash, facts.sharpness) == ("", 0.0)
        assert measure_picture(1, draw_photo(1, size)).problem == ""
