"""Rules of front doors: what a gateway asks of clients, and whom it answers and calls, is what was declared."""

from tenantmesh.checks.finding import Rule, Severity

_GATEWAY = "https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings"

DOOR_WEAKENED = Rule(
    id="door-weakened",
    severity=Severity.ERROR,
    title="A gateway asks of clients at least what its tenant declared: TLS, a certificate, and whose.",
    why="Anybody outside is served what was for known clients only, or in plain text; nothing of the objects alone "
    "tells that more was meant, so `tenantmesh.dev/doors` does.",
    fix="restore the server's TLS, or declare what is asked now",
    sources=(_GATEWAY,),
)
DOOR_WIDENED = Rule(
    id="door-widened",
    severity=Severity.WARNING,
    title="A gateway's policies let in requests for the hosts that are declared or served there, and for no others.",
    why="That other hosts are refused is left to the Gateway alone: one more of these on the same pods, or one more "
    "host in it, is open to everybody at once.",
    fix="name the hosts in the ALLOW of the gateway, in `hosts` or as `connection.sni`, and no others",
    sources=(
        "https://istio.io/latest/docs/tasks/security/authorization/authz-ingress/",
        "https://istio.io/latest/docs/reference/config/security/conditions/",
    ),
)
WEAK_TLS = Rule(
    id="weak-tls",
    severity=Severity.WARNING,
    title="A gateway's TLS asks for the certificates that it names, in no plain text beside, and in no broken version.",
    why="It reads as if clients were known, and they are not; TLS before 1.2 is deprecated for what is known against "
    "it.",
    fix="set the mode MUTUAL, redirect plain text, and set minProtocolVersion to TLSV1_2 or later",
    sources=(_GATEWAY, "https://www.rfc-editor.org/rfc/rfc8996"),
)
TOKEN_WEAKENED = Rule(
    id="token-weakened",
    severity=Severity.ERROR,
    title="A gateway takes the tokens that its tenant declared, refuses requests without, and opens no more by them.",
    why="A RequestAuthentication lets requests without a token pass; that there has to be one, whose and for what, is "
    "in policies whose absence looks like a gateway for everybody, so `tenantmesh.dev/tokens` says what was meant.",
    fix="restore the RequestAuthentication and the policies of the gateway, or declare what is asked now",
    sources=("https://istio.io/latest/docs/reference/config/security/request_authentication/",),
)
RANGE_WIDENED = Rule(
    id="range-widened",
    severity=Severity.ERROR,
    title="A gateway answers, and calls, addresses of the ranges that its tenant declared and no others.",
    why="Who is kept out by address alone is in, or data leaves for where it was never meant to go; a range that is "
    "wider looks like any other, so `tenantmesh.dev/ranges` says what was meant. Each of the Service, the network and "
    "the gateway's own policies has to hold by itself.",
    fix="take out what is beyond the declared ranges, or declare it",
    sources=(
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
        "https://istio.io/latest/docs/tasks/security/authorization/authz-ingress/",
    ),
)

CALLERS_WIDENED = Rule(
    id="callers-widened",
    severity=Severity.ERROR,
    title="An egress gateway takes requests for a host from the service accounts that were declared, and no others.",
    why="What only one workload may call, by its key or for its data, any of the tenant's can: also one that somebody "
    "took over. Without the DENY it looks like a host for all of them, so `tenantmesh.dev/callers` says what is meant.",
    fix="restore the DENY of all other service accounts at the egress gateway, or declare who calls the host now",
    sources=("https://istio.io/latest/docs/reference/config/security/conditions/",),
)

WRONG_EGRESS = Rule(
    id="wrong-egress",
    severity=Severity.ERROR,
    title="A host outside is called by the egress gateway that its tenant declared for it and by no other.",
    why="Gateways of one tenant leave for different networks, under different addresses; a host that goes out by "
    "another one is asked from where it knows nobody, and one gateway that is taken over reaches what was kept from "
    "it. The network sees addresses only, so `tenantmesh.dev/ranges` says which hosts are whose.",
    fix="serve and route the host at the gateway that it was declared for, or declare it for this one",
    sources=("https://istio.io/latest/docs/tasks/traffic-management/egress/egress-gateway/",),
)

UNVERIFIED_OUTSIDE = Rule(
    id="unverified-outside",
    severity=Severity.WARNING,
    title="What is for a host outside goes out by TLS, and to whoever shows that he is that host.",
    why="The App speaks plain HTTP and leaves the rest to the gateway: without TLS, or with a certificate of anybody, "
    "whoever is on the way reads and answers in the host's name, tokens and keys among it.",
    fix="begin TLS by a DestinationRule with the mode SIMPLE or MUTUAL for the host's port, with the host among "
    "subjectAltNames and without insecureSkipVerify",
    sources=(
        "https://istio.io/latest/docs/tasks/traffic-management/egress/egress-tls-origination/",
        "https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings",
    ),
)

RULES = (
    CALLERS_WIDENED,
    DOOR_WEAKENED,
    DOOR_WIDENED,
    TOKEN_WEAKENED,
    RANGE_WIDENED,
    UNVERIFIED_OUTSIDE,
    WEAK_TLS,
    WRONG_EGRESS,
)
