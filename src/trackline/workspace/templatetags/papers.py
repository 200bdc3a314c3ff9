"""Blocks of written documents on a page."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

from trackline.documents.papers.blocks import Block, Table
from trackline.documents.papers.prose import to_html

register = template.Library()


@register.filter
def block_kind(block: Block) -> str:
    """Return what a block is: prose, note, pairs or table."""
    return type(block).__name__.lower()


@register.filter
def lined(table: Table) -> list[list[tuple[str, bool]]]:
    """Return each row as pairs of cell and whether it is a number, to the right."""
    rights = [column.right for column in table.columns]
    return [list(zip(row, rights, strict=True)) for row in table.rows]


@register.filter
def markdown(text: str) -> SafeString:
    """Return a text in Markdown as HTML."""
    return mark_safe(to_html(text))  # noqa: S308  (only tags of a list get through)
