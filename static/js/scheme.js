// The colour scheme that somebody chose, set before anything is painted. Without a choice the system decides ("auto").
(() => {
  try {
    const chosen = localStorage.getItem("colour-scheme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.colorScheme = chosen;
  } catch {
    // Storage is blocked: the system decides.
  }
})();
