"""What Alembic runs for each command; the connection is handed over by `migrate`."""

from alembic import context

from likeness.db.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
