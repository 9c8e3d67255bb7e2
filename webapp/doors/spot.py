"""A position in words, as exactly as it is ever public."""


def position_text(lat: float, lon: float) -> str:
    """Degrees of WGS 84 as people write them here; four decimals are some 11 m."""
    return f"{lat:.4f}; {lon:.4f}".replace(".", ",")
