(function () {
  "use strict";
  var form = __FORM__;
  var script = document.currentScript;
  var address = script.src.replace(/\.js([?#].*)?$/, "");
  var language = (document.documentElement.lang || navigator.language || "").toLowerCase();
  var vi = language.indexOf("vi") === 0;
  function pick(texts) { return vi ? texts.vi : texts.en; }
  function make(tag, properties, parent) {
    var element = document.createElement(tag);
    for (var name in properties) { element[name] = properties[name]; }
    parent.appendChild(element);
    return element;
  }

  var box = document.createElement("form");
  box.className = "relata-form";
  form.fields.forEach(function (field) {
    var label = make("label", {}, make("p", {}, box));
    make("span", { textContent: pick(field.label) + (field.required ? " *" : "") }, label);
    var input = make(field.kind === "textarea" ? "textarea" : "input", { name: field.name, required: field.required }, label);
    if (field.kind !== "textarea") { input.type = field.kind; }
  });
  if (form.consent) {
    var agree = make("label", {}, make("p", {}, box));
    make("input", { type: "checkbox", name: "consent", value: "true" }, agree);
    make("span", { textContent: " " + pick(form.consent) }, agree);
  }
  var trap = make("div", {}, box);
  trap.setAttribute("aria-hidden", "true");
  trap.style.position = "absolute";
  trap.style.left = "-10000px";
  make("input", { type: "text", name: form.honeypot, tabIndex: -1, autocomplete: "off" }, trap);
  var button = make("button", { type: "submit", textContent: pick(form.send) }, make("p", {}, box));
  var said = make("p", { className: "relata-form-said" }, box);
  said.setAttribute("role", "status");

  box.addEventListener("submit", function (event) {
    event.preventDefault();
    var answers = {};
    Array.prototype.forEach.call(box.elements, function (input) {
      if (input.name && (input.type !== "checkbox" || input.checked)) { answers[input.name] = input.value; }
    });
    answers.page = location.origin + location.pathname;
    new URLSearchParams(location.search).forEach(function (value, name) {
      if (form.tracked.indexOf(name) >= 0) { answers[name] = value; }
    });
    button.disabled = true;
    fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": vi ? "vi" : "en" },
      body: JSON.stringify(answers)
    }).then(function (answer) {
      return answer.json().then(function (content) {
        said.textContent = answer.ok ? content.message : content.errors && content.errors.length ?
          content.errors.map(function (error) { return error.message; }).join(" ") : content.detail;
        if (answer.ok) { box.reset(); }
      });
    }).catch(function () {
      said.textContent = pick(form.failed);
    }).then(function () {
      button.disabled = false;
    });
  });
  script.parentNode.insertBefore(box, script);
})();
