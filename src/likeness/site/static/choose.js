// One box for all on this page, and how many are chosen. Without this script each box is ticked.
const boxes = [...document.querySelectorAll("[name=chosen]")];
const told = document.getElementById("chosen");
if (boxes.length && told) {
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", "Choose all on this page");
  document.querySelector("thead .tick").replaceChildren(all);
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && !all.checked;
    told.textContent = chosen ? `(${chosen} of ${boxes.length})` : "";
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  for (const box of boxes) box.addEventListener("change", count);
  count();
}
