"""Holds secrets in every place where a program can; the environment says how it misbehaves."""

import asyncio
import os
from base64 import b64encode

import pulumi
import pulumi_random as random
import pulumi_tls as tls
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.core import v1 as core

config = pulumi.Config()
place = config.require("namespace")
token = config.require_secret("token")
settings = config.require_secret_object("settings")
lines = config.require_secret("lines")
odd = config.require_secret("odd")
number = settings.apply(lambda known: known["pin"])
lent = pulumi.StackReference("organization/lender/dev")


class Vault(pulumi.ComponentResource):
    """Passes a secret on to its child and gives it back."""

    def __init__(self, name: str, content: pulumi.Output[str], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("secrets:index:Vault", name, {"content": content}, opts)
        core.ConfigMap(
            f"{name}-inner",
            metadata={"namespace": namespace.metadata["name"], "name": f"{name}-inner"},
            data={"content": content},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.content = content
        self.register_outputs({"content": content, "list": ["open", {"deep": content}]})


def label(arguments: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Puts a secret into what it finds."""
    if arguments.name != "transformed":
        return None
    data = {**arguments.props["data"], "added": token.apply(lambda known: f"transformed {known}")}
    return pulumi.ResourceTransformResult(props={**arguments.props, "data": data}, opts=arguments.opts)


def within(name: str) -> dict[str, object]:
    return {"namespace": namespace.metadata["name"], "name": name}


pulumi.runtime.register_resource_transform(label)
password = random.RandomPassword("password", length=40, special=True)
raw = random.RandomBytes("raw", length=32)
key = tls.PrivateKey(
    "key",
    algorithm="ECDSA",
    ecdsa_curve="P256",
    opts=pulumi.ResourceOptions(additional_secret_outputs=["publicKeyPem", "publicKeyOpenssh"]),
)
namespace = core.Namespace("place", metadata={"name": place})
core.Secret("texts", metadata=within("texts"), string_data={"token": token, "password": password.result, "a.b": lines})
encoded = key.private_key_pem.apply(lambda text: b64encode(text.encode()).decode())
core.Secret("bytes", metadata=within("bytes"), data={"raw": raw.base64, "key": encoded})
mixed = {
    "open": "everybody may read this",
    "token": token,
    "odd": odd,
    "lines": lines,
    "lent": lent.require_output("password"),
    "sentence": pulumi.Output.concat("postgres://shop:", token, "@database"),
    "key": key.public_key_openssh,
}
core.ConfigMap("mixed", metadata=within("mixed"), data=mixed)
core.ConfigMap("transformed", metadata=within("transformed"), data={"open": "yes"})
Vault("vault", settings.apply(lambda known: known["inner"]["password"]))
container = {
    "name": "one",
    "image": "one",
    "args": ["--open", settings.apply(lambda known: known["list"][1])],
    "env": [{"name": "TOKEN", "value": token}, {"name": "PIN", "value": number.apply(str)}],
}
template = {"metadata": {"labels": {"app": "one"}}, "spec": {"containers": [container]}}
spec = {"replicas": 0, "selector": {"match_labels": {"app": "one"}}, "template": template}
apps.Deployment("one", metadata=within("one"), spec=spec)

pulumi.export("token", token)
pulumi.export("deep", {"list": ["open", {"password": password.result}], "lent": lent.require_output("nested")})
pulumi.export("key", key.private_key_pem)
pulumi.export("open", "everybody may see this")


def chatter(known: dict[str, object]) -> None:
    """What a careless program prints and logs."""
    print("the secrets are", known)
    print(known["lines"])
    print(known["key"])
    for name, value in known.items():
        pulumi.log.info(f"{name} is {value}")
        pulumi.log.warn(f"{name!r} is {value!r}")
        pulumi.log.debug(f"{name} is {value}")


def raising(known: dict[str, object]) -> None:
    raise RuntimeError(f"can't log in with {known}\n{known['lines']}\n{known['odd']}")


def stopping(known: dict[str, object]) -> None:
    raise pulumi.RunError(f"{known['token']} and {known['password']!r} don't fit")


async def lingering(known: dict[str, object]) -> None:
    while known:
        await asyncio.sleep(1)


planted = {"token": token, "lines": lines, "odd": odd, "settings": settings, "lent": lent.require_output("password")}
made = {"password": password.result, "key": key.private_key_pem, "public": key.public_key_openssh, "raw": raw.hex}
behaviours = {"chatter": chatter, "raising": raising, "stopping": stopping, "lingering": lingering}
behaviour = os.environ.get("BEHAVIOUR", "chatter")
match behaviour:
    case "refused":
        # The server, in its dry run and in the deployment, answers with the value that it does not like.
        word = pulumi.Output.concat(token, " with ", password.result, " and ", key.public_key_openssh)
        core.ConfigMap("refused", metadata={**within("refused"), "labels": {"text": word}})
    case "silent":
        pass
    case "misread":
        config.require_int("token")
    case "chatter":
        pulumi.Output.all(**planted).apply(lambda known: chatter({**known, "key": ""}))
        pulumi.Output.all(**planted, **made).apply(chatter)
    case _:
        pulumi.Output.all(**planted, **made).apply(behaviours[behaviour])
