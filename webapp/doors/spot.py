"""A position in words; four decimals are as exactly as it is ever public."""


def position_text(lat: float, lon: float, decimals: int = 4) -> str:
    """Degrees of WGS 84 as people write them here; four decimals are some 11 m."""
    return f"{lat:.{decimals}f}; {lon:.{decimals}f}".replace(".", ",")
