/**
 * A picture that can be shown in many sizes at once without much memory.
 *
 * A still one is a pyramid, each level half the one before: a view is drawn from the level next to
 * its own size, sharp and fast. Only image elements move, so one that moves has no levels.
 *
 * @typedef {{width: number, height: number, url: string, clear: boolean,
 *   levels: (ImageBitmap|HTMLCanvasElement)[], close: () => void}} Picture
 *   where `clear` says that it is transparent somewhere, and so are its bars
 */

import { wantsStill } from "./say.js";

/** What phones take; iOS gives up on larger canvases. */
const PIXELS_MAX = 16e6;
const LEVEL_SIDE_MIN = 256;
const HEAD_LENGTH = 65536;
const SAMPLE_SIDE = 64;

/** The picture in a file, or null when this browser cannot show it. @param {File} file */
export async function fromFile(file) {
  const bytes = new Uint8Array(await file.slice(0, HEAD_LENGTH).arrayBuffer());
  const head = String.fromCharCode(...bytes);
  const url = URL.createObjectURL(file);
  const picture = await read(url, file, head);
  if (!picture) URL.revokeObjectURL(url);
  return picture;
}

/** The server's working copy, for what only the server can read. @param {string} url */
export function fromUrl(url) {
  return read(url, null, url.endsWith(".gif") ? "GIF" : "");
}

async function read(url, file, head) {
  const image = new Image();
  const isShown = await new Promise((resolve) => {
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = url;
  });
  if (!isShown) return null;
  const { naturalWidth: width, naturalHeight: height } = image;
  const levels = moves(head) && !wantsStill() ? [] : await pyramid(file ?? image, image);
  const close = () => {
    levels.forEach((level) => level.close?.());
    if (file) URL.revokeObjectURL(url);
  };
  const clear = declaresAlpha(head) || isSeenThrough(levels.at(-1) ?? image);
  return { width, height, url, clear, levels, close };
}

async function pyramid(source, image) {
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = Math.min(1, Math.sqrt(PIXELS_MAX / (width * height)));
  let level = await largest(source, image, Math.round(width * scale), Math.round(height * scale));
  const levels = [level];
  while (Math.min(level.width, level.height) >= 2 * LEVEL_SIDE_MIN) {
    level = drawn(level, Math.round(level.width / 2), Math.round(level.height / 2));
    levels.push(level);
  }
  return levels;
}

/** Some browsers resize before they turn upright, or cannot resize. */
async function largest(source, image, width, height) {
  const isSmaller = width < image.naturalWidth;
  try {
    const size = isSmaller ? { resizeWidth: width, resizeHeight: height } : {};
    const bitmap = await createImageBitmap(source, size);
    if (bitmap.width === width && bitmap.height === height) return bitmap;
  } catch {
    // It is drawn instead.
  }
  return drawn(image, width, height);
}

function drawn(source, width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(source, 0, 0, width, height);
  return canvas;
}

function moves(head) {
  return head.startsWith("GIF") || (head.startsWith("WEBPVP8X", 8) && has(head, 20, 2));
}

/** Whether the file says that it may be transparent, which is what the server goes by. */
function declaresAlpha(head) {
  if (head.startsWith("PNG", 1)) return has(head, 25, 4) || head.split("IDAT")[0].includes("tRNS");
  return (
    (head.startsWith("WEBPVP8X", 8) && has(head, 20, 16)) ||
    (head.startsWith("WEBPVP8L", 8) && has(head, 24, 16))
  );
}

function has(head, place, bit) {
  return Boolean(head.charCodeAt(place) & bit);
}

/** Whether the ground shines through; a GIF does not tell otherwise. */
function isSeenThrough(source) {
  const context = drawn(source, SAMPLE_SIDE, SAMPLE_SIDE).getContext("2d");
  try {
    const { data } = context.getImageData(0, 0, SAMPLE_SIDE, SAMPLE_SIDE);
    return data.some((value, place) => place % 4 === 3 && value < 255);
  } catch {
    return false; // It came from another origin, and cannot be looked into.
  }
}
