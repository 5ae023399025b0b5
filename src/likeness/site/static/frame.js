/**
 * The numbers of framing: which square of a picture is kept. Pure; nothing here knows the page.
 *
 * In whole pixels of the server's copy: what is drawn is drawn from the numbers that are sent. The
 * turn comes before the cut, as at the server.
 *
 * @typedef {{width: number, height: number, turn: number, whole: boolean,
 *   x: number, y: number, w: number}} Frame   sides of the upright picture; `turn` is clockwise;
 *   `whole` keeps all, with bars; the square's corner and side are in the turned picture
 */

/** Nobody needs a photo of fewer pixels than the size that most tools show. */
export const SIDE_MIN = 192;

/** The largest square in the middle. @returns {Frame} */
export function centred(width, height, turn = 0) {
  const w = Math.min(width, height);
  const [across, down] = turnedSize({ width, height, turn });
  const [x, y] = [Math.floor((across - w) / 2), Math.floor((down - w) / 2)];
  return { width, height, turn, whole: false, x, y, w };
}

/** The picture's sides after the turn. @param {Frame} frame @returns {[number, number]} */
export function turnedSize({ width, height, turn }) {
  return turn % 180 ? [height, width] : [width, height];
}

/** The narrowest and the widest square that may be cut. @param {Frame} frame */
export function range({ width, height }) {
  const most = Math.min(width, height);
  return { least: Math.min(SIDE_MIN, most), most };
}

/** The square moved over the picture, as far as it goes. @param {Frame} frame */
export function moved(frame, right, down) {
  return frame.whole ? frame : inside(frame, frame.x + right, frame.y + down, frame.w);
}

/** Another side; the point at the parts (across, down) of the square stays. @param {Frame} frame */
export function zoomed(frame, side, across = 0.5, down = 0.5) {
  const { least, most } = range(frame);
  const { x, y, w: from } = frame.whole ? withWhole(frame, false) : frame;
  const w = Math.round(Math.min(Math.max(side, least), most));
  return inside(frame, x + (from - w) * across, y + (from - w) * down, w);
}

/** Picture and square turned by 90 degrees: the same part is kept. @param {Frame} frame */
export function turned(frame) {
  const x = turnedSize(frame)[1] - frame.y - frame.w;
  return { ...frame, turn: (frame.turn + 90) % 360, x, y: frame.x };
}

/** Everything, with bars; or the largest square again. @param {Frame} frame */
export function withWhole(frame, whole) {
  return whole ? { ...frame, whole } : centred(frame.width, frame.height, frame.turn);
}

/** The box that the server suggests for the upright picture. @param {Frame} frame */
export function suggested(frame, { crop_x: x, crop_y: y, crop_w: w }) {
  let found = { ...frame, turn: 0, x, y, w };
  while (found.turn !== frame.turn) found = turned(found);
  return inside(found, found.x, found.y, Math.min(w, range(frame).most));
}

/** The same part of a picture that turned out to have other sides. @param {Frame} frame */
export function rescaled(frame, width, height) {
  const scale = Math.min(width, height) / Math.min(frame.width, frame.height);
  const w = Math.max(1, Math.min(Math.round(frame.w * scale), width, height));
  const found = inside({ ...frame, width, height }, frame.x * scale, frame.y * scale, w);
  return { ...found, whole: frame.whole };
}

/** Where a slider stands, 0 to 100, by the logarithm. @param {Frame} frame */
export function sliderOf(frame) {
  const { least, most } = range(frame);
  if (frame.whole || most === least) return 0;
  return (100 * Math.log(most / frame.w)) / Math.log(most / least);
}

/** The side of the square for a slider's place. @param {Frame} frame */
export function sideAt(frame, place) {
  const { least, most } = range(frame);
  return most * (least / most) ** (place / 100);
}

/** The arguments of users.setPhoto; no box keeps all. @param {Frame} frame */
export function numbers({ whole, turn, x, y, w }) {
  const box = whole ? {} : { crop_x: x, crop_y: y, crop_w: w };
  return turn ? { ...box, rotate: turn } : box;
}

/** From the upright picture to a view of `side` pixels, as CSS has it. @param {Frame} frame */
export function matrix(frame, side) {
  const [across, down] = turnedSize(frame);
  const all = Math.max(across, down);
  const [x, y, w] = frame.whole
    ? [-Math.floor((all - across) / 2), -Math.floor((all - down) / 2), all]
    : [frame.x, frame.y, frame.w];
  const { width, height } = frame;
  const [a, b, c, d, e, f] = {
    0: [1, 0, 0, 1, 0, 0],
    90: [0, 1, -1, 0, height, 0],
    180: [-1, 0, 0, -1, width, height],
    270: [0, -1, 1, 0, 0, width],
  }[frame.turn];
  return [a, b, c, d, e - x, f - y].map((part) => (part * side) / w);
}

/** A square of side `w` as near to (x, y) as the picture allows, in whole pixels. */
function inside(frame, x, y, w) {
  const [across, down] = turnedSize(frame);
  const between = (place, most) => Math.min(Math.max(Math.round(place), 0), most);
  return { ...frame, whole: false, x: between(x, across - w), y: between(y, down - w), w };
}
