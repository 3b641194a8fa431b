"""Which features of a picture: a frozen choice and the name it has on disk."""

from dataclasses import dataclass

from mlcore.backbones import DEFAULT, find_backbone
from mlcore.errors import ConfigError

# To be raised when the same spec gives other numbers: old files are then unused.
VERSION = 3
SMALLEST_PX, LARGEST_PX = 32, 512
DEPTHS = ("all", "last")
VIEWS = ("rgb", "gray", "both")


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """Which features; ConfigError or WeightsError when a choice does not exist."""

    backbone: str = DEFAULT
    size_px: int = 128
    depths: str = "all"
    view: str = "rgb"

    def __post_init__(self) -> None:
        find_backbone(self.backbone)
        if not SMALLEST_PX <= self.size_px <= LARGEST_PX:
            raise ConfigError(
                f"Pictures for features have {SMALLEST_PX} to {LARGEST_PX} px a side, "
                f"not {self.size_px}."
            )
        for value, known in ((self.depths, DEPTHS), (self.view, VIEWS)):
            if value not in known:
                raise ConfigError(f"Expected {' or '.join(known)}, got “{value}”.")

    @property
    def key(self) -> str:
        """A name for files; another choice or version of the code has another."""
        choices = f"{self.size_px}px-{self.depths}-{self.view}"
        return f"{self.backbone}-{choices}-v{VERSION}"

    @property
    def has_colours(self) -> bool:
        """Whether the spread of colours stands beside what the network makes of it."""
        return self.view == "both" or (self.depths == "all" and self.view == "rgb")
