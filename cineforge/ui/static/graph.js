// Draws the graph that the page lists in words.
"use strict";

const drawn = JSON.parse(document.getElementById("graph-data").textContent);
const place = document.getElementById("graph");
const about = document.getElementById("graph-node");
const colours = getComputedStyle(document.documentElement);
const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
const LOOKS = {
  valid: ["good", "solid", 2],
  confirmed_valid: ["info", "double", 5],
  stale: ["warn", "dashed", 3],
  needs_revision: ["bad", "dotted", 3],
  vanished: ["plain", "dotted", 2],
};

function laidOut() {
  const layers = new dagre.graphlib.Graph();
  const narrow = place.clientWidth < 600;
  layers.setGraph({ rankdir: narrow ? "TB" : "LR", nodesep: 12, ranksep: 60 });
  layers.setDefaultEdgeLabel(() => ({}));
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "13px system-ui, sans-serif";
  const sizes = new Map();
  for (const node of drawn.nodes) {
    const lines = node.label.split("\n");
    const size = {
      width: Math.min(340, Math.max(...lines.map((line) => pen.measureText(line).width))) + 24,
      height: 18 * lines.length + 14,
    };
    sizes.set(node.id, size);
    layers.setNode(node.id, { ...size });
  }
  for (const edge of drawn.edges) layers.setEdge(edge.source, edge.target);
  dagre.layout(layers);
  return drawn.nodes.map((node) => {
    const at = layers.node(node.id);
    return { data: { ...node, ...sizes.get(node.id) }, position: { x: at.x, y: at.y } };
  });
}

const looks = Object.entries(LOOKS).map(([state, [name, line, width]]) => ({
  selector: `node[state = "${state}"]`,
  style: {
    "background-color": colour(`${name}-bg`),
    color: colour(name),
    "border-color": colour(name),
    "border-style": line,
    "border-width": width,
  },
}));

const graph = cytoscape({
  container: place,
  elements: {
    nodes: laidOut(),
    edges: drawn.edges.map((edge, number) => ({ data: { ...edge, id: `edge ${number}` } })),
  },
  layout: { name: "preset" },
  minZoom: 0.03,
  maxZoom: 4,
  autoungrabify: true,
  boxSelectionEnabled: false,
  style: [
    {
      selector: "node",
      style: {
        label: "data(label)",
        shape: "round-rectangle",
        width: "data(width)",
        height: "data(height)",
        "text-valign": "center",
        "text-wrap": "wrap",
        "text-max-width": "340px",
        "font-size": 13,
        "font-family": "system-ui, sans-serif",
        "line-height": 1.25,
      },
    },
    ...looks,
    { selector: "node[kind = 'group']", style: { shape: "cut-rectangle" } },
    { selector: "node[?changed]", style: { "border-color": colour("accent"), "border-width": 5, "border-style": "solid" } },
    {
      selector: "edge",
      style: {
        width: 1.5,
        opacity: 0.75,
        "line-color": colour("dim"),
        "target-arrow-color": colour("dim"),
        "target-arrow-shape": "triangle",
        "curve-style": "bezier",
      },
    },
    {
      selector: "edge[?changed], edge[?carried]",
      style: { width: 3, "line-color": colour("warn"), "target-arrow-color": colour("warn") },
    },
    { selector: "edge[?carried]", style: { "line-style": "dashed" } },
    { selector: ".far", style: { opacity: 0.18 } },
    { selector: "node:selected, node.found", style: { "overlay-color": colour("link"), "overlay-opacity": 0.25, "overlay-padding": 4 } },
  ],
});
graph.fit(undefined, 30);
if (graph.zoom() > 1.1) graph.zoom({ level: 1.1, renderedPosition: { x: place.clientWidth / 2, y: place.clientHeight / 2 } });
const asked = graph.nodes("[?asked]");
if (asked.length === 1) focus(asked);
window.cineforgeGraph = graph;

// On paper the whole of it is a picture: what is drawn fits the window, not the sheet.
addEventListener("beforeprint", () => {
  document.getElementById("graph-printed").src = graph.png({ full: true, scale: 2, maxWidth: 4000, maxHeight: 4000 });
});

// The lineage of a node both ways; all else steps back.
function focus(node) {
  const near = node.union(node.predecessors()).union(node.successors());
  graph.elements().addClass("far");
  near.removeClass("far");
  const data = node.data();
  about.replaceChildren();
  const title = document.createElement("p");
  const name = document.createElement("strong");
  name.textContent = data.label;
  name.className = "text";
  title.append(name);
  const ways = document.createElement("p");
  const link = (text, address) => {
    const made = document.createElement("a");
    made.textContent = text;
    made.href = address;
    ways.append(made, " ");
  };
  link(data.kind === "group" ? "List them" : "Open", data.url);
  const query = new URLSearchParams(location.search);
  if (data.kind === "group") {
    query.append("expand", data.type);
    link("Open the group", `/graph?${query}`);
  } else {
    link("Only its lineage", `/graph?${new URLSearchParams({ focus: data.id })}`);
  }
  const counts = document.createElement("p");
  counts.className = "by";
  counts.textContent = `${node.predecessors("node").length} above it, ${node.successors("node").length} below it here`;
  about.append(title, counts, ways);
}

graph.on("tap", "node", (event) => focus(event.target));
graph.on("dbltap", "node", (event) => (location.href = event.target.data("url")));
graph.on("tap", (event) => {
  if (event.target === graph) graph.elements().removeClass("far");
});

function zoom(by) {
  const middle = { x: place.clientWidth / 2, y: place.clientHeight / 2 };
  graph.zoom({ level: graph.zoom() * by, renderedPosition: middle });
}
for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => {
    if (button.dataset.zoom === "fit") graph.fit(undefined, 30);
    else zoom(button.dataset.zoom === "in" ? 1.3 : 1 / 1.3);
  });
}
place.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
  if (step) graph.panBy({ x: step[0], y: step[1] });
  else if (event.key === "+") zoom(1.3);
  else if (event.key === "-") zoom(1 / 1.3);
  else if (event.key === "0") graph.fit(undefined, 30);
  else return;
  event.preventDefault();
});

document.getElementById("graph-search").addEventListener("input", (event) => {
  const letters = event.target.value.trim().toLowerCase();
  graph.nodes().removeClass("found");
  if (!letters) return;
  const found = graph.nodes().filter((node) => node.data("label").toLowerCase().includes(letters));
  found.addClass("found");
  if (found.length) graph.animate({ fit: { eles: found, padding: 120 }, duration: 0 });
  if (graph.zoom() > 1.2) graph.zoom({ level: 1.2, position: found[0]?.position() });
});

const slider = document.getElementById("moment");
if (slider) {
  const moments = slider.dataset.moments.trim().split(" ");
  const at = slider.dataset.at;
  if (at) {
    const later = moments.findIndex((each) => each > at);
    slider.value = later < 0 ? moments.length - 1 : Math.max(0, later - 1);
  }
  const told = document.querySelector("output[for=moment]");
  const chosen = () => moments[Number(slider.value)];
  slider.addEventListener("input", () => {
    told.textContent = chosen() ? `${chosen().slice(0, 19).replace("T", " ")} UTC` : "now";
  });
  slider.addEventListener("change", () => {
    const form = document.getElementById("filters");
    form.elements.at.value = chosen() ?? "";
    form.requestSubmit();
  });
}
