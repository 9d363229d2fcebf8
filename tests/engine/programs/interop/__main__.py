"""One program for both engines: components, aliases, secrets, protection and outputs over random and tls."""

import cluster
import pulumi
import pulumi_random as random
import pulumi_tls as tls
from pulumi import Alias, ResourceOptions
from team import Team

config = pulumi.Config()
size = config.require_int("size")


def _separated(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Give each pet the same separator, as a program-wide rule would."""
    if args.type_ != "random:index/randomPet:RandomPet":
        return None
    return pulumi.ResourceTransformResult(props={**args.props, "separator": "_"}, opts=args.opts)


pulumi.runtime.register_resource_transform(_separated)

renamed = config.get_bool("renamed")
blue = Team("azure", ResourceOptions(aliases=[Alias(name="blue")])) if renamed else Team("blue")
red = Team("red", ResourceOptions(protect=True, depends_on=[blue]))

own = random.Provider("own")
password = random.RandomPassword(
    "password", length=size, opts=ResourceOptions(provider=own, delete_before_replace=True)
)
token = random.RandomString("token", length=pulumi.Output.secret(12), keepers={"seed": config.require_secret("seed")})
random.RandomId(
    "kept",
    byte_length=size,
    keepers={"size": str(size)},
    opts=ResourceOptions(ignore_changes=["byteLength", "keepers"]),
)
# Large, so that it is no number that the program itself says, whatever it turns out to be.
random.RandomInteger(
    "retained",
    min=10**6,
    max=2 * 10**6 + size,
    opts=ResourceOptions(replace_on_changes=["max"], retain_on_delete=True),
)

key = tls.PrivateKey("key", algorithm="ECDSA", ecdsa_curve="P256")
root = tls.SelfSignedCert(
    "root",
    private_key_pem=key.private_key_pem,
    subject=tls.SelfSignedCertSubjectArgs(common_name="root", organization="interop"),
    validity_period_hours=8760,
    allowed_uses=["cert_signing", "crl_signing"],
    is_ca_certificate=True,
)
leaf_key = tls.PrivateKey("leaf", algorithm="ED25519", opts=ResourceOptions(parent=root))
request = tls.CertRequest("leaf", private_key_pem=leaf_key.private_key_pem, dns_names=["a.example.com"])
tls.LocallySignedCert(
    "leaf",
    cert_request_pem=request.cert_request_pem,
    ca_private_key_pem=key.private_key_pem,
    ca_cert_pem=root.cert_pem,
    validity_period_hours=720,
    early_renewal_hours=size,
    allowed_uses=["server_auth"],
)

pulumi.export("password", password.result)
pulumi.export("teams", {"blue": blue.pet.id, "red": red.pet.id, "numbers": [1, 2.5, True, None]})
pulumi.export("mixed", {"open": size, "shut": pulumi.Output.secret(token.result)})
pulumi.export("key", tls.get_public_key_output(private_key_pem=key.private_key_pem).public_key_pem)
pulumi.export("settings", config.get_secret_object("settings"))

if config.get("namespace"):
    cluster.declare(config.require("namespace"), size, password.result)
