"""A schema of its own on the PostgreSQL server that JIESU_TEST_POSTGRES names."""

import os
import uuid
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text


@contextmanager
def own_schema():
    """Make an empty schema, give the address of a database that uses it, drop it afterwards."""
    server = os.environ["JIESU_TEST_POSTGRES"]
    name = f"jiesu_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    try:
        own = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
        yield own.render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        engine.dispose()
