"""Errors of the schema; all are for the operator.

SchemaError
├── SchemaMissing     the database holds none of our tables: migrate
├── SchemaOlder       migrations are outstanding: migrate
├── SchemaNewer       a newer program has migrated it: upgrade this program
├── MigrationChanged  an applied migration is not the file we have: not the same project state
└── PartitionCountMismatch  the count was fixed otherwise when the first worker started
"""


class SchemaError(Exception):
    """The database does not fit this program."""


class SchemaMissing(SchemaError):
    """None of the tables exist. Run `order-worker migrate`."""


class SchemaOlder(SchemaError):
    """Some migrations have not been applied. Run `order-worker migrate`."""


class SchemaNewer(SchemaError):
    """The database was migrated by a newer version. Upgrade this program."""


class MigrationChanged(SchemaError):
    """A migration that was applied differs from the file of the same number."""


class PartitionCountMismatch(SchemaError):
    """The partition count differs from the one recorded in the database."""
