"""What a training setting is: its widget, limits, and when it means something."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

Value = int | float | bool | str | None
Needs = tuple[tuple[str, tuple[Value, ...]], ...]

# Networks that learn epoch by epoch; "features" fits heads on frozen features.
TRAINED = ("convnet", "vgg16")


@dataclass(frozen=True, slots=True)
class Field:
    """One setting; `minimum` and `maximum` are inclusive, `kind` names the widget.

    `kind` is 'int', 'float', 'bool', 'choice', 'text' or 'file' (a path or None).
    `needs` holds pairs of another setting and the values for which this one counts;
    where all pairs of `idle` hold, it does not.
    """

    name: str
    title: str
    help: str
    kind: str
    group: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    needs: Needs = ()
    idle: Needs = ()

    def applies_to(self, settings: Mapping[str, Any]) -> bool:
        """Whether this setting changes anything for a config with these values."""

        def hold(pairs: Needs) -> bool:
            return all(settings.get(name) in wanted for name, wanted in pairs)

        return hold(self.needs) and not (self.idle and hold(self.idle))

    def when(self, **needs: Value | tuple[Value, ...]) -> "Field":
        """This field, counting only where other settings have one of these values."""
        return replace(self, needs=(*self.needs, *_pairs(needs)))

    def unless(self, **idle: Value | tuple[Value, ...]) -> "Field":
        """This field, counting for nothing where all these settings are so."""
        return replace(self, idle=_pairs(idle))


def _pairs(settings: Mapping[str, Value | tuple[Value, ...]]) -> Needs:
    return tuple(
        (name, value if isinstance(value, tuple) else (value,))
        for name, value in settings.items()
    )


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Makes the fields of one heading."""

    title: str

    def whole(self, name: str, title: str, help: str, limits: tuple[int, int]) -> Field:
        """A whole number."""
        return Field(name, title, help, "int", self.title, *limits, 1)

    def real(
        self, name: str, title: str, help: str, limits: tuple[float, float, float]
    ) -> Field:
        """A number; `limits` are the least, the most and the step of the widget."""
        return Field(name, title, help, "float", self.title, *limits)

    def switch(self, name: str, title: str, help: str) -> Field:
        """On or off."""
        return Field(name, title, help, "bool", self.title)

    def choice(self, name: str, title: str, help: str, *choices: str) -> Field:
        """One of a few words."""
        return Field(name, title, help, "choice", self.title, choices=choices)

    def text(self, name: str, title: str, help: str) -> Field:
        """A short text."""
        return Field(name, title, help, "text", self.title)

    def file(self, name: str, title: str, help: str) -> Field:
        """The path of a file, or None."""
        return Field(name, title, help, "file", self.title)
