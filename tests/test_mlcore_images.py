"""Pictures: what is accepted, how its pixels look, and what is refused in words."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from mlcore.errors import BadImage
from mlcore.image_facts import measure_images
from mlcore.images import (
    cached_thumbnail,
    keep_thumbnail,
    open_rgb,
    read_image,
    render_jpeg,
    thumbnail,
    verify_image,
)
from storage.errors import ProjectError
from storage.images import add_images, get_image
from storage.projects import Project, delete_project, thumbs_dir
from storage.records import Image as StoredImage
from storage.records import NewImage

LIMITS = {"max_bytes": 25 * 2**20, "max_pixels": 64_000_000}
RED, WHITE = (255, 0, 0), (255, 255, 255)


def encode(image: Image.Image, format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def noise(size: tuple[int, int] = (48, 32)) -> Image.Image:
    values = np.random.default_rng(7).integers(0, 255, (*size[::-1], 3), dtype="u1")
    return Image.fromarray(values)


def pixel(data: bytes, at: tuple[int, int] = (0, 0)) -> object:
    return open_rgb(data).getpixel(at)


ACCEPTED = [
    ("JPEG", "jpg", {}),
    ("JPEG", "jpg", {"progressive": True}),
    ("PNG", "png", {}),
    ("WEBP", "webp", {"lossless": True}),
    ("BMP", "bmp", {}),
    ("GIF", "gif", {}),
    ("TIFF", "tif", {"compression": "tiff_lzw"}),
]


@pytest.mark.parametrize(("format", "ending", "options"), ACCEPTED)
def test_six_formats_are_accepted_by_content(
    format: str, ending: str, options: dict[str, object]
) -> None:
    verified = verify_image(encode(noise(), format, **options), **LIMITS)
    assert (verified.ext, verified.width_px, verified.height_px) == (ending, 48, 32)


@pytest.mark.parametrize(("format", "ending", "options"), ACCEPTED)
def test_a_picture_cut_anywhere_before_its_last_bytes_is_refused(
    format: str, ending: str, options: dict[str, object]
) -> None:
    data = encode(noise(), format, **options)
    # The last checksum of PNG and the end mark of GIF carry no pixels.
    for kept in range(0, len(data) - 4, max(1, len(data) // 50)):
        with pytest.raises(BadImage):
            verify_image(data[:kept], **LIMITS)


def test_a_png_whose_checksum_is_wrong_is_refused() -> None:
    data = bytearray(encode(noise(), "PNG"))
    place = data.index(b"IDAT") + 4
    size = int.from_bytes(data[place - 8 : place - 4], "big")
    data[place + size] ^= 1
    with pytest.raises(BadImage, match="damaged"):
        verify_image(bytes(data), **LIMITS)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"not an image", "not a picture"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?>\n<svg/>", "SVG"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\0\0\0\x18ftypmp42", "video"),
        (b"PK\x03\x04", "zip"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
    ],
)
def test_other_content_is_refused_in_words(data: bytes, word: str) -> None:
    with pytest.raises(BadImage, match=word):
        verify_image(data, **LIMITS)


@pytest.mark.parametrize("format", ["PPM", "ICO", "TGA", "EPS", "JPEG2000", "AVIF"])
def test_formats_that_pillow_knows_but_we_do_not_are_refused(format: str) -> None:
    with pytest.raises(BadImage):
        verify_image(encode(noise(), format), **LIMITS)


def test_limits_are_checked_before_anything_is_decoded() -> None:
    data = encode(Image.new("L", (4000, 3000)), "PNG")
    with pytest.raises(BadImage, match="megapixels"):
        verify_image(data, max_bytes=10**9, max_pixels=11_999_999)
    with pytest.raises(BadImage, match="MB are accepted"):
        verify_image(data, max_bytes=len(data) - 1, max_pixels=10**9)
    assert verify_image(data, max_bytes=len(data), max_pixels=12_000_000)


def test_a_header_that_promises_a_gigapixel_is_refused_at_once() -> None:
    data = bytearray(encode(Image.new("L", (8, 8)), "BMP"))
    data[18:26] = (60_000).to_bytes(4, "little") * 2
    with pytest.raises(BadImage, match="pixels"):
        verify_image(bytes(data), **LIMITS)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_is_applied_as_pillow_itself_would(
    orientation: int, format: str
) -> None:
    picture = Image.new("RGB", (48, 32), "blue")
    picture.paste("red", (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(picture, format, exif=exif)
    oracle = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    read = read_image(data, **LIMITS)
    assert (read.width_px, read.height_px) == oracle.size
    assert read.pixels.size == oracle.size
    assert np.array_equal(np.asarray(read.pixels), np.asarray(oracle))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_picture_with_broken_exif_is_still_a_picture() -> None:
    data = encode(noise(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert verify_image(data, **LIMITS).width_px == 48


def test_sixteen_bit_gray_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65_535, 256).astype("u2").reshape(16, 16)
    for format in ("PNG", "TIFF"):
        picture = open_rgb(encode(Image.fromarray(ramp), format))
        shown = np.asarray(picture)[..., 0].astype(int)
        assert np.abs(shown - ramp / 257).max() <= 0.5


def test_float_and_32_bit_pictures_keep_their_shades() -> None:
    ramp = np.linspace(0, 1, 256, dtype="f4").reshape(16, 16)
    shown = np.asarray(open_rgb(encode(Image.fromarray(ramp), "TIFF")))[..., 0]
    assert np.abs(shown.astype(int) - ramp * 255).max() <= 1
    deep = np.linspace(-5, 1e6, 256).astype("i4").reshape(16, 16)
    shown = np.asarray(open_rgb(encode(Image.fromarray(deep), "TIFF")))[..., 0]
    assert (shown.min(), shown.max()) == (0, 255)


def test_transparent_pixels_are_shown_on_white() -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    half = Image.new("RGBA", (8, 8), (255, 0, 0, 128))
    gray = Image.new("LA", (8, 8), (0, 0))
    assert pixel(encode(clear, "PNG")) == WHITE
    assert pixel(encode(half, "PNG")) == (255, 127, 127)
    assert pixel(encode(gray, "PNG")) == WHITE
    assert pixel(encode(clear, "WEBP", lossless=True, exact=True)) == WHITE


def test_a_palette_with_a_transparent_colour_is_shown_on_white() -> None:
    picture = Image.new("P", (8, 8), 0)
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.putpixel((1, 0), 1)
    data = encode(picture, "PNG", transparency=1)
    assert (pixel(data), pixel(data, (1, 0))) == (RED, WHITE)


def test_gray_black_and_white_and_cmyk_become_rgb() -> None:
    assert pixel(encode(Image.new("L", (8, 8), 90), "PNG")) == (90, 90, 90)
    assert pixel(encode(Image.new("1", (8, 8), 1), "PNG")) == WHITE
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    assert pixel(encode(cmyk, "TIFF")) == RED
    red, green, blue = pixel(encode(cmyk, "JPEG", quality=95))
    assert red > 245 and green < 10 and blue < 10


def test_a_lab_picture_is_shown_in_its_colours() -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    painted = Image.new("RGB", (9, 9), (200, 30, 40))
    picture = ImageCms.profileToProfile(painted, srgb, lab, outputMode="LAB")
    assert picture is not None
    data = encode(picture, "TIFF")
    read = read_image(data, max_bytes=2**20, max_pixels=100)
    assert read.pixels.mode == "RGB"
    shades = zip(read.pixels.getpixel((4, 4)), (200, 30, 40), strict=True)
    assert all(abs(shown - wanted) <= 4 for shown, wanted in shades)
    assert render_jpeg(data, 9)


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.new("RGB", (8, 8), c) for c in ("red", "lime", "blue")]
    for format in ("GIF", "WEBP", "PNG", "TIFF"):
        data = encode(frames[0], format, save_all=True, append_images=frames[1:])
        red, green, blue = pixel(data)
        assert red > 245 and green < 10 and blue < 10, format


def test_a_preview_fits_is_upright_and_carries_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "SECRET"
    data = encode(
        noise((400, 200)), "JPEG", exif=exif, comment=b"SECRET", icc_profile=b"SECRET"
    )
    preview = render_jpeg(data, 100)
    assert b"SECRET" not in preview
    assert Image.open(io.BytesIO(preview)).size == (50, 100)


def test_a_noisy_preview_stays_under_a_mebibyte() -> None:
    assert len(render_jpeg(encode(noise((2000, 2000)), "PNG"), 1280, 95)) < 2**20


def test_a_small_picture_is_not_blown_up() -> None:
    preview = Image.open(io.BytesIO(render_jpeg(encode(noise(), "PNG"), 1280)))
    assert preview.size == (48, 32)


def add_red(
    project: Project, make_image: Callable[..., bytes]
) -> tuple[StoredImage, bytes]:
    """A stored picture of 400 by 300 px, and its bytes."""
    data = make_image("red", (400, 300))
    sha256 = verify_image(data, **LIMITS).sha256
    new = NewImage(sha256, "a.png", "png", 400, 300, len(data), "a.png")
    image_id = add_images(project, [(new, data)]).added[sha256]
    return get_image(project, image_id), data


def test_thumbnails_are_kept_and_made_again_when_they_are_gone(
    project: Project, make_image: Callable[..., bytes]
) -> None:
    image, _ = add_red(project, make_image)
    path = thumbnail(project, image, "thumb")
    assert path.is_relative_to(thumbs_dir(project))
    assert open_rgb(path).size == (192, 144)
    first = path.stat().st_mtime_ns
    assert thumbnail(project, image, "thumb").stat().st_mtime_ns == first
    path.unlink()
    assert thumbnail(project, image, "thumb").exists()
    assert open_rgb(thumbnail(project, image, "large")).size == (400, 300)
    assert not list(thumbs_dir(project).rglob("*.part"))


def test_a_thumbnail_drawn_too_late_does_not_bring_a_deleted_project_back(
    project: Project, make_image: Callable[..., bytes]
) -> None:
    image, data = add_red(project, make_image)
    delete_project(project.name)
    with pytest.raises(ProjectError, match="not there any more"):
        keep_thumbnail(project, image, open_rgb(data))
    assert not project.folder.exists()


def test_measuring_a_picture_draws_its_thumbnail_too(
    project: Project, make_image: Callable[..., bytes]
) -> None:
    data = make_image("red", (400, 300))
    new = NewImage("a" * 64, "a.png", "png", 400, 300, len(data), "a.png")
    image = get_image(project, add_images(project, [(new, data)]).added["a" * 64])
    assert cached_thumbnail(project, image) is None
    measure_images(project, [image.image_id])
    drawn = cached_thumbnail(project, image)
    assert drawn is not None
    assert open_rgb(drawn).size == (192, 144)
