"""Facts at rest: tables, migrations, queries. No rule of the field is decided here."""
