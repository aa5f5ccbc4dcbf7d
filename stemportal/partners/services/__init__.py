"""Every write about partners that carries meaning, one file per matter."""
