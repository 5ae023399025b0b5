/** Puts a framed picture into square views: the stage, and every size that others will see. */

import { matrix } from "./frame.js";

/** Give a view its element: an image if it moves, else a canvas, which is never read. */
export function mount(box, picture) {
  const isStill = picture.levels.length > 0;
  const element = document.createElement(isStill ? "canvas" : "img");
  if (!isStill) Object.assign(element, { src: picture.url, alt: "", draggable: false });
  box.replaceChildren(element);
}

/** Draw what the frame keeps, with `bleed` pixels around. @param {HTMLElement} box */
export function draw(box, picture, frame, bleed = 0) {
  const width = box.clientWidth;
  if (!width) return; // It is not shown in this layout.
  const [a, b, c, d, e, f] = matrix(frame, width - 2 * bleed);
  const parts = [a, b, c, d, e + bleed, f + bleed];
  const element = box.firstElementChild;
  if (picture.levels.length) return drawStill(element, picture, frame, parts, width);
  element.style.width = `${frame.width}px`;
  element.style.height = `${frame.height}px`;
  element.style.transform = `matrix(${parts})`;
}

function drawStill(canvas, { levels }, { width, height }, parts, shown) {
  const side = Math.round(shown * devicePixelRatio);
  canvas.width = canvas.height = side; // Which wipes it as well.
  const scale = side / shown;
  const pixels = width * scale * Math.max(Math.abs(parts[0]), Math.abs(parts[1]));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.setTransform(...parts.map((part) => part * scale));
  // The smallest level that has a pixel for each one that is drawn.
  const level = levels.findLast((one) => one.width >= pixels) ?? levels[0];
  context.drawImage(level, 0, 0, width, height);
}
