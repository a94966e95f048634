"use strict";
// Dragging a deal to another lane fills in and sends the form that its card has for those who do not drag.
let dragged = null;
document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.(".deal");
  if (!card) return;
  dragged = card;
  card.classList.add("moving");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.id);
});
document.addEventListener("dragover", (event) => {
  const lane = event.target.closest?.(".lane");
  if (!dragged || !lane) return;
  event.preventDefault();
  document.querySelectorAll(".lane.over").forEach((each) => { if (each !== lane) each.classList.remove("over"); });
  lane.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const lane = event.target.closest?.(".lane");
  if (!dragged || !lane) return;
  event.preventDefault();
  const choice = dragged.querySelector("select[name=stage]");
  if (choice && lane !== dragged.closest(".lane")) {
    choice.value = lane.dataset.stage;
    lane.querySelector("ul").prepend(dragged);
    choice.form.requestSubmit();
  }
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("moving");
  document.querySelectorAll(".lane.over").forEach((each) => each.classList.remove("over"));
  dragged = null;
});
// A move that was refused is taken back on the screen as well.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.target?.id === "board") setTimeout(() => window.location.reload(), 3000);
});
