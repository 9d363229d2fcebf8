// An OpenID provider for tests: node provider.mjs ADDRESS CLIENTS [NAME PEM]
//
// CLIENTS is JSON: [{"id", "secret", "audience", "role"}] or [{"id", "secret", "audience", "callback"}]. The first kind gets
// JWT access tokens for its audience with its role by the grant client_credentials, where it names a resource; without
// one, opaque tokens. With the second kind anybody logs in by any name, with a code that goes to the callback. Prints the
// issuer when it listens. The key lives as long as the process. With a NAME it is reached by that name with https on port
// 443, and shows the certificate that the file PEM has, with its key.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import Provider from "oidc-provider";

const [address, clients, name, pem] = [process.argv[2], JSON.parse(process.argv[3]), ...process.argv.slice(4)];
const byId = new Map(clients.map((client) => [client.id, client]));
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig" };

const configuration = {
  clients: clients.map(({ id, secret, callback }) => ({
    client_id: id,
    client_secret: secret,
    grant_types: [callback ? "authorization_code" : "client_credentials"],
    redirect_uris: callback ? [callback] : [],
    response_types: callback ? ["code"] : [],
  })),
  jwks: { keys: [key] },
  extraTokenClaims: (_, token) => ({ role: byId.get(token.clientId).role }),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      defaultResource: (_, client) => (byId.get(client.clientId).callback ? "urn:tenantmesh:books" : undefined),
      enabled: true,
      getResourceServerInfo: (_, resource, client) => ({
        accessTokenFormat: "jwt",
        audience: byId.get(client.clientId).audience,
        jwt: { sign: { alg: "RS256" } },
        scope: "openid",
      }),
      useGrantedResource: () => true,
    },
  },
  ttl: { ClientCredentials: 600 },
};

const pair = name && readFileSync(pem);
const server = name ? createSecureServer({ cert: pair, key: pair }) : createServer();
server.listen(name ? 443 : 0, address, () => {
  const issuer = name ? `https://${name}` : `http://${address}:${server.address().port}`;
  server.on("request", new Provider(issuer, configuration).callback());
  console.log(issuer);
});
