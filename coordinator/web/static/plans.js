// The plan page: after a search the answer is where the keyboard is; two presses book nothing twice; F and 1 to 3.
"use strict";
atKey.f = () => document.querySelector("#find button")?.click();
["A", "B", "C"].forEach((letter, index) => {
  atKey[index + 1] = () => document.querySelector(`[data-book="${letter}"] button`)?.click();
});
document.addEventListener("htmx:afterSwap", () => {
  document.querySelectorAll("main > .flash").forEach((said) => said.remove());
  const found = document.getElementById("found");
  if (found) found.focus({ preventScroll: true });
});
document.addEventListener("submit", (sending) => {
  if (sending.target.matches("[hx-post]")) return;
  const button = sending.target.querySelector("button[type=submit]");
  if (button) setTimeout(() => { button.disabled = true; }, 0);
});
document.addEventListener("click", (press) => {
  const link = press.target.closest("a[data-wait]");
  if (!link || press.ctrlKey || press.metaKey || press.shiftKey) return;
  link.dataset.word = link.textContent;
  link.textContent = link.dataset.wait;
  link.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("a[data-word]").forEach((link) => {
    link.textContent = link.dataset.word;
    link.removeAttribute("aria-busy");
  });
  document.querySelectorAll("button[type=submit][disabled]").forEach((button) => { button.disabled = false; });
});
