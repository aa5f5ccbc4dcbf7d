// Sets up ALTCHA (proof of work against robots): its workers and its words. Runs after the widget's own module.
(() => {
  const { dataset } = document.getElementById("spam-check");
  const setUp = () => {
    const { $altcha } = globalThis;
    for (const size of ["256", "384", "512"]) {
      $altcha.algorithms.set(`PBKDF2/SHA-${size}`, () => new Worker(dataset.pbkdf2));
      $altcha.algorithms.set(`SHA-${size}`, () => new Worker(dataset.sha));
    }
    const language = document.documentElement.lang;
    $altcha.i18n.set(language, {
      ...$altcha.i18n.get("en"),
      label: dataset.label,
      verifying: dataset.verifying,
      verified: dataset.verified,
      error: dataset.error,
      expired: dataset.expired,
      waitAlert: dataset.wait,
    });
    for (const widget of document.querySelectorAll("[data-spam-check]")) {
      widget.configure?.({ language, hideLogo: true, hideFooter: true });
      widget.hidden = false;
    }
    // Sent before the work is done: wait for it, then send. It takes a second or two.
    addEventListener(
      "submit",
      (event) => {
        const widget = event.target.querySelector("[data-spam-check]");
        if (widget?.getState?.() !== "verifying") return;
        event.preventDefault();
        event.stopPropagation();
        const { target: form, submitter } = event;
        submitter?.setAttribute("aria-busy", "true");
        const goOn = () => {
          if (widget.getState() === "verifying") return;
          widget.removeEventListener("statechange", later);
          submitter?.removeAttribute("aria-busy");
          form.requestSubmit(submitter);
        };
        const later = () => setTimeout(goOn);
        widget.addEventListener("statechange", later);
      },
      true,
    );
  };
  // Module scripts run in order before DOMContentLoaded, so the widget is defined by then.
  document.addEventListener("DOMContentLoaded", setUp);
})();
