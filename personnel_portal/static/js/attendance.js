// <form data-attendance> with the numbers of the plan's rule around a table of people × sessions. While something is entered,
// each row says in [data-credit] how much absence is left before the hours are lost: the words and the arithmetic are
// those of training.crediting.Terms. Adds keys too; without scripts the form is the same, and the server says it after saving.

const DIGITS = /^\d{1,4}$/;
const WHOLE = ["absent", "leave"];

const folded = (text) => text.normalize("NFKC").trim().replace(/(分鐘|分)$/, "").trim();
const gcd = (a, b) => (b ? gcd(b, a % b) : a);

function termsOf(form) {
  const { total, part, whole, tenths, granting, counted, lost } = form.dataset;
  const common = gcd(Number(part), Number(whole));
  return {
    total: Number(total),
    part: Number(part) / common,
    whole: Number(whole) / common,
    tenths: Number(tenths),
    isFull: granting === "full",
    counted: counted.split(" ").filter(Boolean),
    lost,
  };
}

// Minutes of absence of a square; NaN where what is typed is no number, so that the row says nothing wrong.
function missedIn(cell, terms) {
  const [presence, leave] = cell.querySelector("select").value.split(".");
  const text = folded(cell.querySelector("input").value);
  const length = Number(cell.dataset.minutes);
  if (!presence || presence === "present") return text && text !== "0" ? NaN : 0;
  if (text && !DIGITS.test(text)) return NaN;
  const missed = text ? Number(text) : WHOLE.includes(presence) ? length : 0;
  if (missed > length) return NaN;
  return presence === "leave" && !terms.counted.includes(leave) ? 0 : missed;
}

// Whole numbers throughout: hours in tenths, of attended hours full halves (five tenths) alone.
function sentence(absent, terms) {
  const { total, part, whole, tenths } = terms;
  const left = Math.ceil((part * total) / whole) - absent;
  if (left <= 0) return terms.lost;
  const earned = terms.isFull || !absent ? tenths : Math.floor((tenths * (total - absent)) / (total * 5)) * 5;
  return `再缺 ${left} 分鐘即不核給 ${earned / 10} 小時`;
}

function tell(row, terms) {
  const output = row.querySelector("[data-credit]");
  const absent = [...row.querySelectorAll("td[data-minutes]")].reduce((sum, cell) => sum + missedIn(cell, terms), 0);
  const words = Number.isNaN(absent) ? "請確認缺課分鐘" : sentence(absent, terms);
  if (output.textContent !== words) output.textContent = words;
  output.classList.toggle("is-lost", words === terms.lost);
}

function suit(cell) {
  const input = cell.querySelector("input");
  const [presence] = cell.querySelector("select").value.split(".");
  if (!presence || presence === "present") input.value = "";
  input.placeholder = WHOLE.includes(presence) ? cell.dataset.minutes : "分";
}

// To the same field of the next person, or to the next field of the row.
function move(field, down, across) {
  const row = field.closest("tr");
  const fields = [...row.querySelectorAll("select, input:not([type=hidden])")];
  const place = fields.indexOf(field);
  const rows = [...row.parentElement.rows];
  const target = down
    ? rows[rows.indexOf(row) + down]?.querySelectorAll("select, input:not([type=hidden])")[place]
    : fields[place + across];
  target?.focus();
  target?.select?.();
}

function onKey(event, terms) {
  const field = event.target.closest("td[data-minutes] select, td[data-minutes] input");
  if (!field || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const isSelect = field.matches("select");
  const moves = { Enter: [event.shiftKey ? -1 : 1, 0], ArrowLeft: isSelect && [0, -1], ArrowRight: isSelect && [0, 1] };
  if (!isSelect) Object.assign(moves, { ArrowUp: [-1, 0], ArrowDown: [1, 0] });
  const step = moves[event.key];
  if (step) {
    event.preventDefault();
    move(field, ...step);
  } else if (isSelect && /^\d$/.test(event.key) && field.options[Number(event.key)]) {
    event.preventDefault();
    field.selectedIndex = Number(event.key);
    suit(field.closest("td"));
    tell(field.closest("tr"), terms);
  }
}

for (const form of document.querySelectorAll("form[data-attendance]")) {
  const terms = termsOf(form);
  form.querySelector("[data-keys]")?.removeAttribute("hidden");
  form.addEventListener("change", (event) => {
    if (event.target.matches("td[data-minutes] select")) suit(event.target.closest("td"));
  });
  for (const name of ["input", "change"]) {
    form.addEventListener(name, (event) => {
      const row = event.target.closest("tr");
      if (row?.querySelector("[data-credit]")) tell(row, terms);
    });
  }
  form.addEventListener("keydown", (event) => onKey(event, terms));
}
