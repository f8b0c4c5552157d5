"""The database that the settings name, with its tables as they should be."""

from __future__ import annotations

from sqlalchemy.engine import URL

from service.settings import Settings
from service.store.database import Database
from service.store.migrate import migrate

FILE = "jiesu.db"


def database_of(settings: Settings) -> Database:
    """Give the database that the settings name; nothing is opened yet.

    Raises
    ------
    ConfigError
        When it is of a kind that jiesu does not know.
    """
    given = settings.database_url.get_secret_value()
    return Database(given or URL.create("sqlite", database=str(settings.home / FILE)))


def open_database(settings: Settings) -> Database:
    """Give the database that the settings name, its tables brought to the newest state.

    Raises
    ------
    ConfigError
        When it cannot be opened.
    """
    database = database_of(settings)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database
