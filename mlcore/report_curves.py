"""A report's curves: thresholds of the weakest labels, and how sure a run may be."""

from mlcore.calibration import ask_temperatures
from mlcore.calibration_figures import calibration_error, judge_answers, put_into_bins
from mlcore.ranking_curves import Curve, Ranking
from mlcore.report_charts import Line, LineChart
from mlcore.report_figures import Measured
from mlcore.report_parts import Figure, Section
from mlcore.review_sentences import share_words

CURVES_DRAWN = 6


def curves_section(measured: Measured) -> Section | None:
    """Precision over recall and the ROC curve of the weakest labels."""
    known = [r for r in measured.rankings if r.average_precision is not None]
    weakest = sorted(known, key=lambda r: r.average_precision or 0.0)[:CURVES_DRAWN]
    if not weakest:
        return None
    precision = [
        _line(measured, r, r.average_precision, r.precision_recall) for r in weakest
    ]
    alarms = [_line(measured, r, r.roc_auc, r.roc) for r in weakest]
    left = len(known) - len(weakest)
    which = f" The weakest {len(weakest)} of {len(known):,} labels." if left else ""
    return Section(
        "Curves",
        (
            Figure(
                "Precision and recall",
                LineChart("recall", "precision", tuple(filter(None, precision))),
                "Every threshold gives a point. Beside each name: average precision."
                f"{which}",
            ),
            Figure(
                "ROC",
                LineChart(
                    "false alarms",
                    "found",
                    tuple(filter(None, alarms)),
                    has_diagonal=True,
                ),
                "The dashed line is a guess. Beside each name: area under the curve."
                f"{which}",
            ),
        ),
    )


def _line(
    measured: Measured, ranking: Ranking, area: float | None, curve: Curve | None
) -> Line | None:
    if curve is None:
        return None
    colour, dash = measured.styles[ranking.name]
    return Line(
        f"{ranking.name} {share_words(area)}",
        tuple(curve.x.tolist()),
        tuple(curve.y.tolist()),
        colour=colour,
        dash=dash,
    )


def calibration_section(measured: Measured) -> Section | None:
    """Whether the run is right as often as it says."""
    held_out = measured.held_out
    asked = ask_temperatures(held_out.labels, held_out.groups, held_out.output)
    judged = [judge_answers(one, held_out.y, held_out.probabilities) for one in asked]
    together = judged[0]
    for one in judged[1:]:
        together += one
    bins = put_into_bins(together)
    error = calibration_error(bins)
    if error is None:
        return None
    most = max(one.answers for one in bins)
    line = Line(
        "right",
        tuple(one.sure for one in bins),
        tuple(one.right for one in bins),
        sizes=tuple((one.answers / most) ** 0.5 for one in bins),
    )
    answers = sum(one.answers for one in bins)
    caption = (
        f"{answers:,} answers by how sure they were; on the dashed line they would be "
        "right as often as it says; small dots are few answers. Off by "
        f"{error * 100:.1f} points on average."
    )
    chart = LineChart("how sure it was", "part right", (line,), has_diagonal=True)
    return Section("How sure it may be", (Figure("Said and true", chart, caption),))
