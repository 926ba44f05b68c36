"""What the lanes commit through: one owner per partition, one statement per batch.

partition_store   claim, load, commit a batch
session           the session of a lane
owned_connection  what sessions are made of
arguments         a batch as the arguments of its statement
records           what goes in and out
"""
