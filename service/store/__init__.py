"""Everything that is kept: tables, migrations, queries. The only part that knows SQLAlchemy."""
