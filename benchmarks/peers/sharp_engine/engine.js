// sharp in the benchmark of the engine, in two ways: "sharp", as people use it, with one pipeline
// from the upload for each size, all at once; and "sharp_pyramid", as one writes it who knows it
// well, each size from the pixels of the one above.
//
//   node engine.js WAY JPEG_QUALITY PNG_COMPRESSION CONCURRENCY     (0: sharp's own default)
//
// Requests and answers are lines of JSON, as benchmarks/engine_ways.py describes them.

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

import sharp from "sharp";

const [way, ...numbers] = process.argv.slice(2);
const [quality, compressionLevel, concurrency] = numbers.map(Number);
const SIZES = [1024, 512, 192, 72, 48, 32, 24];
const LEVEL_SIDE_MIN = 192;
const CONTAINED = { fit: "contain", background: "black" };

// The same few pictures come again and again, which no service could profit from.
sharp.cache(false);
if (concurrency) sharp.concurrency(concurrency);

function encode(picture, format, options = {}) {
  if (format === "gif") return picture.gif().toBuffer();
  if (format === "png") return picture.png({ compressionLevel }).toBuffer();
  return picture.jpeg({ quality, ...options }).toBuffer();
}

async function naive(buffer, { width, height, format, animated }) {
  const sizes = SIZES.filter((size) => size <= Math.max(width, height));
  const original = encode(sharp(buffer, { animated }).rotate(), format);
  const made = sizes.map((size) =>
    encode(sharp(buffer, { animated }).rotate().resize(size, size, CONTAINED), format),
  );
  return Promise.all([original, ...made]);
}

async function pyramid(buffer, { width, height, format, animated }) {
  const opened = await pixels(sharp(buffer, { animated }).rotate(), height);
  const isSquare = width === height;
  const files = isSquare && SIZES.includes(width) ? [] : [save(opened, format)];
  let level = opened;
  for (const size of SIZES.filter((size) => size <= Math.max(width, height))) {
    let made = level;
    if (level.raw.width !== size || !isSquare) {
      const resized = sharp(level.data, { raw: level.raw }).resize(size, size, CONTAINED);
      made = await pixels(resized, size);
    }
    if (size >= LEVEL_SIDE_MIN) level = made;
    files.push(save(made, format));
  }
  return Promise.all(files);
}

async function pixels(picture, pageHeight) {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { data, raw: { width, height, channels, pageHeight } };
}

function save(level, format) {
  // Fitting the tables is sharp's default; who looks for speed turns it off, as we do.
  return encode(sharp(level.data, { raw: level.raw }), format, { optimiseCoding: false });
}

async function render(buffer) {
  const seen = await sharp(buffer).metadata();
  const animated = (seen.pages ?? 1) > 1;
  const format = seen.format === "webp" ? "jpeg" : seen.format;
  const job = { width: seen.width, height: seen.pageHeight ?? seen.height, format, animated };
  return way === "sharp" ? naive(buffer, job) : pyramid(buffer, job);
}

async function answer({ paths, seconds, warm }) {
  const uploads = await Promise.all(paths.map((path) => readFile(path)));
  if (warm) await render(uploads[0]);
  const before = process.cpuUsage();
  const start = performance.now();
  const made = [];
  let passes = 0;
  while (passes === 0 || performance.now() < start + 1000 * seconds) {
    for (const [number, upload] of uploads.entries()) made[number] = await render(upload);
    passes += 1;
  }
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const count = passes * uploads.length;
  const sizes = [];
  for (const file of made[0]) {
    const { width, height, pageHeight } = await sharp(file).metadata();
    sizes.push([width, pageHeight ?? height]);
  }
  return {
    wall_ms: wall / count,
    cpu_ms: (user + system) / 1000 / count,
    sizes,
    length: made.flat().reduce((sum, file) => sum + file.length, 0),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
