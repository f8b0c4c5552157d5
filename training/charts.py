"""Charts of the notebooks, drawn by JupyterLab itself, so that they need no network."""

from __future__ import annotations

from typing import Any

# What JupyterLab carries a renderer for; Altair's own default asks a server on the internet.
MIME = "application/vnd.vegalite.v5+json"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_NAME = "jupyterlab"
# As an image of text a label can be read by machines, sought and copied; on a canvas it cannot.
_DRAWN = {MIME: {"embed_options": {"renderer": "svg"}}}


def draw_offline() -> None:
    """Have Altair hand its charts to JupyterLab from now on; labels take the browser's fonts."""
    import altair

    altair.renderers.register(_NAME, bundle)
    altair.renderers.enable(_NAME)
    # A chart is drawn here and goes nowhere, so that it may hold as many rows as were asked for.
    altair.data_transformers.disable_max_rows()


def bundle(spec: dict[str, Any], **_options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give what a notebook keeps of a chart, and how it is to be drawn."""
    return {MIME: spec | {"$schema": _SCHEMA}, "text/plain": "<chart>"}, _DRAWN
