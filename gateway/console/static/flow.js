"use strict";
// Numbers that have changed since the last look are made to be seen, and the feed is followed live.
const seen = new Map();
function compare() {
  document.querySelectorAll("[data-count]").forEach((each) => {
    const before = seen.get(each.dataset.count);
    const now = each.textContent.trim();
    if (before !== undefined && before !== now) each.classList.add("moved");
    seen.set(each.dataset.count, now);
  });
}
document.addEventListener("htmx:afterSwap", compare);
compare();

const feed = document.getElementById("feed");
if (feed) {
  const line = document.getElementById("line");
  const stream = new EventSource(feed.dataset.stream);
  const say = (tone, text) => { line.className = `tag ${tone}`; line.textContent = text; };
  stream.addEventListener("open", () => say("success", line.dataset.on));
  stream.addEventListener("error", () => say("warning", line.dataset.off));
  stream.addEventListener("message", (event) => {
    const row = document.createElement("template");
    row.innerHTML = event.data;
    feed.prepend(row.content);
    document.getElementById("nothing-yet")?.remove();
    while (feed.children.length > Number(feed.dataset.most)) feed.lastElementChild.remove();
  });
  window.addEventListener("pagehide", () => stream.close());
}
