// The calendar of a 民國 date input, after the WAI-ARIA date picker dialog. Arrow keys move by days and weeks, Page Up and
// Down by months, with Shift by years, Home and End to the ends of a week; Enter chooses, Escape leaves.

const WEEKDAYS = ["日", "一", "二", "三", "四", "五", "六"];
const FIRST = new Date(1912, 0, 1);
const LAST = new Date(2910, 11, 31);

const rocYear = (day) => day.getFullYear() - 1911;
const short = (day) => `${rocYear(day)}/${day.getMonth() + 1}/${day.getDate()}`;
const spoken = (day) => `${rocYear(day)}年${day.getMonth() + 1}月${day.getDate()}日，星期${WEEKDAYS[day.getDay()]}`;
const same = (one, other) => one.toDateString() === other?.toDateString();
const within = (day) => (day < FIRST ? FIRST : day > LAST ? LAST : day);

function addDays(day, days) {
  return within(new Date(day.getFullYear(), day.getMonth(), day.getDate() + days));
}

function addMonths(day, months) {
  const last = new Date(day.getFullYear(), day.getMonth() + months + 1, 0);
  return within(new Date(last.getFullYear(), last.getMonth(), Math.min(day.getDate(), last.getDate())));
}

// The server reads what people type; this only finds the day to start from.
function typedDay(text) {
  const found = text.normalize("NFKC").match(/(\d{1,4})\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})|(\d{3})(\d{2})(\d{2})/);
  if (!found) return null;
  const [year, month, day] = (found[1] ? found.slice(1, 4) : found.slice(4, 7)).map(Number);
  const made = new Date(year > 999 ? year : year + 1911, month - 1, day);
  return made.getMonth() === month - 1 && same(made, within(made)) ? made : null;
}

function button(label, className, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = label;
  made.dataset.act = act;
  return made;
}

const dialog = document.createElement("dialog");
dialog.className = "sheet roc-calendar";
dialog.setAttribute("aria-labelledby", "roc-calendar-month");
const head = document.createElement("header");
const title = document.createElement("h2");
title.id = "roc-calendar-month";
title.setAttribute("aria-live", "polite");
for (const [act, sign, label] of [["-12", "«", "前一年"], ["-1", "‹", "前一個月"], ["1", "›", "下一個月"], ["12", "»", "下一年"]]) {
  const made = button(sign, "", act);
  made.setAttribute("aria-label", label);
  head.append(made);
}
head.children[1].after(title);
const grid = document.createElement("table");
grid.setAttribute("role", "grid");
grid.setAttribute("aria-labelledby", title.id);
const weekRow = grid.createTHead().insertRow();
for (const weekday of WEEKDAYS) {
  const cell = document.createElement("th");
  cell.scope = "col";
  cell.abbr = `星期${weekday}`;
  cell.textContent = weekday;
  weekRow.append(cell);
}
const body = grid.createTBody();
const foot = document.createElement("footer");
foot.append(button("今天", "", "today"), button("取消", "", "cancel"));
dialog.append(head, grid, foot);

let input = null;
let chosen = null;
let focused = new Date();

function cellOf(day) {
  const cell = document.createElement("td");
  cell.className = [day.getMonth() !== focused.getMonth() && "outside", day.getDay() % 6 === 0 && "weekend"].filter(Boolean).join(" ");
  cell.setAttribute("aria-selected", same(day, chosen));
  const made = button(String(day.getDate()), same(day, new Date()) ? "today" : "", "choose");
  made.dataset.day = day.getTime();
  made.setAttribute("aria-label", spoken(day));
  made.tabIndex = same(day, focused) ? 0 : -1;
  if (same(day, new Date())) made.setAttribute("aria-current", "date");
  cell.append(made);
  return cell;
}

function show(day, withFocus = true) {
  focused = day;
  title.textContent = `${rocYear(day)}年${day.getMonth() + 1}月`;
  const first = new Date(day.getFullYear(), day.getMonth(), 1);
  const weeks = Array.from({ length: 6 }, (_, week) => {
    const row = document.createElement("tr");
    for (let column = 0; column < 7; column += 1) {
      row.append(cellOf(new Date(first.getFullYear(), first.getMonth(), 1 - first.getDay() + week * 7 + column)));
    }
    return row;
  });
  body.replaceChildren(...weeks);
  if (withFocus) body.querySelector('[tabindex="0"]').focus();
}

function open(opener) {
  input = opener.closest(".roc-date").querySelector("input");
  chosen = typedDay(input.value);
  document.body.append(dialog);
  dialog.showModal();
  show(chosen ?? new Date());
}

function choose(day) {
  input.value = short(day);
  dialog.close();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-roc-date]");
  if (opener) open(opener);
});

dialog.addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (event.target === dialog || pressed?.dataset.act === "cancel") dialog.close();
  else if (pressed?.dataset.act === "choose") choose(new Date(Number(pressed.dataset.day)));
  else if (pressed?.dataset.act === "today") show(new Date());
  else if (pressed) show(addMonths(focused, Number(pressed.dataset.act)), false);
});

grid.addEventListener("keydown", (event) => {
  const moves = {
    ArrowLeft: () => addDays(focused, -1), ArrowRight: () => addDays(focused, 1),
    ArrowUp: () => addDays(focused, -7), ArrowDown: () => addDays(focused, 7),
    Home: () => addDays(focused, -focused.getDay()), End: () => addDays(focused, 6 - focused.getDay()),
    PageUp: () => addMonths(focused, event.shiftKey ? -12 : -1), PageDown: () => addMonths(focused, event.shiftKey ? 12 : 1),
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  show(moves[event.key]());
});

dialog.addEventListener("close", () => input?.focus());
