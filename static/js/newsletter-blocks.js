// In the form of a newsletter each block shows only the fields that its kind uses. Without this all are shown.
(() => {
  const USED = {
    heading: ["title"],
    text: ["text"],
    image: ["upload", "title", "url"],
    button: ["title", "url"],
    activity: ["activity", "text"],
    story: ["story", "text"],
    event: ["meeting", "text"],
  };
  const CHANGING = ["title", "text", "url", "upload", "activity", "story", "meeting"];

  function arrange(group) {
    const kind = group.querySelector('select[name$="-kind"]');
    const used = USED[kind ? kind.value : ""];
    if (!used) return;
    for (const name of CHANGING) {
      const lines = group.querySelectorAll(`.field-${name}, .field-${name}_nb, .field-${name}_nn, .field-${name}_en`);
      for (const line of lines) {
        // The picture that is there now stands in a row with the field for another. Never hide what is wrong.
        const shown = name === "upload" ? line.parentElement : line;
        const hide = !used.includes(name) && !line.classList.contains("errors");
        shown.style.display = hide ? "none" : "";
      }
    }
  }

  const arrangeAll = () => document.querySelectorAll("#blocks-group .form-group").forEach(arrange);

  document.addEventListener("change", (event) => {
    if (event.target.matches('select[name^="blocks-"][name$="-kind"]')) arrange(event.target.closest(".form-group"));
  });
  document.addEventListener("formset:added", arrangeAll);
  document.addEventListener("DOMContentLoaded", arrangeAll);
})();
