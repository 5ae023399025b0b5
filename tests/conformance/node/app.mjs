// An unmodified Bolt app that says what it hears, a line of JSON for each event.
import bolt from "@slack/bolt";

const { SIGNING_SECRET, TOKEN, API, PORT } = process.env;
const app = new bolt.App({
  signingSecret: SIGNING_SECRET,
  token: TOKEN,
  clientOptions: { slackApiUrl: API },
  logLevel: bolt.LogLevel.ERROR,
});
app.event("user_change", async ({ event }) => {
  const { id, deleted, profile } = event.user;
  console.log(JSON.stringify({ id, deleted, avatar_hash: profile.avatar_hash }));
});
await app.start({ port: Number(PORT), host: "127.0.0.1" });
console.log(JSON.stringify({ ready: true }));
