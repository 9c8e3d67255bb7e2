"""Pictures: what a file is, and how it is drawn again. Knows Pillow and nothing of ours.

`judge` looks at headers and is called in a request. `redraw` decodes, which is where decoders break, and is
called through `pool`: in a child process that has limits, sees one picture, and ends. See ADR 0002.
"""
