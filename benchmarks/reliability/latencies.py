"""How long things took, in the figures that are asked for."""

from collections.abc import Sequence


def quantile(seconds: Sequence[float], share: float) -> float:
    """The duration that ``share`` of all stay below, in milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def p50_p99_max(seconds: Sequence[float]) -> str:
    """Half, nearly all, all."""
    return " / ".join(f"{quantile(seconds, share):,.0f}" for share in (0.5, 0.99, 1.0)) + " ms"
