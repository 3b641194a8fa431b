"""Numbers of things in words."""


def number(count: int) -> str:
    """Return 2160 as "2,160"."""
    return f"{count:,}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return "1 picture", "2,160 pictures"."""
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"
