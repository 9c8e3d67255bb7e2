"""One function per use case; the only writers. Nothing here commits, reads a clock or knows Flask."""
