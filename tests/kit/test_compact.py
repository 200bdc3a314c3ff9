"""Templates are compiled without their lines and indentation."""

from __future__ import annotations

from django.template.loader import get_template

from trackline.kit.compact import compact


def test_lines_and_indentation_become_one_space() -> None:
    written = '<p\n  class="a"\n>\n  One {% if x %}\n    two\n\n  {% endif %}\n</p>\n'
    assert compact(written) == '<p class="a" > One {% if x %} two {% endif %} </p> '


def test_what_keeps_its_lines_is_left_alone() -> None:
    written = "<div>\n<pre>a\n  b</pre>\n<textarea>\n c\n</textarea>\n</div>"
    assert compact(written) == "<div> <pre>a\n  b</pre> <textarea>\n c\n</textarea> </div>"


def test_pages_are_read_so_and_letters_are_not() -> None:
    page = get_template("workspace/today.html").template.source  # type: ignore[attr-defined]
    assert "\n" not in page
    letter = get_template("workspace/digest/letter.txt").template.source  # type: ignore[attr-defined]
    assert "\n" in letter
