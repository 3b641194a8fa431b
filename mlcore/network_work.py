"""How much a network of a config computes for one picture, for guesses of time."""

from mlcore.config import TrainConfig

KERNEL = 9  # 3 × 3


def convnet_work(config: TrainConfig) -> float:
    """Multiply-adds of one picture through a convnet, its answers left out."""
    side, depth = config.image_size_px, 1 if config.colour == "gray" else 3
    border = 2 if config.padding == "valid" else 0
    work = 0.0
    for number, filters in enumerate(config.block_filters()):
        for width in filters:
            side = max(1, side - border)
            work += side**2 * KERNEL * depth * width
            depth = width
        side = max(1, side // (2 if number else config.first_pool_px))
    seen = side**2 * depth if config.pooling == "flatten" else depth
    work += seen * config.head_units
    # The branch for shape is as large as the network beside it; that for colour tiny.
    return 2 * work if config.has_branches else work
