"""Where things are kept: the database, the sealed texts and the files."""
