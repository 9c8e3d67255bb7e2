"""The law as data: regulation files, calendars, directories, the installation map, and their loader."""
