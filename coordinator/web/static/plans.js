// The plan page: after a search the answer is where the keyboard is; two presses book nothing twice.
"use strict";
document.addEventListener("htmx:afterSwap", () => {
  const found = document.getElementById("found");
  if (found) found.focus({ preventScroll: true });
});
document.addEventListener("submit", (sending) => {
  if (sending.target.matches("[hx-post]")) return;
  const button = sending.target.querySelector("button[type=submit]");
  if (button) setTimeout(() => { button.disabled = true; }, 0);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("button[type=submit][disabled]").forEach((button) => { button.disabled = false; });
});
