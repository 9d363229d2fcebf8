"""What is recorded of tenants' traffic: access logs, statistics, recording rules, dashboards."""
