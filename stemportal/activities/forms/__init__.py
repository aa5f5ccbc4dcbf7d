"""What people type about activities, one file per matter. The search's own form stands in ``finding``."""
