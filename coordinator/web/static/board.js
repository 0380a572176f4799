// The day board: one stop for Tab, arrow keys within, the whole visit outlined, what it is said in full below.
"use strict";
(() => {
  const board = document.querySelector(".board");
  if (!board) return;
  const boxes = [...board.querySelectorAll(".bar-box")];
  const said = document.getElementById("said");
  const ways = document.getElementById("said-ways");
  const middle = (box) => box.offsetLeft + box.offsetWidth / 2;
  const rows = [...board.querySelectorAll(".board-row")]
    .map((row) => [...row.querySelectorAll(".bar-box")].sort((a, b) => a.offsetLeft - b.offsetLeft))
    .filter((row) => row.length);

  const stop = (box) => boxes.forEach((each) => { each.tabIndex = each === box ? 0 : -1; });
  const show = (box) => {
    stop(box);
    const visit = box.dataset.visit;
    boxes.forEach((each) => each.classList.toggle("sister", Boolean(visit) && each.dataset.visit === visit));
    said.textContent = box.getAttribute("aria-label");
    ways.hidden = !visit;
    if (visit) {
      ways.querySelector(".to-plan").href = box.href;
      ways.querySelector(".to-move").href = `/appointments/${visit}/move`;
    }
  };
  const near = (row, box) => row.reduce((best, each) =>
    Math.abs(middle(each) - middle(box)) < Math.abs(middle(best) - middle(box)) ? each : best);
  const go = (box, key) => {
    const at = rows.findIndex((row) => row.includes(box));
    const row = rows[at], place = row.indexOf(box);
    if (key === "ArrowRight") return row[place + 1];
    if (key === "ArrowLeft") return row[place - 1];
    if (key === "Home") return row[0];
    if (key === "End") return row[row.length - 1];
    if (key === "ArrowDown" && rows[at + 1]) return near(rows[at + 1], box);
    if (key === "ArrowUp" && rows[at - 1]) return near(rows[at - 1], box);
    return undefined;
  };
  board.addEventListener("keydown", (press) => {
    const box = press.target.closest(".bar-box");
    const next = box && !press.ctrlKey && !press.metaKey && !press.altKey && go(box, press.key);
    if (!next) return;
    press.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  board.addEventListener("focusin", (focus) => {
    const box = focus.target.closest(".bar-box");
    if (box) show(box);
  });
  board.addEventListener("pointerover", (over) => {
    const box = over.target.closest(".bar-box");
    if (box && !board.contains(document.activeElement)) show(box);
  });
  if (boxes.length) stop(boxes[0]);
  const now = board.querySelector(".board-head .now");
  if (now) board.scrollLeft = Math.max(0, now.offsetLeft - board.clientWidth / 2);
})();
