/* What has to be known before the page is drawn, so that nothing flashes or moves: that scripts run (data-scripts on the root
   element; the class "scripted" is hidden without it), and whether the reader chose light or dark with the switch in the bar. */
"use strict";

{
  const THEMES = ["system", "light", "dark"];
  const NAMES = { system: "Theme of the system", light: "Light theme", dark: "Dark theme" };
  const KEY = "contactsheet-theme";
  const root = document.documentElement;

  const remembered = () => {
    try {
      const theme = localStorage.getItem(KEY);
      return THEMES.includes(theme) ? theme : "system";
    } catch {
      return "system"; // the browser keeps nothing for this page
    }
  };

  const remember = (theme) => {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // then the choice lasts as long as the page
    }
  };

  const wear = (theme, button) => {
    root.dataset.theme = theme;
    if (!button) return;
    button.title = NAMES[theme];
    button.querySelector("[data-theme-name]").textContent = NAMES[theme];
  };

  root.dataset.scripts = "";
  wear(remembered());
  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-switch]");
    if (!button) return;
    wear(remembered(), button);
    button.addEventListener("click", () => {
      const next = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
      remember(next);
      wear(next, button);
    });
    // Another tab has the same reader.
    addEventListener("storage", (event) => event.key === KEY && wear(remembered(), button));
  });
}
