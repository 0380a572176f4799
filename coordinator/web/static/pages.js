// What pages do where there is script: the summary of errors is read first, "/" leads to the search, "?" lists the keys.
"use strict";
document.getElementById("errors")?.focus();
const keys = document.getElementById("keys");
const atKey = {
  "/": () => document.querySelector("main [type=search]")?.focus(),
  "?": () => keys?.showModal(),
};
for (const button of document.querySelectorAll(".js-keys")) {
  button.hidden = false;
  button.addEventListener("click", atKey["?"]);
}
document.addEventListener("keydown", (press) => {
  const typing = press.target.closest("input, textarea, select, [contenteditable]");
  if (typing || keys?.open || press.repeat || press.ctrlKey || press.metaKey || press.altKey) return;
  const act = atKey[press.key.toLowerCase()];
  if (!act) return;
  press.preventDefault();
  act();
});
for (const picture of document.querySelectorAll(".wide > .picture")) {
  const frame = picture.parentElement; // the first step stands in the middle
  frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
}
for (const button of document.querySelectorAll(".js-print")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
