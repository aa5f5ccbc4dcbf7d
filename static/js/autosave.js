// An editor that saves itself: <form data-autosave="address">. The buttons of the form do everything without it.
(() => {
  const PAUSE = 2000;
  const AGAIN = 10000;
  const form = document.querySelector("form[data-autosave]");
  const state = document.getElementById("autosave-state");
  const rail = document.getElementById("rail");
  if (!form || !state) return;

  let timer = 0;
  let saving = null; // the request under way
  let changed = false;
  let stopped = false; // somebody else has saved: only the button goes on
  let leaving = false;

  const tell = (text, color) => {
    state.hidden = false;
    state.textContent = text;
    if (color) state.dataset.color = color;
    else delete state.dataset.color;
  };

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  const take = (answer) => {
    form.dataset.autosave = answer.autosave_url;
    for (const [name, value] of Object.entries(answer.basis)) form.elements[name].value = value;
    if (location.pathname !== answer.edit_url) history.replaceState(null, "", answer.edit_url);
    if (rail && !rail.contains(document.activeElement)) rail.innerHTML = answer.rail;
    tell(answer.text);
  };

  const send = async () => {
    changed = false;
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      changed = true;
      tell(state.dataset.login, "warning");
      later(3 * AGAIN);
      return;
    }
    if (!answer.ok && ![409, 422, 429].includes(answer.status)) throw new Error(String(answer.status));
    const words = await answer.json();
    if (answer.ok) {
      take(words);
      return;
    }
    changed = true;
    stopped = answer.status === 409;
    tell(words.text, answer.status === 422 ? "" : "warning");
  };

  const save = async () => {
    clearTimeout(timer);
    if (saving || stopped || leaving || !changed) return;
    tell(state.dataset.saving);
    saving = send();
    try {
      await saving;
    } catch {
      changed = true;
      tell(state.dataset.failed, "warning");
      later(AGAIN);
    } finally {
      saving = null;
    }
  };

  const typed = () => {
    changed = true;
    later(PAUSE);
  };
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });

  // A button is pressed while something is being saved: first the one, then the other, or they would meet.
  form.addEventListener(
    "submit",
    async (event) => {
      clearTimeout(timer);
      if (!saving) {
        leaving = true;
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      const { submitter } = event;
      await saving.catch(() => {});
      form.requestSubmit(submitter?.isConnected ? submitter : form.querySelector(`[name="action"][value="${submitter?.value}"]`));
    },
    true,
  );
  addEventListener("pageshow", (event) => {
    if (event.persisted) leaving = false;
  });
})();
