"use strict";
// Keeps the marks on the start page true while somebody looks at it.
async function look() {
  let services = {};
  try {
    services = (await (await fetch("/services.json", { cache: "no-store" })).json()).services;
  } catch {
    // The gateway itself is away: then nothing can be reached.
  }
  for (const row of document.querySelectorAll("[data-service]")) {
    const ready = services[row.dataset.service] === "ok";
    row.classList.toggle("down", !ready);
    row.querySelector(".is").textContent = ready ? row.dataset.ok : row.dataset.down;
  }
}
setInterval(() => document.hidden || look(), 5000);
