// A real OpenID Connect provider on loopback, with people who are whoever they say they are.
//
// Its one argument is JSON: port, redirectUri, and what to do wrong: nothing, or `audience`,
// `nonce`, `issuer`, `signature`, `algorithm`, `expiry`, each in the ID token alone.
import { generateKeyPairSync } from "node:crypto";
import { SignJWT, exportJWK } from "jose";
import { Provider } from "oidc-provider";

const { port, redirectUri, wrong } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;

const keys = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const own = keys();
const strangers = keys();
const jwk = { ...(await exportJWK(own.privateKey)), kid: "own", use: "sig", alg: "RS256" };

// Whoever signs in as `unverified@...` has not shown that the address is theirs, and so on.
const claimsOf = (id) => {
  const name = { name: `Dr. ${id.split("@")[0]} <script>` };
  if (id.startsWith("nameless")) return { sub: id, email: id, email_verified: true };
  if (id.startsWith("nowhere")) return { sub: id, ...name };
  if (id.startsWith("unsure")) return { sub: id, ...name, email: id };
  return { sub: id, ...name, email: id, email_verified: !id.startsWith("unverified") };
};

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "likeness",
      client_secret: "the secret of Likeness, which nobody else has",
      redirect_uris: [redirectUri],
      id_token_signed_response_alg: "RS256",
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: wrong !== "inline",
  cookies: { keys: ["a key for the cookies of a test"] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({ accountId: id, claims: async () => claimsOf(id) }),
  jwks: { keys: [jwk] },
  pkce: { required: () => true },
  ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
});

const decoded = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

async function spoiled(token) {
  const claims = decoded(token);
  if (wrong === "audience") claims.aud = "another";
  if (wrong === "nonce") claims.nonce = "another";
  if (wrong === "issuer") claims.iss = "http://127.0.0.1:1";
  if (wrong === "expiry") claims.exp = claims.iat - 3600;
  if (wrong === "algorithm") {
    const head = Buffer.from(JSON.stringify({ alg: "none", kid: "own" })).toString("base64url");
    return `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.`;
  }
  const key = wrong === "signature" ? strangers.privateKey : own.privateKey;
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "own" }).sign(key);
}

provider.use(async (ctx, next) => {
  await next();
  if (wrong && wrong !== "inline" && ctx.body?.id_token) {
    ctx.body = { ...ctx.body, id_token: await spoiled(ctx.body.id_token) };
  }
});

provider.listen(port, "127.0.0.1", () => console.log("ready"));
