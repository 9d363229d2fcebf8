"""Private keys and their public halves, checked with OpenSSL's and OpenSSH's own programs where they are installed."""

import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key, load_ssh_private_key

KINDS = [
    ({"algorithm": "RSA"}, "RSA PRIVATE KEY", rsa.RSAPrivateKey, 2048),
    ({"algorithm": "RSA", "rsaBits": 3072}, "RSA PRIVATE KEY", rsa.RSAPrivateKey, 3072),
    ({"algorithm": "ECDSA"}, "EC PRIVATE KEY", ec.EllipticCurvePrivateKey, 224),
    ({"algorithm": "ECDSA", "ecdsaCurve": "P256"}, "EC PRIVATE KEY", ec.EllipticCurvePrivateKey, 256),
    ({"algorithm": "ECDSA", "ecdsaCurve": "P384"}, "EC PRIVATE KEY", ec.EllipticCurvePrivateKey, 384),
    ({"algorithm": "ECDSA", "ecdsaCurve": "P521"}, "EC PRIVATE KEY", ec.EllipticCurvePrivateKey, 521),
    ({"algorithm": "ED25519"}, "PRIVATE KEY", ed25519.Ed25519PrivateKey, None),
]


@pytest.mark.parametrize(("inputs", "label", "kind", "size"), KINDS)
def test_a_key_is_written_in_all_forms_and_they_are_one_key(tls, inputs, label, kind, size):
    outputs = tls.create("PrivateKey", inputs).outputs
    assert outputs["privateKeyPem"].startswith(f"-----BEGIN {label}-----\n")
    assert outputs["privateKeyPemPkcs8"].startswith("-----BEGIN PRIVATE KEY-----\n")
    key = load_pem_private_key(outputs["privateKeyPem"].encode(), None)
    assert isinstance(key, kind)
    assert size is None or key.key_size == size
    others = [load_pem_private_key(outputs["privateKeyPemPkcs8"].encode(), None)]
    if size != 224:
        others.append(load_ssh_private_key(outputs["privateKeyOpenssh"].encode(), None))
    assert load_pem_public_key(outputs["publicKeyPem"].encode()) == key.public_key()
    assert all(other.public_key() == key.public_key() for other in others)


def test_openssh_has_no_form_for_p224(tls):
    outputs = tls.create("PrivateKey", {"algorithm": "ECDSA"}).outputs
    names = ("privateKeyOpenssh", "publicKeyOpenssh", "publicKeyFingerprintMd5", "publicKeyFingerprintSha256")
    assert {outputs[name] for name in names} == {""}


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
@pytest.mark.parametrize("algorithm", ["RSA", "ECDSA", "ED25519"])
def test_fingerprints_are_those_of_ssh_keygen(tls, tmp_path, algorithm):
    outputs = tls.create("PrivateKey", {"algorithm": algorithm, "ecdsaCurve": "P384"}).outputs
    path = tmp_path / "key.pub"
    path.write_text(outputs["publicKeyOpenssh"])
    assert outputs["publicKeyOpenssh"].endswith("\n")
    md5, sha256 = (_fingerprint(path, kind) for kind in ("md5", "sha256"))
    assert md5 == f"MD5:{outputs['publicKeyFingerprintMd5']}"
    assert sha256 == outputs["publicKeyFingerprintSha256"]


def _fingerprint(path, kind):
    command = ["ssh-keygen", "-l", "-E", kind, "-f", str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.split()[1]


@pytest.mark.parametrize("form", ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"])
def test_get_public_key_tells_the_public_half_of_any_form(tls, form):
    outputs = tls.create("PrivateKey", {"algorithm": "ED25519"}).outputs
    argument = "privateKeyOpenssh" if form == "privateKeyOpenssh" else "privateKeyPem"
    answer = tls.provider.invoke("tls:index/getPublicKey:getPublicKey", {argument: outputs[form]})
    assert answer["algorithm"] == "ED25519"
    assert answer[argument] == outputs[form]
    public = {name: value for name, value in outputs.items() if name.startswith("public") or name == "id"}
    assert answer.items() >= public.items()
    assert len(public) == 5


def test_the_id_is_the_sha1_of_the_public_key(tls):
    made = tls.create("PrivateKey", {"algorithm": "RSA"})
    assert made.id == made.outputs["id"]
    assert len(bytes.fromhex(made.id)) == 20


def test_private_forms_are_secret_and_public_ones_are_not(tls):
    secret = tls.provider.secret_outputs(tls.resource("PrivateKey").type)
    assert secret == {"privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"}
    assert tls.provider.secret_outputs(tls.resource("CertRequest").type) == {"privateKeyPem"}
    assert tls.provider.secret_outputs(tls.resource("SelfSignedCert").type) == {"privateKeyPem"}
    assert tls.provider.secret_outputs(tls.resource("LocallySignedCert").type) == {"caPrivateKeyPem"}
