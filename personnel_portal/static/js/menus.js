// Menus are <details data-menu>: they open without scripts. Here they also close on Escape and on a click elsewhere.

function closeAll(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeAll(event.target.closest("details[data-menu]")));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[data-menu][open]");
  closeAll();
  menu?.querySelector("summary").focus();
});

// Tabbing out of a menu closes it, so that it never covers what has the focus.
document.addEventListener("focusin", (event) => closeAll(event.target.closest("details[data-menu]")));
