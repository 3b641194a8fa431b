"""Say in words what a file is when it is not a picture we accept. Pure."""

NOT_A_PICTURE = (
    "This is not a picture: JPEG, PNG, WebP, BMP, GIF and TIFF are accepted."
)
_ACCEPTED_STARTS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"BM",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",
    b"MM\x00*",
)
_KNOWN_STARTS = (
    (b"%PDF", "a PDF document; export its pages as pictures"),
    (b"8BPS", "a Photoshop file; export it as PNG or JPEG"),
    (b"%!PS", "a PostScript file; export it as PNG or JPEG"),
    (b"PK\x03\x04", "a zip or office file; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"\x00\x00\x00\x0cjP", "a JPEG 2000 picture; save it as PNG or JPEG"),
)
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis"}


def describe_other(data: bytes) -> str:
    """Return the sentence why `data`, which no decoder opened, is refused."""
    if data.startswith(_ACCEPTED_STARTS) or _is_webp(data):
        return "The picture is damaged or cut off: its beginning cannot be read."
    for start, kind in _KNOWN_STARTS:
        if data.startswith(start):
            return f"This is {kind}."
    if data[4:8] == b"ftyp":
        return _describe_boxed(data[8:12])
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head:
        return "This is an SVG drawing; export it as PNG first."
    return NOT_A_PICTURE


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _describe_boxed(brand: bytes) -> str:
    if brand in _HEIF_BRANDS:
        return "This is an HEIC picture; export it as JPEG first."
    if brand in (b"avif", b"avis"):
        return "This is an AVIF picture; save it as PNG or JPEG first."
    return "This is a video; save single frames as pictures first."
