// What pages do where there is script: the summary of errors is read first, "/" leads to the search.
"use strict";
document.getElementById("errors")?.focus();
document.addEventListener("keydown", (press) => {
  const typing = press.target.closest("input, textarea, select, [contenteditable]");
  const search = document.querySelector("main [type=search]");
  if (press.key === "/" && !typing && search && !press.ctrlKey && !press.metaKey && !press.altKey) {
    press.preventDefault();
    search.focus();
  }
});
for (const button of document.querySelectorAll(".js-print")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
