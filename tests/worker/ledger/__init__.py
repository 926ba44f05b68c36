"""The ledger of dead letters, on its twin and on PostgreSQL."""
