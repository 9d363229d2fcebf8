// The matrix: only the cells in view are in the document, so a thousand tenants cost what a screen costs.
"use strict";

const grid = document.getElementById("matrix");
const tip = document.getElementById("tip");
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const FULL = 40;

const matrix = {
  nodes: [],
  row: 0,
  column: 0,
  size: 22,
  /** Called with a row's and a column's node when a cell is opened. */
  open: () => {},

  /** Draw `nodes` as rows and columns. */
  show(nodes) {
    this.nodes = nodes;
    this.size = nodes.length <= 12 ? 40 : nodes.length <= FULL ? 28 : 22;
    this.label = labelWidth(nodes);
    this.row = Math.min(this.row, Math.max(0, nodes.length - 1));
    this.column = Math.min(this.column, Math.max(0, nodes.length - 1));
    const side = `${this.label + nodes.length * this.size}px`;
    this.inner = make("div", "inner");
    this.inner.style.width = side;
    this.inner.style.height = side;
    this.inner.style.setProperty("--size", `${this.size}px`);
    this.inner.style.setProperty("--label", `${this.label}px`);
    this.inner.setAttribute("role", "presentation");
    grid.replaceChildren(this.inner);
    grid.classList.toggle("large", nodes.length > FULL);
    grid.setAttribute("aria-rowcount", nodes.length + 1);
    grid.setAttribute("aria-colcount", nodes.length + 1);
    this.draw();
  },

  /** Put the cells that are in view into the document. */
  draw() {
    const rows = this.range(grid.scrollTop, grid.clientHeight);
    const columns = this.range(grid.scrollLeft, grid.clientWidth);
    const lines = [this.head(columns)];
    for (let row = rows[0]; row < rows[1]; row += 1) lines.push(this.line(row, columns));
    this.inner.replaceChildren(...lines);
    this.mark();
  },

  range(start, length) {
    if (this.nodes.length <= FULL) return [0, this.nodes.length];
    const first = Math.max(0, Math.floor(start / this.size) - 2);
    return [first, Math.min(this.nodes.length, first + Math.ceil(length / this.size) + 5)];
  },

  head(columns) {
    const head = make("div", "heads", make("div", "corner"));
    head.setAttribute("role", "row");
    head.setAttribute("aria-rowindex", 1);
    for (let column = columns[0]; column < columns[1]; column += 1) {
      const name = make("span", "name", data.nodes[this.nodes[column]]);
      const header = this.place(make("div", "column", name), column);
      header.setAttribute("role", "columnheader");
      header.setAttribute("aria-colindex", column + 2);
      header.dataset.column = column;
      head.append(header);
    }
    return head;
  },

  line(row, columns) {
    const line = make("div", "row");
    line.style.top = `${this.label + row * this.size}px`;
    line.setAttribute("role", "row");
    line.setAttribute("aria-rowindex", row + 2);
    const header = make("div", "side", make("span", "name", data.nodes[this.nodes[row]]));
    header.setAttribute("role", "rowheader");
    header.dataset.row = row;
    line.append(header);
    for (let column = columns[0]; column < columns[1]; column += 1) line.append(this.cell(row, column));
    return line;
  },

  cell(row, column) {
    const [from, to] = [this.nodes[row], this.nodes[column]];
    const edges = model.edges(from, to).filter((edge) => model.accepts(edge));
    const state = edges[0]?.state ?? (model.looksAt(from, to) ? "closed" : "own");
    const changed = model.changed(from, to) ? " changed" : "";
    const cell = this.place(make("div", `cell ${state}${changed}`), column);
    cell.id = `cell-${row}-${column}`;
    cell.dataset.row = row;
    cell.dataset.column = column;
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("aria-colindex", column + 2);
    cell.setAttribute("aria-label", describe(from, to));
    return cell;
  },

  place(element, column) {
    element.style.left = `${this.label + column * this.size}px`;
    return element;
  },

  /** Show where the keyboard is. */
  mark() {
    for (const old of grid.querySelectorAll(".current, .lit")) old.classList.remove("current", "lit");
    const current = document.getElementById(`cell-${this.row}-${this.column}`);
    if (!current) return;
    current.classList.add("current");
    grid.setAttribute("aria-activedescendant", current.id);
    grid.querySelector(`.side[data-row="${this.row}"]`)?.classList.add("lit");
    grid.querySelector(`.column[data-column="${this.column}"]`)?.classList.add("lit");
  },

  /** Go to a cell and bring it into view. */
  go(row, column) {
    const last = this.nodes.length - 1;
    this.row = Math.min(last, Math.max(0, row));
    this.column = Math.min(last, Math.max(0, column));
    grid.scrollTop = this.into(grid.scrollTop, grid.clientHeight, this.row);
    grid.scrollLeft = this.into(grid.scrollLeft, grid.clientWidth, this.column);
    this.draw();
  },

  into(start, length, index) {
    const first = index * this.size;
    const shown = length - this.label - this.size;
    return first < start ? first : Math.max(start, first - shown);
  },
};

