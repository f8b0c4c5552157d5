"""Charts of the notebooks: drawn by JupyterLab, and as pictures for all else, without a network."""

from __future__ import annotations

from typing import Any

# What JupyterLab carries a renderer for; Altair's own default asks a server on the internet.
MIME = "application/vnd.vegalite.v5+json"
# What an exported page, or a viewer without Vega, shows.
PICTURE = "image/svg+xml"
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
    """Give what a notebook keeps of a chart, its picture with it, and how it is to be drawn."""
    import vl_convert

    # Its rows stand in the chart: no address is asked for more.
    picture = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    told = {MIME: spec | {"$schema": _SCHEMA}, PICTURE: picture, "text/plain": "<chart>"}
    return told, _DRAWN
