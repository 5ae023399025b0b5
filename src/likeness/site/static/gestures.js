/** Hands on the stage: drag, pinch, wheel, double tap and keys become frames. */

import { moved, turned, zoomed } from "./frame.js";

const WHEEL_STEP = 0.0015;
/** A pinch on a trackpad comes as a wheel with Ctrl, in smaller numbers. */
const PINCH_STEP = 0.01;
const REST_MS = 250;
const TAP_ZOOM = 1.6;
const KEY_ZOOM = 1.1;
const FAR = 10;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {HTMLElement} stage @param {import("./desk.js").Desk} desk */
export function listen(stage, desk) {
  pointers(stage, desk);
  let rest = 0;
  const zoomAt = (factor, event) => {
    const part = partOf(desk, event.clientX, event.clientY);
    desk.set(zoomed(desk.frame, desk.frame.w / factor, ...part));
    clearTimeout(rest); // A turn of the wheel is one step, though it comes as many.
    rest = setTimeout(() => desk.settle(), REST_MS);
  };
  const on = (name, act) =>
    stage.addEventListener(name, (event) => desk.frame && act(event), { passive: false });
  on("wheel", (event) => {
    event.preventDefault();
    zoomAt(Math.exp(-event.deltaY * (event.ctrlKey ? PINCH_STEP : WHEEL_STEP)), event);
  });
  on("dblclick", (event) => zoomAt(TAP_ZOOM, event));
  on("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !pressed(event, desk)) return;
    event.preventDefault();
    desk.settle();
  });
}

/** Zoom around the middle by steps of keys and buttons. @param {number} steps */
export function zoomBy(desk, steps) {
  desk.set(zoomed(desk.frame, desk.frame.w / KEY_ZOOM ** steps));
}

/** A place on the screen in parts of the square. */
function partOf({ square }, x, y) {
  const { left, top, width, height } = square.getBoundingClientRect();
  return [(x - left) / width, (y - top) / height];
}

function pressed({ key, shiftKey }, desk) {
  if (ARROWS[key]) {
    // A step is a pixel of the screen, or of the picture where those are the larger ones.
    const step = Math.max(1, Math.round(desk.frame.w / desk.square.clientWidth));
    const steps = ARROWS[key].map((way) => way * step * (shiftKey ? FAR : 1));
    desk.set(moved(desk.frame, ...steps));
  } else if (key === "+" || key === "=") zoomBy(desk, 1);
  else if (key === "-") zoomBy(desk, -1);
  else if (key === "r" || key === "R") desk.set(turned(desk.frame));
  else if (key === "0") desk.reset();
  else return false;
  return true;
}

function pointers(stage, desk) {
  const down = new Map();
  let start = null;
  // Every finger more or less begins a new gesture from where the frame is: nothing jumps.
  const begin = () => (start = down.size ? { frame: desk.frame, ...pose(down) } : null);
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || !desk.frame) return;
    stage.setPointerCapture(event.pointerId);
    down.set(event.pointerId, event);
    stage.classList.add("held");
    begin();
  });
  stage.addEventListener("pointermove", (event) => {
    if (!down.has(event.pointerId) || !desk.frame) return;
    down.set(event.pointerId, event);
    desk.set(followed(start, pose(down), desk));
  });
  const end = (event) => {
    if (!down.delete(event.pointerId)) return;
    begin();
    if (down.size) return;
    stage.classList.remove("held");
    desk.settle();
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
}

/** The middle of the fingers, and how far they are apart (0 for one). */
function pose(down) {
  const [one, two = one] = [...down.values()];
  const [x, y] = [(one.clientX + two.clientX) / 2, (one.clientY + two.clientY) / 2];
  return { x, y, spread: Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY) };
}

/** The frame for fingers that went from one pose to another. */
function followed(start, now, desk) {
  let { frame } = start;
  if (start.spread && now.spread) {
    frame = zoomed(frame, (frame.w * start.spread) / now.spread, ...partOf(desk, start.x, start.y));
  }
  const scale = frame.w / desk.square.clientWidth;
  return moved(frame, (start.x - now.x) * scale, (start.y - now.y) * scale);
}
