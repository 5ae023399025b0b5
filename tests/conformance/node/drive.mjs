// Makes the calls that it reads from stdin with a real @slack/web-api, and prints what they gave.
// Which answers are right is not decided here, but in test_node_sdk.py.

import { Readable } from "node:stream";
import { createReadStream, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

const job = JSON.parse(await text(process.stdin));
const { WebClient, LogLevel } = (await import(job.package)).default ?? (await import(job.package));

const logged = [];
const note = (level) => (...words) => logged.push([level, words.map(String).join(" ")]);
const logger = {
  debug() {},
  info: note("info"),
  warn: note("warn"),
  error: note("error"),
  setLevel() {},
  getLevel: () => LogLevel.WARN,
  setName() {},
};

const client = new WebClient(job.token, {
  slackApiUrl: job.url,
  logger,
  rejectRateLimitedCalls: job.rejectRateLimitedCalls ?? false,
  ...job.options,
});

const sources = {
  buffer: (path) => readFileSync(path),
  stream: (path) => createReadStream(path),
  memory: (path) => Readable.from([readFileSync(path)]),
};

function withPicture({ image, ...rest }) {
  return image ? { image: sources[image.as](image.path), ...rest } : rest;
}

const results = [];
for (const { method, args = {} } of job.calls) {
  try {
    results.push({ answer: await client.apiCall(method, withPicture(args)) });
  } catch (error) {
    results.push({ code: error.code, data: error.data, retryAfter: error.retryAfter });
  }
}
console.log(JSON.stringify({ results, logged }));
