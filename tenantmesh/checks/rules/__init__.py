"""All rules, by family: data that says what has to hold, why, and what to do where it does not."""

from tenantmesh.checks.rules import api, doors, exposure, hygiene, isolation, quota, routing, trust

ALL = tuple(
    sorted(
        (rule for family in (api, doors, exposure, hygiene, isolation, quota, routing, trust) for rule in family.RULES),
        key=lambda rule: rule.id,
    )
)
"""Every rule, by id."""
BY_ID = {rule.id: rule for rule in ALL}
