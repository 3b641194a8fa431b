"""A report's charts as SVG inside an HTML page, which sets their colours."""

import html
from collections.abc import Sequence

from mlcore.report_charts import Chart
from mlcore.report_strokes import DASHES, WIDTH, draw_chart


def shield(words: str) -> str:
    """Return text safe inside HTML: escaped, without characters XML does not know."""
    return html.escape("".join(c for c in words if c.isprintable()))


def chart_svg(chart: Chart, title: str) -> str:
    """Return a chart as an SVG element that a screen reader calls `title`."""
    canvas = _SvgCanvas()
    draw_chart(chart, canvas)
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {chart.height:.0f}" role="img" '
        f'aria-label="{shield(title)}">' + "".join(canvas.parts) + "</svg>"
    )


def _fill(role: str) -> str:
    """A role by its class, for the page to colour; a label's own colour as it is."""
    return f'fill="{role}"' if role.startswith("#") else f'class="{role}"'


class _SvgCanvas:
    def __init__(self) -> None:
        self.parts: list[str] = []

    def box(self, place: tuple[float, float, float, float], role: str) -> None:
        x, y, width, height = place
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
            f'height="{height:.1f}" rx="2" {_fill(role)}/>'
        )

    def shade(self, place: tuple[float, float, float, float], strength: float) -> None:
        x, y, width, height = place
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'rx="2" class="cell" fill-opacity="{0.7 * strength:.2f}"/>'
        )

    def line(
        self, points: Sequence[tuple[float, float]], role: str, dash: str = "solid"
    ) -> None:
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        is_own = role.startswith("#")
        look = f'class="line" stroke="{role}"' if is_own else f'class="line {role}"'
        if DASHES[dash]:
            look += f' stroke-dasharray="{" ".join(map(str, DASHES[dash]))}"'
        self.parts.append(f'<polyline points="{drawn}" {look}/>')

    def dot(self, x: float, y: float, radius: float, role: str) -> None:
        place = f'cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"'
        self.parts.append(f"<circle {place} {_fill(role)}/>")

    def text(
        self, x: float, y: float, words: str, role: str = "ink", anchor: str = "start"
    ) -> None:
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
            f'class="{role}">{shield(words)}</text>'
        )

    def turned(self, x: float, y: float, words: str) -> None:
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="ink" '
            f'transform="rotate(-40 {x:.1f} {y:.1f})">{shield(words)}</text>'
        )
