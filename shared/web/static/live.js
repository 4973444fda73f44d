// Small extras. Every page works without them.
"use strict";

// Clocks: how many minutes are left, kept true while the page is open.
function say(rest) {
  const late = rest < 0, minutes = Math.floor(Math.abs(rest) / 60000);
  let length;
  if (minutes < 60) length = minutes === 1 ? "1 minuut" : `${minutes} minuten`;
  else if (minutes < 2880) length = `${Math.floor(minutes / 60)} uur`;
  else length = `${Math.floor(minutes / 1440)} dagen`;
  return late ? `(${length} te laat)` : `(nog ${length})`;
}

// The time that rules go by may be ahead of this computer's: the page says what it was when it was drawn.
const drawn = document.querySelector("[data-now]");
const ahead = drawn ? Date.parse(drawn.dataset.now) - Date.now() : 0;

function tick() {
  for (const time of document.querySelectorAll("time[data-due]")) {
    const left = time.parentElement.querySelector("[data-left]");
    const rest = Date.parse(time.dateTime) - Date.now() - ahead;
    if (left) left.textContent = say(rest);
    time.parentElement.classList.toggle("late", rest < 0);
  }
}

// Lists: fetched again now and then; only what changed is put in place.
async function refresh(region) {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(region.id);
    if (fresh && fresh.innerHTML !== region.innerHTML && !region.contains(document.activeElement)) {
      region.replaceChildren(...fresh.childNodes);
    }
  } catch {
    // No connection: the list stays as it was, and the next try is on its way.
  }
}

if (document.querySelector("[data-due]")) setInterval(tick, 15000);
for (const region of document.querySelectorAll("[data-live]")) setInterval(() => refresh(region), 20000);
const focused = document.querySelector("[data-focus]");
if (focused) focused.focus();

// Leaving quickly also replaces this page in the history of the browser.
for (const leave of document.querySelectorAll("[data-leave]")) {
  leave.addEventListener("click", (event) => {
    event.preventDefault();
    location.replace(leave.href);
  });
}
