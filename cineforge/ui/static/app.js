// What makes pages livelier; each of them works without it.
"use strict";

for (const place of document.querySelectorAll("[data-load]")) {
  if (place.dataset.load) load(place, place.dataset.load);
  if (place.dataset.live) follow(place, place.dataset.live);
}

// A piece of the page that takes longer than the rest.
async function load(place, address) {
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { accept: "text/html-piece" } });
    const text = await answer.text();
    if (answer.headers.get("content-type").startsWith("text/html")) place.innerHTML = text;
    else place.textContent = text;
  } catch {
    place.append("The server does not answer.");
  }
  place.removeAttribute("aria-busy");
}

// A piece that the server sends anew whenever it changes. Not while nobody sees it: browsers open few connections.
function follow(place, address) {
  let source = null;
  const begin = () => {
    if (source) return;
    source = new EventSource(address);
    source.addEventListener("piece", (event) => {
      const open = [...place.querySelectorAll("details[open]")].map((each) => each.id);
      place.innerHTML = event.data;
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    });
    source.addEventListener("over", () => {
      source.close();
      if (place.dataset.over) location.replace(place.dataset.over);
    });
  };
  const end = () => {
    source?.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
  addEventListener("pagehide", end);
  if (!document.hidden) begin();
}

for (const box of document.querySelectorAll("[data-all]")) {
  box.addEventListener("change", () => {
    for (const each of box.form.elements[box.dataset.all].length ? box.form.elements[box.dataset.all] : [box.form.elements[box.dataset.all]]) each.checked = box.checked;
  });
}

// Who says something is typed once.
for (const field of document.querySelectorAll("[data-remember]")) {
  const name = `cineforge.${field.dataset.remember}`;
  const before = localStorage.getItem(name);
  if (before) field.value = before;
  field.addEventListener("change", () => localStorage.setItem(name, field.value));
}
