"""Features put together from what a network makes of pictures, and their colours."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mlcore.colour_features import as_gray, describe_colours
from mlcore.feature_spec import FeatureSpec

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
# uint8 pictures (n, s, s, 3) to float32 (n, d).
Extractor = Callable[[Pixels], Floats]

BATCH = 32


def look_by_views(spec: FeatureSpec, run: Extractor) -> Extractor:
    """The features of a spec by what runs its network, `BATCH` pictures at a time.

    Of view "both" it runs twice, on a picture and on its gray self.
    """

    def look(pictures: Pixels) -> Floats:
        starts = range(0, max(len(pictures), 1), BATCH)
        return np.concatenate([run(pictures[at : at + BATCH]) for at in starts])

    def extract_batches(pictures: Pixels) -> Floats:
        is_both = spec.view == "both"
        # In one call: of a single picture, two cores then look at one each.
        seen = np.concatenate([pictures, as_gray(pictures)]) if is_both else pictures
        parts = [look(seen)]
        if spec.has_colours:
            parts.append(describe_colours(pictures))
        if is_both:
            both = parts[0]
            parts[0] = both[: len(pictures)]
            parts.append(both[len(pictures) :])
        return np.hstack(parts)

    return extract_batches
