// The chain of reasons behind one cell, layer by layer.
"use strict";

const dialog = document.getElementById("details");
const ANSWERS = { allowed: "✓ allowed", denied: "✕ denied", unproven: "? unproven" };

/** Open the reasons of one cell. */
function showDetails(from, to) {
  const edges = model.edges(from, to);
  const body = document.getElementById("details-body");
  document.getElementById("details-title").textContent = `${data.nodes[from]} → ${data.nodes[to]}`;
  body.replaceChildren(...(edges.length ? edges.flatMap(edgeParts) : closedParts(from, to)), ...otherSide(from, to));
  tip.hidden = true;
  if (!dialog.open) dialog.showModal();
  body.scrollTop = 0;
}

function edgeParts(edge) {
  const facts = make("dl", "facts");
  fact(facts, "ports and paths", text(edge.ports));
  fact(facts, "let through by", text(edge.layers) || "no layer");
  fact(facts, "declared because", text(edge.reason));
  fact(facts, "seen with", text(edge.witness));
  for (const object of edge.objects ?? []) fact(facts, "object", objectPart(object));
  const chain = edge.verdict === undefined ? [quiet("No single request was followed for this cell.")] : chainParts(edge.verdict);
  return [make("p", `badge ${edge.state}`, MEANING[edge.state]), facts, ...chain];
}

function closedParts(from, to) {
  if (!model.looksAt(from, to)) return [quiet("Not looked at: the matrix is about what goes into a tenant, or out of one.")];
  const badge = make("p", "badge closed", "closed");
  const fence = model.fence(to);
  if (!fence) return [badge, quiet("Nothing lets this through.")];
  const facts = make("dl", "facts");
  fact(facts, "seen with", text(fence[1]));
  return [badge, quiet(`Whoever ${data.nodes[to]} names nowhere meets this fence:`), facts, ...chainParts(fence[2])];
}

function otherSide(from, to) {
  if (!model.changed(from, to)) return [];
  const other = model.side === 1 ? 2 : 1;
  const told = model.edges(from, to, other).map((edge) => `${MEANING[edge.state]}, ${text(edge.ports)}`);
  return [make("p", "other", make("b", "", other === 1 ? "before: " : "after: "), told.join("; ") || "closed")];
}

/** A verdict as a list of layers. */
function chainParts(index) {
  const list = make("ol", "chain");
  for (const [layer, answer, reason, change, evidence] of data.verdicts[index]) {
    const title = make("h3", "", layer, " ", make("span", `answer ${answer}`, ANSWERS[answer]));
    const item = make("li", answer, title, make("p", "", text(reason)));
    if (evidence.length) item.append(make("ul", "evidence", ...evidence.map(evidencePart)));
    if (text(change)) item.append(make("p", "flip", make("b", "", "To flip it: "), text(change)));
    list.append(item);
  }
  return [list];
}

function evidencePart([effect, reason, object, path]) {
  const name = object < 0 ? make("i", "", "default") : objectPart(object);
  const where = text(path) ? make("code", "", text(path)) : "";
  return make("li", "", make("span", `effect ${effect}`, effect), name, " ", where, " ", make("span", "", text(reason)));
}

/** An object and the line that wrote it. */
function objectPart(index) {
  const [name, source] = data.objects[index];
  const part = make("span", "object", make("code", "", name));
  if (source) part.append(" ", make("code", "source", source));
  return part;
}

function fact(list, term, value) {
  if (value) list.append(make("dt", "", term), make("dd", "", value));
}

function quiet(words) {
  return make("p", "quiet", words);
}

matrix.open = showDetails;
document.getElementById("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
dialog.addEventListener("close", () => grid.focus({ preventScroll: true }));
