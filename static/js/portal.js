// Small conveniences on top of pages that work without them. No page depends on this file.

const onReady = (run) => {
  run(document);
  document.addEventListener("htmx:load", (event) => run(event.detail.elt));
};

const all = (root, selector) => [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];

// A refused form: go to the summary of what is wrong, and say so in the title.
onReady((root) => {
  const summary = all(root, "[data-error-summary]")[0];
  if (!summary) return;
  const prefix = `${summary.dataset.title}: `;
  if (!document.title.startsWith(prefix)) document.title = prefix + document.title;
  summary.focus();
});

// A link in the summary puts the cursor into the field (a browser only scrolls to it).
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-summary] a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.focus({ preventScroll: true });
  (field.closest(".ds-field, fieldset") ?? field).scrollIntoView({ block: "start" });
});

// Characters left in a textarea, told to screen readers when typing pauses.
onReady((root) => {
  for (const counter of all(root, "[data-counter]")) {
    const field = document.getElementById(counter.dataset.counter);
    if (!field) continue;
    let timer = 0;
    const count = () => {
      const left = Number(counter.dataset.limit) - field.value.length;
      counter.dataset.state = left < 0 ? "over" : "under";
      counter.textContent = (left < 0 ? counter.dataset.over : counter.dataset.left).replace("%d", Math.abs(left));
    };
    field.addEventListener("input", () => {
      count();
      counter.removeAttribute("aria-live");
      clearTimeout(timer);
      timer = setTimeout(() => {
        counter.setAttribute("aria-live", "polite");
        count();
      }, 1000);
    });
    count();
  }
});

// A form is sent once. The button stays enabled, so that its name and value are sent and focus stays.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[data-send-again], [hx-post]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  // A download leaves the page standing: after a while it may be sent again.
  setTimeout(() => release(form), 10000);
});

const release = (form) => {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
};

addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
});

// "Are you sure?": <form data-confirm="Question" data-confirm-label="Button">. Without script the form is sent at once.
addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const dialog = document.getElementById("confirm");
    if (!form.dataset.confirm || form.dataset.confirmed || !dialog?.showModal) return;
    event.preventDefault();
    event.stopPropagation();
    const yes = dialog.querySelector("[data-confirm-yes]");
    yes.dataset.standard ??= yes.textContent;
    dialog.querySelector("#confirm-text").textContent = form.dataset.confirm;
    yes.textContent = form.dataset.confirmLabel ?? yes.dataset.standard;
    const { submitter } = event;
    dialog.returnValue = "";
    dialog.addEventListener(
      "close",
      () => {
        if (dialog.returnValue !== "yes") return;
        form.dataset.confirmed = "yes";
        form.requestSubmit(submitter);
        delete form.dataset.confirmed;
      },
      { once: true },
    );
    dialog.showModal();
  },
  true,
);

// Menus in the header close with Escape and when one clicks elsewhere.
const openMenus = () => document.querySelectorAll("details.p-drop[open], details.p-menu[open]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

// Copy a link: <button data-copy="https://…" data-copied="Copied" hidden>.
onReady((root) => {
  for (const button of all(root, "[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy || location.href);
      const label = button.querySelector("[data-copy-label]") ?? button;
      const before = label.textContent;
      label.textContent = button.dataset.copied;
      setTimeout(() => (label.textContent = before), 3000);
    });
  }
});

// Print: <button data-print hidden>.
onReady((root) => {
  for (const button of all(root, "[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
});

// Light, dark or as the system says.
onReady((root) => {
  for (const group of all(root, "[data-scheme-switch]")) {
    const buttons = [...group.querySelectorAll("[data-scheme]")];
    const show = () => {
      for (const button of buttons) {
        button.setAttribute("aria-pressed", String(button.dataset.scheme === document.documentElement.dataset.colorScheme));
      }
    };
    group.hidden = false;
    show();
    for (const button of buttons) {
      button.addEventListener("click", () => {
        document.documentElement.dataset.colorScheme = button.dataset.scheme;
        try {
          localStorage.setItem("colour-scheme", button.dataset.scheme);
        } catch {
          // Storage is blocked: the choice holds for this page.
        }
        show();
      });
    }
  }
});

// Paper is light, whatever was chosen for the screen.
let schemeOnScreen = "auto";
addEventListener("beforeprint", () => {
  schemeOnScreen = document.documentElement.dataset.colorScheme;
  document.documentElement.dataset.colorScheme = "light";
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.colorScheme = schemeOnScreen;
});

// Filters stand open on wide pages (browsers that cannot do it by style).
if (!CSS.supports("selector(::details-content)") && matchMedia("(width >= 62rem)").matches) {
  for (const sheet of document.querySelectorAll("details.p-sheet")) sheet.open = true;
}

// htmx: say when the server does not answer; refused forms (422) are shown like any answer.
const notice = (text) => {
  const place = document.getElementById("notices");
  if (!place) return;
  const box = document.createElement("div");
  box.className = "ds-alert";
  box.dataset.color = "warning";
  const words = document.createElement("p");
  words.className = "ds-paragraph";
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "ds-button";
  close.dataset.variant = "tertiary";
  close.dataset.size = "sm";
  close.textContent = place.dataset.close;
  close.addEventListener("click", () => box.remove());
  box.append(words, close);
  place.replaceChildren(box);
};

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
document.addEventListener("htmx:responseError", (event) => {
  const { unavailable, failed } = document.getElementById("notices")?.dataset ?? {};
  notice([502, 503, 504].includes(event.detail.xhr.status) ? unavailable : failed);
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => notice(document.getElementById("notices")?.dataset.unavailable));
}
document.addEventListener("htmx:beforeRequest", () => document.getElementById("notices")?.replaceChildren());
