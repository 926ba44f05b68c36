"""The ledger on a real database, with a hand-written lane that does what operators ask for."""
