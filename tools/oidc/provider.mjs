// An OpenID provider for tests: node provider.mjs ADDRESS CLIENTS
//
// CLIENTS is JSON: [{"id", "secret", "audience", "role"}]. Each client gets JWT access tokens for its audience with its
// role by the grant client_credentials, where it names a resource; without one, opaque tokens. Prints the issuer when it
// listens. The key lives as long as the process.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [address, clients] = [process.argv[2], JSON.parse(process.argv[3])];
const byId = new Map(clients.map((client) => [client.id, client]));
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig" };

const configuration = {
  clients: clients.map(({ id, secret }) => ({
    client_id: id,
    client_secret: secret,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
  })),
  jwks: { keys: [key] },
  extraTokenClaims: (_, token) => ({ role: byId.get(token.clientId).role }),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource, client) => ({
        accessTokenFormat: "jwt",
        audience: byId.get(client.clientId).audience,
        jwt: { sign: { alg: "RS256" } },
        scope: "",
      }),
    },
  },
  ttl: { ClientCredentials: 600 },
};

const server = createServer();
server.listen(0, address, () => {
  const issuer = `http://${address}:${server.address().port}`;
  server.on("request", new Provider(issuer, configuration).callback());
  console.log(issuer);
});
