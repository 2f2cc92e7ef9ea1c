// A submit button, or a form, with data-confirm="這會……，確定嗎？" asks first; data-confirm-action is the word on the button.
// Only for steps that can be taken back: without scripts nothing asks. Others go through components/confirm.html.

function ask(question, action, danger) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet";
  dialog.setAttribute("aria-label", "請確認");
  const text = document.createElement("p");
  text.textContent = question;
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "form-actions";
  form.append(button(action, "yes", `btn ${danger ? "btn-danger" : "btn-primary"}`), button("返回", "", "btn btn-link"));
  dialog.append(text, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
  });
}

function button(label, value, className) {
  const made = document.createElement("button");
  made.value = value;
  made.className = className;
  made.textContent = label;
  return made;
}

// Captures, so that it runs before an upload or a reorder sends the form.
document.addEventListener("submit", async (event) => {
  const submitter = event.submitter;
  const question = submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (!submitter || !question) return;
  if (submitter.dataset.confirmed) {
    delete submitter.dataset.confirmed;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const action = submitter.dataset.confirmAction ?? submitter.textContent.trim();
  if (await ask(question, action, submitter.matches(".btn-danger, .btn-outline-danger"))) {
    submitter.dataset.confirmed = "yes";
    event.target.requestSubmit(submitter);
  } else {
    submitter.focus();
  }
}, true);
