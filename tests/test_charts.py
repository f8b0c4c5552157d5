from __future__ import annotations

import json

from training.charts import MIME, bundle, draw_offline


def test_charts_are_drawn_by_the_notebook_and_ask_nobody() -> None:
    import altair as alt

    before = alt.renderers.active
    try:
        draw_offline()
        chart = alt.Chart({"values": [{"业务线": "息费争议", "行数": 3}]})
        held, *_ = [chart.mark_bar().encode(x="行数:Q", y="业务线:N")._repr_mimebundle_()]
    finally:
        alt.renderers.enable(before)
    spec = (held[0] if isinstance(held, tuple) else held)[MIME]
    assert "息费争议" in json.dumps(spec, ensure_ascii=False)
    assert "text/html" not in held


def test_the_schema_is_the_one_that_jupyterlab_draws() -> None:
    assert bundle({"$schema": "v6", "mark": "bar"})[MIME] == {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "mark": "bar",
    }
