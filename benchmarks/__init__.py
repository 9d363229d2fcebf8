"""What tenantmesh costs, as ratios within one run: `python -m benchmarks` prints every table, or those named."""
