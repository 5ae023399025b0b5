// The Node peer of the upload benchmark, written as such servers commonly are: multer keeps the
// file in memory, sharp makes every size from the upload, plain writes without fsync.
// No accounts, no database and no checks beyond sharp's own: all in its favour.
//
//   node server.js PORT FOLDER PROCESSES JPEG_QUALITY PNG_COMPRESSION

import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";

import express from "express";
import multer from "multer";
import sharp from "sharp";

const [port, folder, ...numbers] = process.argv.slice(2);
const [processes, quality, compressionLevel] = numbers.map(Number);
const SIZES = [24, 32, 48, 72, 192, 512, 1024];
const BYTES_MAX = 10 * 2 ** 20;

function encode(picture, format) {
  return format === "png" ? picture.png({ compressionLevel }) : picture.jpeg({ quality });
}

function square(buffer, size, crop) {
  const picture = sharp(buffer).rotate();
  if (crop) picture.extract({ left: crop.x, top: crop.y, width: crop.w, height: crop.w });
  return picture.resize(size, size, { fit: "contain", background: "black" });
}

async function renditions(buffer, crop) {
  const { width, height, format } = await sharp(buffer).metadata();
  const side = crop ? crop.w : Math.max(width, height);
  const made = SIZES.filter((size) => size <= side).map(async (size) => [
    size,
    await encode(square(buffer, size, crop), format).toBuffer(),
  ]);
  const original = encode(sharp(buffer).rotate(), format).toBuffer();
  made.push(original.then((data) => ["original", data]));
  return { extension: format === "png" ? "png" : "jpg", files: await Promise.all(made) };
}

async function setPhoto(request, response) {
  const { crop_x: x, crop_y: y, crop_w: w } = request.body;
  const crop = w ? { x: Number(x), y: Number(y), w: Number(w) } : null;
  const { extension, files } = await renditions(request.file.buffer, crop);
  const stem = randomUUID();
  const profile = {};
  await Promise.all(
    files.map(([name, data]) => {
      profile[`image_${name}`] = `/${stem}_${name}.${extension}`;
      return writeFile(path.join(folder, `${stem}_${name}.${extension}`), data);
    }),
  );
  response.json({ ok: true, profile });
}

if (cluster.isPrimary && processes > 1) {
  for (let count = 0; count < processes; count += 1) cluster.fork();
} else {
  const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: BYTES_MAX } });
  express()
    .post("/photo", upload.single("image"), setPhoto)
    .listen(Number(port), "127.0.0.1");
}
