// Chooses every ticket of a page at once. Without this file they are chosen one by one.
"use strict";

// In a block: names of other files are theirs.
{
  for (const all of document.querySelectorAll("[data-all]")) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const one of document.querySelectorAll("input[name=ticket]")) one.checked = all.checked;
    });
  }
}
