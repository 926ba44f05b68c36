"""The lane, over twins of the broker and the database."""
