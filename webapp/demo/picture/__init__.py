"""Tools and scenes for the demo's photos, drawn by Pillow alone: no fonts, no files, no network."""
