"""Every write about activities that carries meaning, one file per matter."""
