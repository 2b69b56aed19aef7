import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.report import figures as draw
from sweeper.report.documents.html import to_html
from sweeper.report.documents.markdown import markdown_text, to_markdown
from sweeper.report.documents.model import (
    Callout,
    Code,
    Document,
    Facts,
    Figure,
    Items,
    Link,
    Paragraph,
    Section,
    Table,
    TableColumn,
    anchors,
    figures,
    slug,
    walk,
)
from sweeper.report.facts import Estimate

HOSTILE = '<script>alert("x")</script> & </table> | `code` *stars* [link](http://example.org) \x00 $x_{1}$'
VOID = {"meta", "img", "link", "br", "hr", "input", "source", "base"}


class Page(HTMLParser):
    """What a browser would find: elements with their attributes and text, and whether every one is closed."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.text = [], [], {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        for tag in self.open:
            self.text[tag] = self.text.get(tag, "") + data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def png():
    return draw.png(draw.importance([Estimate("a", 0.5)], evaluator="x"))


def _document(png, text="plain"):
    table = Table(
        f"{text} caption",
        (TableColumn(text), TableColumn("share", ".1%", "right"), TableColumn("is", verdicts=True)),
        (("a", 0.125, "better"), (text, None, "tie"), (Link(text, "Second"), float("nan"), text)),
    )
    blocks = (
        Paragraph(text, leading=True),
        Items((text, "b")),
        Callout("warning", text),
        Code(text),
        Facts({text: text, "n": 3}),
        table,
        Figure("picture", png, text, text),
    )
    return Document(
        text, blocks, (Section("First", (Paragraph(text),), (Section("Inner"),)), Section("Second"), Section("Third"))
    )


@pytest.fixture(params=["plain", HOSTILE])
def document(request, png):
    return _document(png, request.param)


def test_html_is_whole_and_needs_nothing_from_outside(document):
    page = Page(to_html(document))
    assert page.open == []
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("iframe")
    addresses = [attrs[key] for _, attrs in page.elements for key in ("src", "href", "action", "data") if key in attrs]
    assert all(address.startswith(("data:image/png;base64,", "#")) for address in addresses)
    style = page.text["style"]
    assert "url(" not in style
    assert "@import" not in style
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert "default-src 'none'" in policy


def test_html_has_language_title_alternatives_captions_and_one_main_heading(document):
    page = Page(to_html(document))
    assert page.all("html") == [{"lang": "en"}]
    assert page.text["title"]
    assert len(page.all("h1")) == 1
    assert all(image["alt"] for image in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table")) == 1
    assert {attrs["scope"] for attrs in page.all("th")} == {"col", "row"}
    assert page.all("nav") == [{"aria-label": "Contents"}]


def test_html_shows_text_as_it_stands(png):
    page = Page(to_html(_document(png, HOSTILE)))
    shown = HOSTILE.replace("\x00", "�")
    assert page.text["h1"] == shown
    assert page.text["pre"] == shown
    assert shown in page.text["td"]
    assert [image["alt"] for image in page.all("img")] == [shown]


def test_html_pictures_have_half_their_pixels_as_size(document):
    (image,) = Page(to_html(document)).all("img")
    assert (image["width"], image["height"]) == ("760", "133")


def test_html_links_lead_to_sections(document):
    page = Page(to_html(document))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = [attrs["href"] for attrs in page.all("a")]
    assert set(targets) <= {f"#{name}" for name in ids}
    assert targets.count("#second") == 2


def test_html_of_few_sections_has_no_contents():
    assert not Page(to_html(Document("t", (), (Section("a"), Section("b"))))).all("nav")


def test_html_follows_the_reader_in_the_dark_and_on_paper(document):
    html = to_html(document)
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
    assert 'name="viewport"' in html


@given(st.text())
def test_any_text_is_shown_in_html_and_ends_no_element(text):
    page = Page(to_html(Document(text, (Paragraph(text), Code(text)), (Section(text),))))
    assert page.open == []
    expected = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]", "�", text)
    assert page.text.get("pre", "") == expected
    to_html(Document(text)).encode()


@pytest.mark.parametrize(
    ("column", "cell", "text"),
    [
        (TableColumn("c", ".2%"), 0.97214, "97.21%"),
        (TableColumn("c", ",d"), 55000, "55,000"),
        (TableColumn("c", "+.2f"), -0.5, "−0.50"),
        (TableColumn("c", ".2%"), None, "–"),
        (TableColumn("c", ".2%"), float("nan"), "–"),
        (TableColumn("c", ".2%"), "as is", "as is"),
        (TableColumn("c", ",d"), True, "True"),
        (TableColumn("c"), Link("text", "Section"), "text"),
    ],
)
def test_cells_are_read_as_their_column_says(column, cell, text):
    assert column.text(cell) == text


def test_verdicts_are_marked_and_nothing_else_is(png):
    page = Page(to_html(_document(png, HOSTILE)))
    assert [span["class"] for span in page.all("span") if span] == ["verdict better", "verdict tie"]


@pytest.mark.parametrize("width", [1100, 1600])
def test_the_verdict_of_a_wide_table_is_on_the_page(width, browser, tmp_path):
    names = ("Validation accuracy", "95% interval", "Over these examples alone", "Seeds", "Training", "Gap")
    columns = [TableColumn("Condition"), *(TableColumn(name, align="right") for name in names)]
    row = ("sigmoid", "93.31%", "91.75% to 94.60%", "93.04% to 93.58%", "10", "99.71%", "6.40 pp", "undecided")
    page = tmp_path / "page.html"
    shown = Table("A caption.", [*columns, TableColumn("Verdict", verdicts=True)], [row])
    page.write_text(to_html(Document("A title", [shown])), encoding="utf-8")
    opened = browser.new_page(viewport={"width": width, "height": 900})
    opened.goto(page.as_uri())
    cut = opened.evaluate("[...document.querySelectorAll('.table')].some(e => e.scrollWidth > e.clientWidth)")
    moved = opened.evaluate(f"document.documentElement.scrollWidth > {width}")
    opened.close()
    assert (cut, moved) == (False, False)


def test_a_row_of_the_wrong_length_is_refused():
    table = Table("t", (TableColumn("a"), TableColumn("b")), (("only one",),))
    for write in (to_html, markdown_text):
        with pytest.raises(ValueError, match="zip"):
            write(Document("t", (table,)))


def test_markdown_writes_its_pictures_beside(document, png, tmp_path):
    text = to_markdown(document, tmp_path)
    assert (tmp_path / "figures" / "picture.png").read_bytes() == png
    assert "](figures/picture.png)" in text
    assert [path.name for path in tmp_path.iterdir()] == ["figures"]


def test_markdown_of_plain_text_reads_as_it_is(png):
    text = markdown_text(_document(png))
    assert text.startswith("# plain\n\nplain\n\n- plain\n- b\n\n> **Warning.** plain\n\n```text\nplain\n```\n\n")
    assert "| plain | share | is |\n| --- | ---: | --- |\n| a | 12.5% | better |\n| plain | – | tie |" in text
    assert "[plain](#second)" in text
    assert "\n## First\n" in text
    assert "\n### Inner\n" in text


def test_markdown_escapes_what_would_be_markup(png):
    text = markdown_text(_document(png, HOSTILE))
    assert "\\<script\\>" in text
    outside_code = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)<script", outside_code)
    assert "link\\](http://example.org)" in outside_code
    bars = [len(re.findall(r"(?<!\\)\|", line)) for line in outside_code.splitlines() if line.startswith("| ")]
    assert bars == [3] * 4 + [4] * 5


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("learning_rate=0.1 hidden=[100,30]", "learning_rate=0.1 hidden=[100,30]"),
        ("_private and a_b_", "\\_private and a_b\\_"),
        ("# no heading", "\\# no heading"),
        ("- no list", "\\- no list"),
        ("1. no list", "1\\. no list"),
        ("3 items", "3 items"),
        ("-5.6 points", "-5.6 points"),
        ("a\nb", "a b"),
    ],
)
def test_markdown_escapes_no_more_than_it_must(given, written):
    assert markdown_text(Document("t", (Paragraph(given),))) == f"# t\n\n{written}\n"


def test_markdown_code_that_holds_a_fence_gets_a_longer_one():
    assert "````text\na\n```\nb\n````" in markdown_text(Document("t", (Code("a\n```\nb"),)))


def test_anchors_are_unique_in_reading_order():
    document = Document("t", (), (Section("Same", (), (Section("Same"),)), Section("Same"), Section("§")))
    assert anchors(document) == {0: "same", 1: "same-2", 2: "same-3", 3: "section"}
    assert [level for level, _ in walk(document)] == [1, 2, 1, 1]


def test_two_figures_of_one_name_are_refused(png):
    twice = Document("t", (Figure("a", png, "", "x"),), (Section("s", (Figure("a", png, "", "y"),)),))
    with pytest.raises(ValueError, match="'a'"):
        figures(twice)


def test_slug():
    assert slug("How the score depends on l2_rate?") == "how-the-score-depends-on-l2-rate"


def test_what_is_typed_is_code_and_names_from_right_to_left_stand_apart() -> None:
    """In the text, and never inside an attribute."""
    rows = Facts({"Largest class": "تفاحة حمراء: 22.13% of the examples"})
    table = Table("Of `--all` and `all`", (TableColumn("A"),), [["x"]])
    page = to_html(Document("T", [Paragraph("`--confirm 3 --repeats 12` would tell."), rows, table]))
    assert "<p><code>--confirm 3 --repeats 12</code> would tell.</p>" in page
    assert "<dd><bdi>تفاحة حمراء</bdi>: 22.13% of the examples</dd>" in page
    assert 'aria-label="Of `--all` and `all`"' in page
    assert "<caption><span>Of <code>--all</code> and `all`</span></caption>" in page