/** Pixels that the longest name needs when it is bold, within bounds. */
function labelWidth(nodes) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `650 12.5px ${getComputedStyle(document.body).fontFamily}`;
  const longest = nodes.reduce((found, node) => Math.max(found, pen.measureText(data.nodes[node]).width), 0);
  return Math.min(220, Math.max(48, Math.ceil(longest) + 22));
}

/** A cell in words: who, what, which ports. */
function describe(from, to) {
  const ends = `${data.nodes[from]} → ${data.nodes[to]}`;
  const edges = model.edges(from, to);
  if (!edges.length) return `${ends}: ${model.looksAt(from, to) ? "closed" : "not looked at"}`;
  return `${ends}: ${edges.map((edge) => `${MEANING[edge.state]}, ${text(edge.ports)}`).join("; ")}`;
}

function showTip(cell) {
  const [from, to] = [matrix.nodes[cell.dataset.row], matrix.nodes[cell.dataset.column]];
  const lines = model.edges(from, to).map((edge) => {
    const told = make("div", "", make("b", "", MEANING[edge.state]), ` ${text(edge.ports)}`);
    if (edge.reason !== undefined) told.append(make("div", "quiet", text(edge.reason)));
    return told;
  });
  const none = model.looksAt(from, to) ? "closed: click for the fence" : "not looked at";
  const title = make("div", "ends", `${data.nodes[from]} → ${data.nodes[to]}`);
  tip.replaceChildren(title, ...(lines.length ? lines : [make("div", "quiet", none)]));
  tip.hidden = false;
  const box = cell.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(box.right + 6, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${Math.max(4, Math.min(box.bottom + 6, innerHeight - tip.offsetHeight - 8))}px`;
}

function openCell(row, column) {
  if (row < matrix.nodes.length && column < matrix.nodes.length) matrix.open(matrix.nodes[row], matrix.nodes[column]);
}

let waiting = false;
grid.addEventListener("scroll", () => {
  tip.hidden = true;
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    matrix.draw();
  });
});
grid.addEventListener("mouseover", (event) => {
  const cell = event.target.closest(".cell");
  if (cell) showTip(cell);
  else tip.hidden = true;
});
grid.addEventListener("mouseleave", () => (tip.hidden = true));
grid.addEventListener("click", (event) => {
  const cell = event.target.closest(".cell");
  if (!cell) return;
  matrix.go(Number(cell.dataset.row), Number(cell.dataset.column));
  openCell(matrix.row, matrix.column);
});
grid.addEventListener("keydown", (event) => {
  const step = ARROWS[event.key];
  if (step) {
    matrix.go(matrix.row + step[0], matrix.column + step[1]);
    const cell = document.getElementById(`cell-${matrix.row}-${matrix.column}`);
    if (cell) showTip(cell);
  } else if (event.key === "Home") matrix.go(matrix.row, 0);
  else if (event.key === "End") matrix.go(matrix.row, matrix.nodes.length);
  else if (event.key === "PageUp") matrix.go(matrix.row - 10, matrix.column);
  else if (event.key === "PageDown") matrix.go(matrix.row + 10, matrix.column);
  else if (event.key === "Enter" || event.key === " ") openCell(matrix.row, matrix.column);
  else if (event.key === "Escape") tip.hidden = true;
  else return;
  event.preventDefault();
});
grid.addEventListener("blur", () => (tip.hidden = true));
addEventListener("resize", () => matrix.draw());
