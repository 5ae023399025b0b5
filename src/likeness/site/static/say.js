/** What the page says, in words of its template. */

const PAUSE_MS = 700;
let waiting = 0;

/** An element by its id. @param {string} id */
export const find = (id) => document.getElementById(id);

/** Whether less motion is wished for. */
export const wantsStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A sentence of the template, `{percent}` in it replaced by `values.percent`. */
export function word(name, values = {}) {
  const text = document.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
  return text.replace(/\{(\w+)\}/g, (gap, key) => values[key] ?? gap);
}

/** Tell screen readers once the hands rest; only the last of many is said. */
export function speak(text) {
  clearTimeout(waiting);
  waiting = setTimeout(() => (find("spoken").textContent = text), PAUSE_MS);
}

/** Bytes as people know them. */
export function megabytes(bytes) {
  const maximumFractionDigits = bytes < 10 * 2 ** 20 ? 1 : 0;
  return (bytes / 2 ** 20).toLocaleString(undefined, { maximumFractionDigits });
}

/** The words of a refusal: the server's sentence, or ours for its code. */
export function sentence({ code, sentence: said }) {
  const isSignedOut = /auth|token/.test(code);
  return punctuated((isSignedOut && word("signed_out")) || said || word(code) || word("refused"));
}

/** Words of the server as a sentence. */
export const punctuated = (text) =>
  text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
