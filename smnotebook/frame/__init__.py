"""DataFrames and Arrow tables: reading, checking, mending and encoding them."""
