"""Labels drawn on pictures stay legible and never break on a name."""

import io

import pytest
from PIL import Image

from mlcore.drawing import draw_labels
from mlcore.errors import BadImage
from mlcore.predictions import Prediction


def predict(*labels, seen=True):
    return Prediction(
        path="a.png",
        name="a.png",
        labels=list(labels),
        probabilities=dict.fromkeys(labels, 0.9),
        combination_seen=seen,
        doubts=() if seen else ("unseen",),
    )


def drawn(data, prediction, saved=None):
    found = draw_labels(data, prediction, saved)
    return Image.open(io.BytesIO(found)).convert("RGB")


def test_a_small_picture_is_enlarged_so_that_text_can_be_read(make_image):
    width, height = drawn(make_image("red", 96), predict("red")).size
    assert width == 320 and 340 < height < 400


def test_a_large_picture_is_bounded(make_image):
    width, height = drawn(make_image("red", (4000, 1000)), predict("red")).size
    assert width == 1600 and 400 < height < 480


def test_the_strip_lies_below_and_leaves_the_picture_alone(make_image):
    picture = drawn(make_image((250, 250, 250), 320), predict("black", "dress"))
    top = picture.crop((0, 0, 320, 312))
    bottom = picture.crop((0, 320, *picture.size))
    assert min(low for low, _ in top.getextrema()) > 240
    assert min(low for low, _ in bottom.getextrema()) < 60


def test_a_doubtful_reading_is_marked_until_a_person_has_saved_it(make_image):
    def warm_pixels(seen, saved=None):
        read = predict("black", "dress", seen=seen)
        picture = drawn(make_image("white", 320), read, saved)
        pixels = picture.get_flattened_data()
        return sum(r > 140 and g < 120 and b < 60 for r, g, b in pixels)

    assert warm_pixels(seen=False) > 500 > warm_pixels(seen=True)
    assert warm_pixels(seen=False, saved=["black", "jeans"]) < 500


@pytest.mark.parametrize(
    "name",
    ["платье", "黒いドレス", "robe d'été", "👗", "x" * 100, "<img src=x>", "\u202eabc"],
)
def test_any_label_name_can_be_drawn(make_image, name):
    assert drawn(make_image("white", (200, 900)), predict(name, name + "2")).size


def test_no_label_is_said(make_image):
    assert drawn(make_image("white", 100), predict()).width == 320


def test_many_labels_wrap_into_rows(make_image):
    many = predict(*(f"label number {n}" for n in range(12)))
    picture = drawn(make_image("white", 400), many)
    assert picture.height > 400 + 4 * 40
    assert min(low for low, _ in picture.crop((0, 500, 400, 540)).getextrema()) < 80


def test_an_unreadable_picture_is_refused():
    with pytest.raises(BadImage):
        draw_labels(b"no picture", predict("red"))
