// The picker of competence goals: a field that finds goals by their words. Without it the groups are opened by hand.

const plain = (text) => text.toLocaleLowerCase().normalize("NFC");

for (const picker of document.querySelectorAll("[data-goals]")) {
  const find = picker.querySelector("[data-goals-find]");
  const field = find.querySelector("input");
  const status = find.querySelector("[role=status]");
  const groups = [...picker.querySelectorAll("[data-goals-group]")].map((element) => ({
    element,
    wasOpen: element.open,
    goals: [...element.querySelectorAll("[data-goal]")].map((goal) => ({
      element: goal,
      words: plain(`${element.querySelector("summary").textContent} ${goal.textContent} ${goal.dataset.goal}`),
    })),
  }));
  if (!groups.length) continue;
  find.hidden = false;
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of groups) {
      let here = 0;
      for (const goal of group.goals) {
        const fits = words.every((word) => goal.words.includes(word));
        goal.element.hidden = !fits;
        here += fits;
      }
      group.element.hidden = here === 0;
      group.element.open = words.length ? here > 0 : group.wasOpen;
      found += here;
    }
    status.textContent = !words.length ? "" : found ? status.dataset.some.replace("%d", found) : status.dataset.none;
  });
  // Enter looks for a goal; it does not send the whole offer.
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}
