"""Adds the desk to the application."""

from __future__ import annotations

from fastapi import FastAPI


def install_desk(app: FastAPI) -> None:
    """Add the pages of the desk, and what is sent from them."""
    from service.desk import (
        agreement,
        alerts_page,
        board_page,
        forms,
        import_page,
        items_page,
        ledger_page,
        mine,
        model_drift,
        model_page,
        pages,
        report_page,
        sign_in,
    )

    app.include_router(sign_in.router)
    if app.state.parts.provider is not None:
        from service.desk import oidc_pages

        app.include_router(oidc_pages.router)
    app.include_router(pages.router)
    app.include_router(forms.router)
    app.include_router(mine.router)
    app.include_router(agreement.router)
    for part in (
        ledger_page,
        import_page,
        board_page,
        model_page,
        model_drift,
        alerts_page,
        items_page,
        report_page,
    ):
        app.include_router(part.router)
