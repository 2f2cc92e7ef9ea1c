// <form data-reorder method="post"> around <ol class="reorder"> whose <li data-item="12"> carries two submit buttons,
// name="up" and name="down", value="12". Without scripts a button posts `up` or `down`; with scripts the item moves at
// once, by button or by dragging, and the form posts `order` once for every item, in order. A refusal restores the list.

const items = (form) => [...form.querySelectorAll("li[data-item]")];

function statusOf(form) {
  let status = form.querySelector("[role=status]");
  if (!status) {
    status = document.createElement("p");
    status.className = "small text-muted mt-2 mb-0";
    status.setAttribute("role", "status");
    form.append(status);
  }
  return status;
}

function mark(form) {
  const all = items(form);
  all.forEach((item, index) => {
    item.draggable = true;
    item.querySelector("[name=up]")?.setAttribute("aria-disabled", index === 0);
    item.querySelector("[name=down]")?.setAttribute("aria-disabled", index === all.length - 1);
  });
}

async function save(form, before) {
  const body = new FormData(form);
  for (const item of items(form)) body.append("order", item.dataset.item);
  let saved = false;
  try {
    const answer = await fetch(form.getAttribute("action") ?? "", { method: "POST", body });
    saved = answer.ok;
  } catch {
    saved = false; // no connection: told below like a refusal
  }
  if (saved) return;
  before[0]?.parentElement.append(...before);
  mark(form);
  statusOf(form).textContent = "順序沒有存成功，已還原；請再試一次。";
}

function settle(form, item, before) {
  const place = items(form).indexOf(item);
  if (before.indexOf(item) === place) return;
  mark(form);
  statusOf(form).textContent = `已移到第 ${place + 1} 項。`;
  save(form, before);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (event.defaultPrevented || !form.matches("[data-reorder]") || !["up", "down"].includes(button?.name)) return;
  event.preventDefault();
  const item = button.closest("li[data-item]");
  const before = items(form);
  if (button.name === "up") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  button.focus();
  settle(form, item, before);
});

let dragged = null;
let start = [];

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-reorder] li[data-item]") ?? null;
  if (!dragged) return;
  start = items(dragged.closest("form"));
  event.dataTransfer.effectAllowed = "move";
  dragged.classList.add("is-dragged");
});

document.addEventListener("dragover", (event) => {
  const over = dragged && event.target.closest?.("li[data-item]");
  if (!over || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  if (over === dragged) return;
  const { top, height } = over.getBoundingClientRect();
  if (event.clientY < top + height / 2) over.before(dragged);
  else over.after(dragged);
});

document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("is-dragged");
  settle(dragged.closest("form"), dragged, start);
  dragged = null;
});

const markAll = () => document.querySelectorAll("form[data-reorder]").forEach(mark);
markAll();
document.addEventListener("htmx:load", markAll);
