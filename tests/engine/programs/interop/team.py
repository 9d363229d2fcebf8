"""A component with children, as a library would offer it."""

import pulumi
import pulumi_random as random


class Team(pulumi.ComponentResource):
    """A pet and its badge."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("interop:index:Team", name, {"members": 3}, opts)
        inside = pulumi.ResourceOptions(parent=self)
        self.pet = random.RandomPet(f"{name}-pet", length=2, opts=inside)
        self.badge = random.RandomUuid(f"{name}-badge", keepers={"pet": self.pet.id}, opts=inside)
        self.register_outputs({"pet": self.pet.id, "badge": pulumi.Output.secret(self.badge.result)})
