from __future__ import annotations

import json
import re
from base64 import b64decode
from typing import Any
from xml.etree import ElementTree

import pytest

from training.charts import MIME, PICTURE, bundle, draw_offline

SVG = "{http://www.w3.org/2000/svg}"


def words_of(picture: str) -> list[str]:
    root = ElementTree.fromstring(picture)
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def drawn_of(chart: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    import altair as alt

    before = alt.renderers.active
    try:
        draw_offline()
        held, drawn = chart._repr_mimebundle_()
    finally:
        alt.renderers.enable(before)
    return held, drawn


def chart_of(line: str) -> Any:
    import altair as alt

    chart = alt.Chart({"values": [{"业务线": line, "行数": 3}]})
    return chart.mark_bar().encode(x="行数:Q", y="业务线:N")


def test_charts_are_drawn_by_the_notebook_and_ask_nobody() -> None:
    held, drawn = drawn_of(chart_of("息费争议"))
    assert "息费争议" in json.dumps(held[MIME], ensure_ascii=False)
    assert "text/html" not in held
    assert drawn[MIME]["embed_options"] == {"renderer": "svg"}


def test_a_picture_with_its_words_stands_beside_for_what_draws_no_vega() -> None:
    held, _ = drawn_of(chart_of("债务催收"))
    assert {"债务催收", "业务线", "行数"} <= set(words_of(held[PICTURE]))
    # Nothing in it is fetched: it names no address but those of its own language.
    addresses = held[PICTURE].replace("http://www.w3.org/", "")
    assert "://" not in addresses


def test_an_address_in_a_chart_is_not_asked() -> None:
    spec = {"mark": "bar", "data": {"url": "http://127.0.0.1:9/rows.json"}}
    with pytest.raises(ValueError, match="allowed"):
        bundle(spec)


def test_an_exported_page_shows_the_picture() -> None:
    import nbformat.v4 as nb
    from nbconvert import HTMLExporter

    held, drawn = drawn_of(chart_of("账户管控"))
    output = nb.new_output("display_data", data=held, metadata=drawn)
    notebook = nb.new_notebook(cells=[nb.new_code_cell("chart", outputs=[output])])
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "&lt;chart&gt;" not in page
    (picture,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert "账户管控" in words_of(b64decode(picture).decode())


def test_the_schema_is_the_one_that_jupyterlab_draws() -> None:
    held, _ = bundle({"$schema": "v6", "mark": "bar", "data": {"values": []}})
    assert held[MIME]["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    assert held[MIME]["mark"] == "bar"
