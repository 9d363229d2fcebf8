"""The port numbers that are the same in every tenant."""

# What gateway pods listen on: over 1023, so that they need no privilege.
HTTP_TARGET = 8080
HTTPS_TARGET = 8443

# Istio's own, https://istio.io/latest/docs/ops/deployment/application-requirements/
CONTROL_PLANE = 15012
METRICS = (15020, 15090)

DNS = 53
EGRESS_GATEWAY = 443
PLAIN_HTTP = 80
