// Has Mermaid itself parse the texts in the files named; exits with 1 on the first that it cannot read.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const from = createRequire(`${process.env.CINEFORGE_MERMAID}/package.json`);
const { JSDOM } = await import(pathToFileURL(from.resolve("jsdom")));
globalThis.window = new JSDOM("").window;
globalThis.document = globalThis.window.document;
const { default: mermaid } = await import(pathToFileURL(from.resolve("mermaid")));
for (const file of process.argv.slice(2)) {
  const { diagramType } = await mermaid.parse(readFileSync(file, "utf8"));
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(readFileSync(file, "utf8"));
  console.log(JSON.stringify({ diagramType, nodes: [...db.getVertices().values()].map((node) => node.text), edges: db.getEdges().length }));
}
