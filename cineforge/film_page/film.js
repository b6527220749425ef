// Shows an artifact when its address is asked for: unpacks what it is packed in. Reads nothing from outside the page.
"use strict";
(() => {
  const packed = JSON.parse(document.getElementById("packed").textContent);
  const place = document.getElementById("artifact");
  const opened = new Map();

  async function unpack(number) {
    const text = document.getElementById(`pack-${number}`).textContent;
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new DOMParser().parseFromString(await new Response(stream).text(), "text/html");
  }

  function asked() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return "";
    }
  }

  async function show() {
    const name = asked();
    const number = name.startsWith("a:") && Object.hasOwn(packed, name.slice(2)) ? packed[name.slice(2)] : undefined;
    document.body.classList.toggle("reading", number !== undefined);
    if (number === undefined) return;
    if (typeof DecompressionStream === "undefined") {
      place.textContent = "This browser is too old to unpack what artifacts say: take one of 2023 or later.";
      return;
    }
    if (!opened.has(number)) opened.set(number, unpack(number));
    const article = (await opened.get(number)).getElementById(name);
    if (asked() !== name) return;
    place.replaceChildren(document.importNode(article, true));
    window.scrollTo(0, 0);
    document.getElementById("main").focus({ preventScroll: true });
  }

  const search = document.getElementById("search");
  const found = document.getElementById("found");
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const names = words.length ? Object.keys(packed).filter((name) => words.every((word) => name.includes(word))) : [];
    found.replaceChildren(
      ...names.slice(0, 12).map((name) => {
        const link = document.createElement("a");
        link.href = `#a:${name}`;
        link.textContent = name;
        const item = document.createElement("li");
        item.append(link);
        return item;
      }),
    );
  });
  search.form.addEventListener("submit", (event) => {
    event.preventDefault();
    found.querySelector("a")?.click();
  });
  window.addEventListener("hashchange", () => {
    found.replaceChildren();
    show();
  });
  show();
})();
