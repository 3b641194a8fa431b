"""Pairs of pictures that look like copies of each other.

A pair differs in at most 32 of 256 bits of the perceptual hash, and in colour no
more than another exposure explains: the hash is gray, and a shirt that a shop shows
in red and in blue has one and the same.

Comparing every pair takes 21 s for 100,000 pictures. So the 64 lowest frequencies
are cut into four bands, and only pictures equal in a band but for one bit are
compared. That misses no pair with up to 7 differing bits of those 64.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from mlcore.image_facts import CHROMA_BYTES, DESCRIPTOR_BYTES, HASH_BITS
from storage.facts import put_near_duplicates, read_descriptors, read_hashes
from storage.projects import Project

Ids = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Pairs = npt.NDArray[np.int64]

MOST_BITS_APART = 32
MOST_COLOUR_APART = 8.0
# Another exposure makes colours this much stronger or weaker.
EXPOSURES = (0.7, 1.4)
# Frames of one film resemble each other by the million: the closest are kept.
MOST_PAIRS = 500_000
CANDIDATES_AT_ONCE = 400_000
BAND_BITS = 16
NEUTRAL = 128.0

OnProgress = Callable[[int, int], None]


def search_project(project: Project, on_progress: OnProgress | None = None) -> int:
    """Find the look-alikes among all measured images and keep them; how many pairs."""
    ids, hashes, chroma = _read(project)
    pairs = find_pairs(hashes, chroma, on_progress)
    named = [(int(ids[a]), int(ids[b]), int(apart)) for a, b, apart in pairs.T]
    put_near_duplicates(project, named)
    return len(named)


def _read(project: Project) -> tuple[Ids, Bytes, Bytes]:
    """Ids, hashes and colours of the images that have a shape, in one order."""
    colours = {
        image_id: descriptor[:CHROMA_BYTES]
        for image_id, descriptor in read_descriptors(project)
        if len(descriptor) == DESCRIPTOR_BYTES
    }
    rows = [
        (image_id, text)
        for image_id, text in read_hashes(project)
        if image_id in colours and len(text) == HASH_BITS // 4
    ]
    hashes = bytes.fromhex("".join(text for _, text in rows))
    chroma = b"".join(colours[image_id] for image_id, _ in rows)
    return (
        np.array([image_id for image_id, _ in rows], np.int64),
        np.frombuffer(hashes, np.uint8).reshape(-1, HASH_BITS // 8),
        np.frombuffer(chroma, np.uint8).reshape(-1, CHROMA_BYTES),
    )


def find_pairs(
    hashes: Bytes, chroma: Bytes, on_progress: OnProgress | None = None
) -> Pairs:
    """Columns (row, later row, bits apart) of the look-alikes, the closest first.

    Memory stays bounded: of more than MOST_PAIRS the closest are returned.
    """
    words = np.ascontiguousarray(hashes).view(np.uint64)
    found = [np.empty((3, 0), np.int64)]
    allowed, waiting = MOST_BITS_APART, 0
    for left, right in _candidates(hashes, on_progress):
        found.append(_check(words, chroma, np.stack([left, right]), allowed))
        waiting += found[-1].shape[1]
        if waiting > MOST_PAIRS:
            found, waiting = [_closest(found, len(words))[:, :MOST_PAIRS]], 0
            if found[0].shape[1] == MOST_PAIRS:
                allowed = int(found[0][2, -1])
    return _closest(found, len(words))[:, :MOST_PAIRS]


def _closest(found: list[Pairs], rows: int) -> Pairs:
    """Every pair once (it may meet in several bands), the closest first."""
    pairs = np.concatenate(found, axis=1)
    _, first = np.unique(pairs[0] * rows + pairs[1], return_index=True)
    return pairs[:, first[np.argsort(pairs[2, first], kind="stable")]]


def _check(
    words: npt.NDArray[np.uint64], chroma: Bytes, pairs: Pairs, allowed: int
) -> Pairs:
    """Those of the candidate pairs that are alike, with the bits they differ in."""
    apart = np.zeros(pairs.shape[1], np.int64)
    # One word after the other: most candidates are gone after the first.
    for word in range(words.shape[1]):
        first, second = words[pairs[0], word], words[pairs[1], word]
        apart += np.bitwise_count(first ^ second)
        keep = apart <= allowed
        pairs, apart = pairs[:, keep], apart[keep]
    keep = _colour_apart(chroma[pairs[0]], chroma[pairs[1]]) <= MOST_COLOUR_APART
    return np.concatenate([pairs[:, keep], apart[None, keep]])


def _colour_apart(first: Bytes, second: Bytes) -> npt.NDArray[np.float32]:
    """The largest difference of colour in any field, whatever the exposure."""
    one = first.astype(np.float32) - np.float32(NEUTRAL)
    other = second.astype(np.float32) - np.float32(NEUTRAL)
    both = (one * other).sum(axis=1)
    own = np.maximum((other * other).sum(axis=1), 1)
    factor = (both / own).clip(*EXPOSURES)
    return np.asarray(np.abs(one - factor[:, None] * other).max(axis=1, initial=0))


def _candidates(
    hashes: Bytes, on_progress: OnProgress | None
) -> Iterator[tuple[Ids, Ids]]:
    """Pairs of rows that are equal in a band but for one bit at most."""
    # A row of 16 frequencies takes two bytes; the lower half is the first of them.
    low = np.ascontiguousarray(hashes[:, :16:2]).view(np.uint16)
    flips = [0, *(1 << bit for bit in range(BAND_BITS))]
    total = low.shape[1] * len(flips)
    for band in range(low.shape[1]):
        buckets = _Buckets(low[:, band])
        for number, flip in enumerate(flips):
            yield from buckets.pairs(flip)
            if on_progress is not None:
                on_progress(band * len(flips) + number + 1, total)


class _Buckets:
    """The rows by the value of one band, to be paired with another value's rows."""

    def __init__(self, band: npt.NDArray[np.uint16]) -> None:
        keys = band.astype(np.int64)
        self.order = np.argsort(keys, kind="stable")
        self.keys = keys[self.order]
        counts = np.bincount(keys, minlength=1 << BAND_BITS)
        self.ends = np.cumsum(counts)
        self.starts = self.ends - counts

    def pairs(self, flip: int) -> Iterator[tuple[Ids, Ids]]:
        """Each pair once whose values differ by `flip`, some at a time."""
        partner = self.keys ^ flip
        places = np.arange(len(self.keys))
        # Only later places of an equal value, only larger ones of another.
        starts = np.maximum(self.starts[partner], places + 1)
        lengths = (self.ends[partner] - starts).clip(min=0)
        ends = np.cumsum(lengths)
        begin = 0
        while begin < len(places):
            before = ends[begin - 1] if begin else 0
            stop = int(np.searchsorted(ends, before + CANDIDATES_AT_ONCE, "right"))
            stop = max(stop, begin + 1)
            part = slice(begin, stop)
            yield self._expand(places[part], starts[part], lengths[part])
            begin = stop

    def _expand(self, places: Ids, starts: Ids, lengths: Ids) -> tuple[Ids, Ids]:
        left = np.repeat(places, lengths)
        offsets = np.arange(len(left)) - np.repeat(
            np.cumsum(lengths) - lengths, lengths
        )
        one = self.order[left]
        other = self.order[np.repeat(starts, lengths) + offsets]
        return np.minimum(one, other), np.maximum(one, other)
