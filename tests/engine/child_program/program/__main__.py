"""A program with a component, random resources, configuration and secrets."""

import sys

import pulumi
from pulumi_random import RandomPassword, RandomPet

config = pulumi.Config()


class Box(pulumi.ComponentResource):
    """A component that holds a random name."""

    def __init__(self, name: str) -> None:
        super().__init__("boxes:index:Box", name, None)
        self.pet = RandomPet("pet", length=config.get_int("length") or 2, opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({"pet": self.pet.id})


box = Box("box")
password = RandomPassword("password", length=20, keepers={"pet": box.pet.id, "token": config.require_secret("token")})
print("printed by the program")
print("complained by the program", file=sys.stderr)
if config.get_bool("fail"):
    raise ValueError("as configured")
pulumi.export("pet", box.pet.id)
pulumi.export("password", password.result)
pulumi.export("stack", f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}")
