// In the form of a newsletter each block shows only the fields that its kind uses. Without this all are shown.
(() => {
  const USED = {
    heading: ["title"],
    text: ["text"],
    image: ["upload", "seen", "title", "url"],
    button: ["title", "url"],
    activity: ["activity", "text"],
    story: ["story", "text"],
    event: ["meeting", "text"],
  };
  const CHANGING = ["title", "text", "url", "upload", "seen", "activity", "story", "meeting"];

  function arrange(group) {
    const kind = group.querySelector('select[name$="-kind"]');
    const used = USED[kind ? kind.value : ""];
    if (!used) return;
    for (const name of CHANGING) {
      const lines = group.querySelectorAll(`.field-${name}, .field-${name}_nb, .field-${name}_nn, .field-${name}_en`);
      for (const line of lines) {
        // Never hide what is wrong.
        const hide = !used.includes(name) && !line.classList.contains("errors");
        line.style.display = hide ? "none" : "";
      }
    }
  }

  const arrangeAll = () => document.querySelectorAll("#blocks-group .form-group").forEach(arrange);

  document.addEventListener("change", (event) => {
    if (event.target.matches('select[name^="blocks-"][name$="-kind"]')) arrange(event.target.closest(".form-group"));
  });
  document.addEventListener("formset:added", (event) => {
    const others = [...document.querySelectorAll('[name^="blocks-"][name$="-order"]')].filter(
      (field) => !event.target.contains(field) && !field.name.includes("__prefix__"),
    );
    const order = event.target.querySelector('[name$="-order"]');
    if (order) order.value = Math.max(-1, ...others.map((field) => Number(field.value))) + 1;
    arrangeAll();
  });
  document.addEventListener("DOMContentLoaded", arrangeAll);
})();
