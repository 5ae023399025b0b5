/** Ways to hand over a picture: choose it, take it, drop it anywhere, paste it. */

/**
 * @param {(file: File) => void} take   called with every file
 * @param {() => void} none   called when a drop holds none
 */
export function listen(take, none) {
  for (const input of document.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = ""; // So that choosing the same file again is a change as well.
      if (file) take(file);
    });
  }
  document.addEventListener("paste", ({ clipboardData }) => {
    const file = pictureIn(clipboardData);
    if (file) take(file);
  });
  // Each element that is crossed fires both; only the sum says whether it is still here.
  let depth = 0;
  const on = (name, act) =>
    document.addEventListener(name, (event) => {
      // Text that is dragged about on the page is none of our business.
      const { types } = event.dataTransfer;
      if (!types.includes("Files") && !types.includes("text/uri-list")) return;
      event.preventDefault();
      act(event.dataTransfer);
      document.documentElement.classList.toggle("dropping", depth > 0);
    });
  on("dragenter", () => (depth += 1));
  on("dragover", (transfer) => (transfer.dropEffect = "copy"));
  on("dragleave", () => (depth = Math.max(0, depth - 1)));
  on("drop", (transfer) => {
    depth = 0;
    const file = pictureIn(transfer);
    if (file) take(file);
    else none();
  });
}

/** The first picture; else the first file, so that the server can say what is wrong with it. */
function pictureIn(transfer) {
  const files = [...transfer.files];
  return files.find((file) => file.type.startsWith("image/")) ?? files[0];
}
