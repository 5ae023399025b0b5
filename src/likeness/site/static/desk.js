/** Where a picture is framed: the stage, its tools, and the views that follow. */

import * as geometry from "./frame.js";
import { listen as listenToHands, zoomBy } from "./gestures.js";
import { draw, mount } from "./paint.js";
import { fromFile, fromUrl } from "./picture.js";
import { find, speak, word } from "./say.js";

const STORED_MAX = 1024;
const SOFT_BELOW = 512;
/** Sides that differ by more were not turned here. */
const TOLERANCE = 0.01;

/** Holds one picture at a time; `frame` is how it is framed. */
export class Desk {
  root = find("framing");
  square = find("square");
  frame = null;
  picture = null;
  steps = [];

  /** @param {string} letterbox the colour of bars */
  constructor(letterbox) {
    this.letterbox = letterbox;
    const light = this.root.querySelector(".paper");
    const dark = light.cloneNode(true);
    dark.classList.replace("light", "dark");
    light.after(dark);
    this.views = [...this.root.querySelectorAll(".view")];
    for (const { style, dataset } of this.views) {
      if (dataset.side) style.width = style.height = `${dataset.side}px`;
    }
    this.listen();
  }

  /** Show a file at once, from this device. @param {File} file */
  async open(file) {
    this.close();
    this.kind = file.type;
    const visit = (this.visit = {});
    const picture = await fromFile(file);
    // Another was chosen, or the server was faster.
    if (visit !== this.visit || this.picture || !picture) return picture?.close();
    this.show(picture, geometry.centred(picture.width, picture.height));
  }

  /** Go by the server's copy, and its pixels. @param {any} answer of users.preparePhoto */
  async agree({ url, width, height, orientation, suggested }) {
    const { visit, picture: mine } = this;
    // Browsers turn no WebP.
    const lies = orientation > 1 && this.kind === "image/webp";
    if (!mine || lies || Math.abs((mine.width * height) / (mine.height * width) - 1) > TOLERANCE) {
      const picture = await fromUrl(url);
      if (visit !== this.visit) return picture?.close();
      this.picture?.close();
      this.frame = geometry.centred(width, height);
      // It can be set unseen, if need be.
      if (!picture) return;
      this.show(picture, this.frame);
    }
    find("suggest").hidden = !suggested;
    this.suggestion = suggested;
    this.set(geometry.rescaled(this.frame, width, height));
    this.steps = [this.frame];
  }

  /** Forget the picture. */
  close() {
    this.picture?.close();
    this.picture = this.frame = this.visit = null;
    find("suggest").hidden = true;
    this.enable(false);
    for (const view of this.views) view.replaceChildren();
  }

  show(picture, frame) {
    Object.assign(this, { picture, frame, steps: [frame] });
    this.enable(true);
    for (const view of this.views) mount(view, picture);
    find("whole").hidden = frame.width === frame.height;
    this.paint();
  }

  enable(isOn) {
    this.root.classList.toggle("blind", !isOn);
    for (const control of this.root.querySelectorAll(".tools > *")) control.disabled = !isOn;
  }

  set(frame) {
    this.frame = frame;
    this.pending ??= requestAnimationFrame(() => this.paint());
  }

  reset() {
    this.set(geometry.centred(this.frame.width, this.frame.height));
  }

  /** A gesture is over: it can be taken back, and it is told. */
  settle() {
    const { frame, steps } = this;
    if (!frame || JSON.stringify(frame) === JSON.stringify(steps.at(-1))) return;
    steps.push(frame);
    const [across, down] = geometry.turnedSize(frame);
    const places = { x: frame.x, across: across - frame.w, y: frame.y, down: down - frame.w };
    speak(word(frame.whole ? "told_whole" : "told", { ...places, zoom: zoomOf(frame) }));
  }

  /** Take the last gesture back. */
  back() {
    if (this.steps.length < 2) return;
    this.steps.pop();
    this.set(this.steps.at(-1));
    speak(word("taken_back"));
  }

  paint() {
    this.pending = null;
    const { frame, picture, square } = this;
    if (!picture) return;
    // Only with bars: else their colour shimmers through along the edges.
    const bars = frame.whole && !picture.clear ? this.letterbox : "";
    for (const view of this.views) {
      const isStage = view.id === "layer";
      (isStage ? square : view).style.backgroundColor = bars;
      draw(view, picture, frame, isStage ? square.offsetLeft : 0);
    }
    square.classList.toggle("checkered", picture.clear);
    find("slider").value = geometry.sliderOf(frame);
    find("slider").ariaValueText = `${zoomOf(frame)} %`;
    find("whole").ariaPressed = frame.whole;
    const side = frame.whole ? Math.max(frame.width, frame.height) : frame.w;
    const isSoft = side < SOFT_BELOW;
    const outcome = find("outcome");
    outcome.textContent = word(isSoft ? "soft" : "stored", { side: Math.min(side, STORED_MAX) });
    outcome.classList.toggle("warning", isSoft);
  }

  listen() {
    listenToHands(find("stage"), this);
    const on = {
      closer: () => zoomBy(this, 1),
      wider: () => zoomBy(this, -1),
      rotate: () => this.set(geometry.turned(this.frame)),
      whole: () => this.set(geometry.withWhole(this.frame, !this.frame.whole)),
      suggest: () => this.set(geometry.suggested(this.frame, this.suggestion)),
      reset: () => this.reset(),
    };
    for (const [id, act] of Object.entries(on)) {
      find(id).addEventListener("click", () => {
        act();
        this.settle();
      });
    }
    const slider = find("slider");
    slider.addEventListener("input", () =>
      this.set(geometry.zoomed(this.frame, geometry.sideAt(this.frame, slider.value))),
    );
    slider.addEventListener("change", () => this.settle());
    this.root.addEventListener("change", ({ target }) => {
      if (target.name === "shape") this.root.dataset.shape = target.value;
    });
    new ResizeObserver(() => this.paint()).observe(this.root);
  }
}

function zoomOf(frame) {
  return frame.whole ? 100 : Math.round((100 * geometry.range(frame).most) / frame.w);
}
