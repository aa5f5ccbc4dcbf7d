"""Making the demo world: a fictional Norway on the real registers. Deterministic; dates are relative to today."""
