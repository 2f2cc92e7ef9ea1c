// <form data-grid> around tables whose cells <td data-period="3 月"> hold one text input each, or say in data-closed why
// nothing can be entered there. Adds arrow keys and Enter, and pasting of a block from a sheet; all of it works without
// scripts too, a field at a time. What cannot be pasted is told in a sentence in [data-grid-status]; the server checks again.

const MOST_TOLD = 8;
const NUMBER = /^(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/;

const rowsOf = (table) => [...table.tBodies[0].rows];
const cellsOf = (row) => [...row.querySelectorAll("td[data-period]")];
const inputOf = (cell) => cell?.querySelector("input:not([type=hidden])") ?? null;

function placeOf(input) {
  const cell = input.closest("td");
  const row = cell.closest("tr");
  return { table: row.closest("table"), row: rowsOf(row.closest("table")).indexOf(row), column: cellsOf(row).indexOf(cell) };
}

function tell(form, sentences) {
  const status = form.querySelector("[data-grid-status]");
  if (!status) return;
  const more = sentences.length > MOST_TOLD ? [`另有 ${sentences.length - MOST_TOLD} 格未貼上。`] : [];
  status.replaceChildren();
  for (const sentence of [...sentences.slice(0, MOST_TOLD), ...more]) {
    const line = document.createElement("span");
    line.className = "d-block";
    line.textContent = sentence;
    status.append(line);
  }
}

function focus(input) {
  input.focus();
  input.select();
}

function step(input, down, across) {
  const { table, row, column } = placeOf(input);
  const rows = rowsOf(table);
  for (let r = row + down, c = column + across; rows[r] && c >= 0 && c < cellsOf(rows[r]).length; r += down, c += across) {
    const next = inputOf(cellsOf(rows[r])[c]);
    if (next) return focus(next);
  }
}

const folded = (text) => text.normalize("NFKC").replace(/\s+/g, "");

function problemOf(cell, text) {
  const input = inputOf(cell);
  if (!input) return cell.dataset.closed || "不能填報。";
  const plain = folded(text).replace(/%$/, "");
  if (/^[-−]/.test(plain) && NUMBER.test(plain.slice(1))) return `「${text.slice(0, 20)}」小於 0，請填 0 以上的數字。`;
  if (!NUMBER.test(plain) && !/^[是否vVxX✓✗○╳]$/.test(plain)) return `「${text.slice(0, 20)}」不是數字，請只填阿拉伯數字。`;
  return "";
}

const nameOf = (cell) => inputOf(cell)?.getAttribute("aria-label") ?? cell.dataset.period;

// Numerators stand above their denominators; a pair is wrong where the upper number is the larger one.
function overfull(table) {
  const found = [];
  for (const upper of table.querySelectorAll("input[data-part=n]")) {
    const { row, column } = placeOf(upper);
    const lower = inputOf(cellsOf(rowsOf(table)[row + 1])[column]);
    const [n, d] = [upper.value, lower?.value ?? ""].map((text) => Number(folded(text).replaceAll(",", "")));
    const wrong = Boolean(upper.value && lower?.value) && n > d;
    if (wrong) found.push(`${upper.getAttribute("aria-label")} ${upper.value} 大於分母 ${lower.value}，請確認。`);
    if (wrong) mark(upper, true);
  }
  return found;
}

function mark(input, wrong) {
  input.classList.toggle("is-invalid", wrong);
  input.setAttribute("aria-invalid", wrong);
}

function paste(form, input, text) {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
  const { table, row, column } = placeOf(input);
  const rows = rowsOf(table).slice(row);
  if (lines.length > rows.length) {
    tell(form, [`貼上的內容有 ${lines.length.toLocaleString()} 列，表格從這一格起只有 ${rows.length} 列，沒有貼上任何資料。`]);
    return;
  }
  const problems = [];
  let filled = 0;
  lines.forEach((texts, down) => {
    const cells = cellsOf(rows[down]).slice(column);
    texts.forEach((raw, across) => {
      const written = raw.trim();
      const cell = cells[across];
      if (!written) return;
      const problem = cell ? problemOf(cell, written) : "超出表格右緣，沒有貼上。";
      const target = cell && inputOf(cell);
      if (problem) problems.push(`${cell ? nameOf(cell) : `第 ${down + 1} 列第 ${across + 1} 欄`}：${problem}`);
      if (target) {
        target.value = written;
        mark(target, Boolean(problem));
        filled += 1;
      }
    });
  });
  tell(form, [`已貼上 ${filled} 格，尚未儲存。`, ...problems, ...overfull(table)]);
}

document.addEventListener("keydown", (event) => {
  const input = event.target.closest?.("[data-grid] td[data-period] input");
  if (!input || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const { selectionStart: start, selectionEnd: end, value } = input;
  const whole = start === 0 && end === value.length;
  const moves = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    Enter: [event.shiftKey ? -1 : 1, 0],
    ArrowLeft: (whole || end === 0) && [0, -1],
    ArrowRight: (whole || start === value.length) && [0, 1],
  };
  const move = moves[event.key];
  if (!move || (event.shiftKey && event.key !== "Enter")) return;
  event.preventDefault();
  step(input, ...move);
});

document.addEventListener("paste", (event) => {
  const input = event.target.closest?.("[data-grid] td[data-period] input");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!input || !/[\t\n]/.test(text.trimEnd())) return;
  event.preventDefault();
  paste(input.form, input, text);
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-grid] input.is-invalid")) mark(event.target, false);
});
