// <form data-dropzone> with a file input in .dropzone: dropped files, a list with sizes, progress while sending.
// Without scripts the form posts as it stands. The server's answer is shown as the page, messages and errors included.
const megabytes = (bytes) => (bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${Number((bytes / 1048576).toFixed(1))} MB`);
const inputOf = (form) => form.querySelector('input[type="file"]');
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
function partOf(form, className, make) {
  const found = form.querySelector(`.${className}`);
  if (found) return found;
  const made = make();
  made.classList.add(className);
  form.querySelector(".dropzone").after(made);
  return made;
}
const listOf = (form) => partOf(form, "files", () => Object.assign(element("ul"), { ariaLabel: "要上傳的檔案" }));
function say(form, sentence) {
  const status = partOf(form, "upload-status", () => {
    const made = element("p");
    made.setAttribute("role", "status");
    return made;
  });
  status.textContent = sentence;
}
function setFiles(input, files) {
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  input.files = chosen.files;
  showFiles(input.form);
}
const tooLarge = (input, file) => file.size > Number(input.dataset.maxBytes || Infinity);

function showFiles(form) {
  const input = inputOf(form);
  const lines = [...input.files].map((file, index) => {
    const line = element("li");
    const remove = element("button", "btn btn-sm btn-outline-secondary", "移除");
    remove.type = "button";
    remove.dataset.removeFile = index;
    remove.setAttribute("aria-label", `移除 ${file.name}`);
    line.append(element("span", "", file.name), element("span", "size", megabytes(file.size)), remove);
    if (tooLarge(input, file)) {
      line.append(element("p", "problem", `檔案超過 ${megabytes(Number(input.dataset.maxBytes))}，請移除後另存較小的檔案。`));
    }
    return line;
  });
  listOf(form).replaceChildren(...lines);
}

function showProgress(form, files, event) {
  if (!event.lengthComputable) return;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let sent = (event.loaded / event.total) * total; // the files travel one behind the other
  for (const [index, bar] of [...form.querySelectorAll(".files progress")].entries()) {
    bar.value = Math.min(Math.max(sent, 0), bar.max);
    sent -= files[index].size;
  }
  const percent = Math.floor((event.loaded / event.total) * 100);
  say(form, percent < 100 ? `上傳中，已送出 ${percent}%。` : "已送出，正在檢查檔案……");
}

function addBars(form, files) {
  for (const [index, line] of [...listOf(form).children].entries()) {
    const bar = element("progress");
    bar.max = Math.max(files[index].size, 1);
    bar.value = 0;
    bar.setAttribute("aria-label", `${files[index].name} 的上傳進度`);
    line.append(bar);
  }
}

function showAnswer(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  if (request.responseURL !== location.href) history.pushState({}, "", request.responseURL);
  shown = here();
  document.title = page.title;
  document.body.replaceWith(page.body);
  window.htmx?.process(document.body);
  window.scrollTo(0, 0);
  const told = document.querySelector('main [role="alert"], main [role="status"]') ?? document.querySelector("main");
  told.tabIndex = -1;
  told.focus({ preventScroll: true });
}

// The page behind an answer that was shown in place is fetched anew. Links within a page (#content) come by here too,
// and so do the lists, which htmx brings back itself.
const here = () => location.pathname + location.search;
let shown = here();
window.addEventListener("popstate", (event) => {
  if (!event.state?.htmx && here() !== shown) location.reload();
});

function fail(form, sentence) {
  form.querySelectorAll(".files progress").forEach((bar) => bar.remove());
  form.querySelectorAll("button").forEach((button) => (button.disabled = false));
  say(form, sentence);
}

function send(form, submitter) {
  const files = [...inputOf(form).files];
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (event) => showProgress(form, files, event));
  request.addEventListener("error", () => fail(form, "連線中斷，沒有上傳成功；檔案都還在，請再按一次。"));
  request.addEventListener("load", () => {
    const page = (request.getResponseHeader("Content-Type") ?? "").startsWith("text/html");
    if (request.status < 500 && request.status !== 413 && page) showAnswer(request);
    else fail(form, `沒有上傳成功（代碼 ${request.status}）；檔案都還在，請稍後再按一次。`);
  });
  request.open("POST", submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "");
  request.send(new FormData(form, submitter));
  addBars(form, files);
  form.querySelectorAll("button").forEach((button) => (button.disabled = true));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const input = form.matches("[data-dropzone]") && inputOf(form);
  if (event.defaultPrevented || !input || input.files.length === 0) return;
  event.preventDefault();
  if ([...input.files].some((file) => tooLarge(input, file))) say(form, "有檔案太大，請先移除再送出。");
  else send(form, event.submitter);
});

document.addEventListener("change", (event) => {
  if (event.target.matches?.('[data-dropzone] input[type="file"]')) showFiles(event.target.form);
});

document.addEventListener("click", (event) => {
  const remove = event.target.closest("[data-remove-file]");
  if (!remove) return;
  const input = inputOf(remove.closest("form"));
  setFiles(input, [...input.files].filter((_, index) => index !== Number(remove.dataset.removeFile)));
  input.focus();
});

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.("[data-dropzone] .dropzone");
    if (!zone || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    zone.classList.toggle("is-over", kind === "dragover");
    if (kind !== "drop") return;
    const input = inputOf(zone.closest("form"));
    setFiles(input, input.multiple ? [...input.files, ...event.dataTransfer.files] : [event.dataTransfer.files[0]]);
  });
}
