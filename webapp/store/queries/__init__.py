"""What each door reads, one module a door. Nothing here writes."""
