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
    )


def drawn(data, prediction):
    return Image.open(io.BytesIO(draw_labels(data, prediction))).convert("RGB")


def test_a_small_picture_is_enlarged_so_that_text_can_be_read(make_image):
    assert drawn(make_image("red", 96), predict("red")).size == (320, 320)


def test_a_large_picture_is_bounded(make_image):
    assert drawn(make_image("red", (4000, 1000)), predict("red")).size == (1600, 400)


def test_chips_lie_along_the_bottom_and_leave_the_rest_alone(make_image):
    picture = drawn(make_image((250, 250, 250), 320), predict("black", "dress"))
    top = picture.crop((0, 0, 320, 200))
    bottom = picture.crop((0, 260, 320, 320))
    assert min(low for low, _ in top.getextrema()) > 240
    assert min(low for low, _ in bottom.getextrema()) < 60


def test_an_unseen_combination_is_amber(make_image):
    def warm_pixels(seen):
        picture = drawn(make_image("white", 320), predict("black", "dress", seen=seen))
        pixels = picture.get_flattened_data()
        return sum(r > 140 and g < 120 and b < 60 for r, g, b in pixels)

    assert warm_pixels(seen=False) > 500 > warm_pixels(seen=True)


@pytest.mark.parametrize(
    "name",
    ["платье", "黒いドレス", "robe d'été", "👗", "x" * 100, "<img src=x>", "\u202eabc"],
)
def test_any_label_name_can_be_drawn(make_image, name):
    assert drawn(make_image("white", (200, 900)), predict(name, name + "2")).size


def test_no_label_is_said(make_image):
    assert drawn(make_image("white", 100), predict()).size == (320, 320)


def test_many_labels_wrap_into_rows(make_image):
    many = predict(*(f"label number {n}" for n in range(12)))
    picture = drawn(make_image("white", 400), many)
    assert min(low for low, _ in picture.crop((0, 200, 400, 240)).getextrema()) < 80


def test_an_unreadable_picture_is_refused():
    with pytest.raises(BadImage):
        draw_labels(b"no picture", predict("red"))
