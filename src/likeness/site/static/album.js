/** The photo that people see, the ones before it, and the addresses to show them by. */

import { find, wantsStill, word } from "./say.js";

const ANIMATED = /_(\d+)\.gif$/;
/** The id of a photo as its addresses have it; answers to users.setPhoto have it nowhere else. */
const ID = /\/(\d+)_[0-9a-f]+_\w+\.\w+$/;

/** What the page shows of somebody. It never calls the server. */
export class Album {
  now = find("now");
  /** The id of the photo that people see; "" for none. */
  current = this.now.dataset.photo;

  /** Show all that there is. @param {any[]} photos of users.listPhotos, newest first */
  show(photos) {
    this.showCurrent(photos.find(({ state }) => state === "current"));
    const earlier = photos.filter(({ state }) => state === "replaced");
    find("earlier").hidden = !earlier.length;
    find("past").replaceChildren(...earlier.map(item));
  }

  /** Show the photo that people see now, or what stands in for none. @param {any} photo */
  showCurrent(photo) {
    this.current = ID.exec(photo?.image_192)?.[1] ?? "";
    const [url, twice] = [192, 512].map((size) => {
      const own = photo?.[`image_${size}`] ?? this.now.dataset[`default${size}`];
      return wantsStill() ? own.replace(ANIMATED, "_$1_still.png") : own;
    });
    Object.assign(this.now, { src: url, srcset: `${url}, ${twice} 2x` });
    this.now.alt = word(photo ? "alt_photo" : "alt_default");
    for (const part of document.querySelectorAll("[data-with-photo]")) part.hidden = !photo;
    for (const field of document.querySelectorAll("[data-size]")) {
      field.value = photo?.[`image_${field.dataset.size}`] ?? "";
    }
  }
}

/** One earlier photo, from the same markup as those that came with the page. */
function item({ id, set_at: seconds, image_72: url, image_192: twice }) {
  const copy = find("past-item").content.cloneNode(true);
  const day = new Date(seconds * 1000).toISOString().slice(0, 10);
  Object.assign(copy.querySelector("img"), { src: url, srcset: `${url}, ${twice} 2x` });
  copy.querySelector("[name=photo]").value = id;
  copy.querySelector("time").dateTime = day;
  for (const part of copy.querySelectorAll("time, .day")) part.textContent = day;
  return copy;
}

/** Put an address where it can be pasted from. Without HTTPS there is only the old way. */
export async function copyFrom(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy");
  }
}
