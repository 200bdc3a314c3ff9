"""Charts of a slide: native, their figures in an embedded workbook, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_LINE, MSO_THEME_COLOR
from pptx.oxml.ns import qn
from pptx.util import Pt

from .layout import Box
from .measure import axis
from .slides import Chart, Waterfall
from .theme import Ink

TYPES = {
    "line": XL_CHART_TYPE.LINE_MARKERS,
    "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "bar": XL_CHART_TYPE.BAR_CLUSTERED,
}
ACCENTS = (
    MSO_THEME_COLOR.ACCENT_1,
    MSO_THEME_COLOR.ACCENT_3,
    MSO_THEME_COLOR.ACCENT_4,
    MSO_THEME_COLOR.ACCENT_5,
    MSO_THEME_COLOR.ACCENT_2,
    MSO_THEME_COLOR.ACCENT_6,
)
LABELLED_AT_MOST = 12
"""With more points than this, labels on the points would lie on each other; the axis has the numbers."""
SCALE, BESIDE = 48.0, 0.3
"""What the scale takes of a chart's width in points, and names beside bars in parts of it."""
HELD_UP = "Held up"
"""The invisible part of a waterfall that its columns stand on."""


def draw_chart(slide: Any, box: Box, block: Chart | Waterfall, ink: Ink) -> Any:
    """Draw a chart into its box and return its shape."""
    if isinstance(block, Waterfall):
        return _waterfall(slide, box, block, ink)
    data = CategoryChartData(number_format=block.number)
    room = box.w * BESIDE if block.kind == "bar" else _beneath(box, len(block.categories))
    data.categories, size = axis(block.categories, room)
    for series in block.series:
        data.add_series(series.name, [_float(value) for value in series.values])
    shape = slide.shapes.add_chart(TYPES[block.kind], Pt(box.x), Pt(box.y), Pt(box.w), Pt(box.h), data)
    chart = shape.chart
    _quiet(chart, block.number, size, ink, legend=len(block.series) > 1)
    points = len(block.categories) * len(block.series)
    for at, (drawn, series) in enumerate(zip(chart.plots[0].series, block.series, strict=True)):
        if block.kind == "line":
            _line(drawn, ACCENTS[at % len(ACCENTS)], ink, target=series.target)
        else:
            drawn.format.fill.solid()
            drawn.format.fill.fore_color.theme_color = ACCENTS[at % len(ACCENTS)]
    if block.kind != "line":
        chart.plots[0].gap_width = 60
    if block.kind == "line" or points <= LABELLED_AT_MOST:
        for drawn, series in zip(chart.plots[0].series, block.series, strict=True):
            _label(drawn, block, series.values)
    if block.kind == "bar":
        chart.category_axis.reverse_order = True
        chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    return shape


def _waterfall(slide: Any, box: Box, block: Waterfall, ink: Ink) -> Any:
    levels = block.levels
    data = CategoryChartData(number_format=block.number)
    data.categories, size = axis([label for label, *_ in levels], _beneath(box, len(levels)))
    parts = {
        HELD_UP: [_between(low, high, drawn=False) for _, low, high, _ in levels],
        "Sum": [_between(low, high) if whole else None for _, low, high, whole in levels],
        "More": [_between(low, high) if not whole and high >= low else None for _, low, high, whole in levels],
        "Less": [_between(low, high) if not whole and high < low else None for _, low, high, whole in levels],
    }
    for name, values in parts.items():
        data.add_series(name, values)
    shape = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_STACKED, Pt(box.x), Pt(box.y), Pt(box.w), Pt(box.h), data)
    chart = shape.chart
    _quiet(chart, block.number, size, ink, legend=False)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 45, 100
    for drawn in plot.series:
        if drawn.name == HELD_UP:
            drawn.format.fill.background()
            continue
        drawn.format.fill.solid()
        if drawn.name == "Sum":
            drawn.format.fill.fore_color.theme_color = MSO_THEME_COLOR.ACCENT_1
        else:
            drawn.format.fill.fore_color.rgb = RGBColor.from_string(
                ink.bands["green" if drawn.name == "More" else "red"]
            )
        labels = drawn.data_labels
        labels.show_value = True
        labels.number_format, labels.number_format_is_linked = block.number, False
        labels.font.size = Pt(10)
        labels.font.color.theme_color = MSO_THEME_COLOR.BACKGROUND_1
    return shape


