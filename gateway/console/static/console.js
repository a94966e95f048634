"use strict";
// What pages do beyond links and forms. Every page works without it, but for the parts that htmx loads while one types.
document.documentElement.classList.add("scripted");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu]");
  if (button) {
    const open = document.querySelector(".side").classList.toggle("open");
    button.setAttribute("aria-expanded", String(open));
  }
});

// A form that cannot be taken back asks first; and no form is sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  if (form.method === "post" && !form.hasAttribute("hx-post")) {
    setTimeout(() => form.querySelectorAll("button:not([name])").forEach((each) => { each.disabled = true; }));
  }
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("button[disabled]").forEach((each) => { each.disabled = false; });
});

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-all]")) {
    document.querySelectorAll(`input[name="${box.dataset.all}"]`).forEach((each) => { each.checked = box.checked; });
  }
  if (box.matches("[data-sends]")) box.form.requestSubmit();
});

function tell(sentence) {
  const toast = document.getElementById("toast");
  if (!toast) return;
  toast.replaceChildren();
  const box = document.createElement("div");
  box.className = "flash danger";
  box.textContent = sentence;
  toast.append(box);
  setTimeout(() => { if (box.isConnected) box.remove(); }, 8000);
}
document.addEventListener("htmx:responseError", (event) => tell(event.detail.xhr.responseText.slice(0, 300)));
document.addEventListener("htmx:sendError", () => tell(document.body.dataset.away));
