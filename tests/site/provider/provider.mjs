// A real OpenID Connect provider on loopback, with people who are whoever they say they are.
//
// Its one argument is JSON: port, redirectUri, and what to do wrong: nothing, or `audience`,
// `nonce`, `issuer`, `signature`, `algorithm`, `expiry`, each in the ID token alone.
//
// GET /told?sub=...&claims=... has it say these claims, in JSON, of somebody from now on.
// GET /ended?sub=...&sid=... has it tell a client that a session is over, and gives the body of the
// request that it makes for that; `change` is JSON with claims to change in it, null for none.
import { generateKeyPairSync } from "node:crypto";
import { SignJWT, exportJWK } from "jose";
import { Provider } from "oidc-provider";

const { port, redirectUri, wrong } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;

const keys = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const own = keys();
const strangers = keys();
const jwk = { ...(await exportJWK(own.privateKey)), kid: "own", use: "sig", alg: "RS256" };

const told = new Map();

// Whoever signs in as `unverified@...` has not shown that the address is theirs, and so on.
const claimsOf = (id) => {
  if (told.has(id)) return { sub: id, ...told.get(id) };
  const name = { name: `Dr. ${id.split("@")[0]} <script>` };
  if (id.startsWith("nameless")) return { sub: id, email: id, email_verified: true };
  if (id.startsWith("nowhere")) return { sub: id, ...name };
  if (id.startsWith("unsure")) return { sub: id, ...name, email: id };
  return { sub: id, ...name, email: id, email_verified: !id.startsWith("unverified") };
};

// What the provider sent last without a browser, as by the address of the client.
let caught = "";

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "likeness",
      client_secret: "the secret of Likeness, which nobody else has",
      redirect_uris: [redirectUri],
      id_token_signed_response_alg: "RS256",
      backchannel_logout_uri: new URL("/sign-in/oidc/back-channel", redirectUri).href,
      backchannel_logout_session_required: true,
    },
  ],
  claims: {
    openid: ["sub", "sid"],
    email: ["email", "email_verified", "xms_edov"],
    profile: ["name", "picture", "groups", "preferred_username", "upn", "unique_name"],
  },
  conformIdTokenClaims: wrong !== "inline",
  cookies: { keys: ["a key for the cookies of a test"] },
  features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
  fetch: async (url, { body }) => {
    caught = body.toString();
    return new Response("");
  },
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

async function changed(token, changes) {
  const claims = { ...decoded(token), ...changes };
  const left = Object.entries(claims).filter(([, value]) => value !== null);
  return new SignJWT(Object.fromEntries(left))
    .setProtectedHeader({ alg: "RS256", kid: "own", typ: "logout+jwt" })
    .sign(own.privateKey);
}

async function ended({ sub, sid, change }) {
  await (await provider.Client.find("likeness")).backchannelLogout(sub, sid);
  if (!change) return caught;
  const token = new URLSearchParams(caught).get("logout_token");
  return new URLSearchParams({ logout_token: await changed(token, JSON.parse(change)) }).toString();
}

provider.use(async (ctx, next) => {
  if (ctx.path === "/told") {
    told.set(ctx.query.sub, JSON.parse(ctx.query.claims));
    ctx.body = "";
    return;
  }
  if (ctx.path === "/ended") {
    ctx.body = await ended(ctx.query);
    return;
  }
  await next();
  if (wrong && wrong !== "inline" && ctx.body?.id_token) {
    ctx.body = { ...ctx.body, id_token: await spoiled(ctx.body.id_token) };
  }
});

provider.listen(port, "127.0.0.1", () => console.log("ready"));