def _beneath(box: Box, names: int) -> float:
    """Return the room of each of so many names beneath a chart."""
    return (box.w - SCALE) / max(1, names) - 2


def _between(low: Decimal, high: Decimal, *, drawn: bool = True) -> float | None:
    """Return the length of a column, or of what holds it up. A column that crosses zero is drawn from zero to its end."""
    bottom, top = min(low, high), max(low, high)
    if bottom < 0 < top:
        return float(high) if drawn else 0.0
    near, far = (bottom, top) if bottom >= 0 else (top, bottom)
    return float(far - near) if drawn else float(near)


def _line(drawn: Any, colour: Any, ink: Ink, *, target: bool) -> None:
    drawn.smooth = False
    drawn.format.line.width = Pt(1.5 if target else 2.25)
    drawn.format.line.color.theme_color = ink.quiet if target else colour
    if target:
        drawn.format.line.dash_style = MSO_LINE.DASH
        drawn.marker.style = XL_MARKER_STYLE.NONE
        return
    drawn.marker.style = XL_MARKER_STYLE.CIRCLE
    drawn.marker.size = 5
    drawn.marker.format.fill.solid()
    drawn.marker.format.fill.fore_color.theme_color = colour
    drawn.marker.format.line.color.theme_color = colour


def _quiet(chart: Any, number: str, size: float, ink: Ink, *, legend: bool) -> None:
    """Only what is read: hairlines, small letters, a legend where there is something to tell apart."""
    chart.has_title = False
    chart.font.size = Pt(10)
    chart.font.color.theme_color = ink.quiet
    chart.has_legend = legend
    if legend:
        chart.legend.position = XL_LEGEND_POSITION.BOTTOM
        chart.legend.include_in_layout = False
    values = chart.value_axis
    values.has_major_gridlines = True
    values.major_gridlines.format.line.width = Pt(0.5)
    values.major_gridlines.format.line.color.theme_color = MSO_THEME_COLOR.BACKGROUND_2
    values.format.line.fill.background()
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = number, False
    categories = chart.category_axis
    categories.format.line.color.rgb = RGBColor.from_string(ink.line)
    categories.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    categories.has_major_gridlines = False
    categories.tick_labels.font.size = Pt(size)
    level = categories._element.find(f"{qn('c:txPr')}/{qn('a:bodyPr')}")
    level.set("rot", "0")
    level.set("vert", "horz")


def _label(drawn: Any, block: Chart, values: Sequence[Decimal | None]) -> None:
    """Write the values beside the columns; of a line only the newest, off the line; the axis has the others."""
    if block.kind == "line":
        known = [at for at, value in enumerate(values) if value is not None]
        if known:
            label = drawn.points[known[-1]].data_label
            label.has_text_frame = False
            falls = len(known) > 1 and values[known[-1]] < values[known[-2]]  # type: ignore[operator]  # both are known
            label.position = XL_LABEL_POSITION.BELOW if falls else XL_LABEL_POSITION.ABOVE
        return
    labels = drawn.data_labels
    labels.show_value = True
    labels.position = XL_LABEL_POSITION.OUTSIDE_END
    labels.number_format, labels.number_format_is_linked = block.number, False
    labels.font.size = Pt(10)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def figures_of(block: Chart | Waterfall) -> Sequence[tuple[str, ...]]:
    """Return the figures of a chart as words, for who cannot see it."""
    if isinstance(block, Waterfall):
        return [(label, f"{high if whole else high - low:,}") for label, low, high, whole in block.levels]
    return [
        (category, *("missing" if series.values[at] is None else f"{series.values[at]:,}" for series in block.series))
        for at, category in enumerate(block.categories)
    ]
