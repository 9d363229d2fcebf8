"""Somebody who asks for the Secrets of a tenant."""

from tests.graph.api.objects import layer, resource, user

ALICE = user("alice")
SECRETS = resource("secrets", "acme")


def answer(objects, subject, verb, target):
    return layer(*objects).verdict(subject, verb, target).answer
