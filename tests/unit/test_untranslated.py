"""No word for readers stands in a template or in code outside of the catalogues."""

from pathlib import Path

import pytest

from tests.support.untranslated import in_code, in_template

APP = Path(__file__).parents[2] / "app"
PAGES = APP / "web" / "templates"
LETTERS = APP / "outbox" / "letters"
TEMPLATES = sorted(
    [PAGES / "base.html", *PAGES.glob("errors/*.html"), *PAGES.glob("reader/**/*.html"), *LETTERS.glob("*.*")]
)
"""The desk speaks English only."""
FOR_STAFF = ("flows/reconcile", "web/health.py", "web/metrics.py")
CODE = [
    path
    for room in ("web/*.py", "web/reader/**/*.py", "flows/**/*.py")
    for path in sorted(APP.glob(room))
    if not path.relative_to(APP).as_posix().startswith(FOR_STAFF)
]
NO_WORDS = ("Accept-Language, Accept-Encoding, Cookie",)
"""Names of headers."""


def by_name(path: Path) -> str:
    return path.relative_to(APP).as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=by_name)
def test_a_template_says_nothing_that_is_not_in_the_catalogues(path: Path) -> None:
    assert in_template(path.read_text(encoding="utf-8"), is_html=path.suffix == ".html") == []


@pytest.mark.parametrize("path", CODE, ids=by_name)
def test_code_for_readers_says_nothing_that_is_not_in_the_catalogues(path: Path) -> None:
    assert [found for found in in_code(path) if not found.endswith(NO_WORDS)] == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("<p>Give now</p>", "Give now"),
        ("<p>{{ amount|money }} a month</p>", "\ufffc a month"),
        ('<a href="/x" title="Your receipts">{{ _("x") }}</a>', "Your receipts"),
        ('<nav aria-label="Language"></nav>', "Language"),
        ('<input placeholder="name@example.org">', "name@example.org"),
        ('<input type="submit" value="Send">', "Send"),
        ('{% if late %}<p class="lead">Too late</p>{% endif %}', "Too late"),
        ('<p>{{ "You are signed in." if member else _("No") }}</p>', "You are signed in."),
        ("{% set words = 'Try it again' %}{{ words }}", "Try it again"),
        ("{% block title %}Receipts{% endblock %}", "Receipts"),
    ],
)
def test_words_planted_in_a_template_are_found(planted: str, found: str) -> None:
    assert in_template(f"<main>{planted}</main>") == [found]


def test_what_is_translated_or_not_said_is_left_alone() -> None:
    fine = """
        <p class="lead wide" id="more-words">{{ _("Give now") }} · {{ amount|money }} &amp; 12</p>
        <p>{% trans %}Thank you, {{ name }}.{% endtrans %}</p>
        <script>const words = "not said";</script><input type="hidden" name="where" value="everywhere">
    """

    assert in_template(fine) == []


def test_words_planted_in_code_are_found(tmp_path: Path) -> None:
    planted = tmp_path / "form.py"
    planted.write_text(
        '"""Forms are read here."""\n'
        'def check(form):\n    """Say what is wrong."""\n'
        '    log.info("This is logged.")\n'
        '    if form: raise ValueError("This is raised.")\n'
        '    return _("This is translated."), "Please type your name", f"Nothing is due {form}."\n'
    )

    assert in_code(planted) == ["form.py:6 Please type your name", "form.py:6 Nothing is due "]
