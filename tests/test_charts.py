from __future__ import annotations

import json

from training.charts import MIME, bundle, draw_offline


def test_charts_are_drawn_by_the_notebook_and_ask_nobody() -> None:
    import altair as alt

    before = alt.renderers.active
    try:
        draw_offline()
        chart = alt.Chart({"values": [{"业务线": "息费争议", "行数": 3}]})
        held, drawn = chart.mark_bar().encode(x="行数:Q", y="业务线:N")._repr_mimebundle_()
    finally:
        alt.renderers.enable(before)
    assert "息费争议" in json.dumps(held[MIME], ensure_ascii=False)
    assert "text/html" not in held
    assert drawn[MIME]["embed_options"] == {"renderer": "svg"}


def test_the_schema_is_the_one_that_jupyterlab_draws() -> None:
    held, _ = bundle({"$schema": "v6", "mark": "bar"})
    assert held[MIME] == {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "mark": "bar",
    }
